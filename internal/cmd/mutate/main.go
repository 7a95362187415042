// Command mutate changes the code of packages in one place at a time and runs
// their tests. It prints the changes that no test notices.
//
// It draws a sample of all such changes, so that it can run often: another seed
// draws another sample. A printed change is a missing test, or it makes no
// difference to a caller.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// run mutates each pattern of packages. Its tests are those of the pattern.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sample := flags.Int("n", 40, "`number` of mutants of each pattern that compile")
	seed := flags.Uint64("seed", 1, "`number` that draws the sample")
	limit := flags.Duration("for", 15*time.Minute, "`duration` after which no further mutant of a pattern is tried")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("name the packages, such as ./internal/aep")
	}
	folder, err := os.MkdirTemp("", "aep-mutate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for _, pattern := range flags.Args() {
		t := &trial{pattern: pattern, folder: folder, sample: *sample, deadline: time.Now().Add(*limit)}
		if err := t.run(ctx, *seed, stdout); err != nil {
			return fmt.Errorf("%s: %w", pattern, err)
		}
	}
	return nil
}

// trial tests the mutants of the packages of one pattern.
type trial struct {
	pattern, folder string
	sample          int
	deadline        time.Time
}

// run prints each mutant that survives, and the numbers of all at the end.
func (t *trial) run(ctx context.Context, seed uint64, stdout io.Writer) error {
	mutants, err := t.mutants(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	output, passed := t.test(ctx, time.Hour)
	if !passed {
		return fmt.Errorf("the tests fail without a mutant:\n%s", output)
	}
	patience := 10*time.Second + 5*time.Since(began) // A mutant may loop forever.
	all := len(mutants)
	var killed, survived int
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // A sample needs no secret.
	random.Shuffle(all, func(i, k int) { mutants[i], mutants[k] = mutants[k], mutants[i] })
	for _, m := range mutants {
		if killed+survived == t.sample || time.Now().After(t.deadline) {
			break
		}
		overlay, err := t.overlay(m)
		if err != nil {
			return err
		}
		output, passed := t.test(ctx, patience, "-overlay", overlay)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case strings.Contains(output, "[build failed]"):
		case passed:
			survived++
			fmt.Fprintln(stdout, m)
		default:
			killed++
		}
	}
	fmt.Fprintf(stdout, "%s: %d of about %d mutants tried with seed %d: %d killed, %d survived\n",
		t.pattern, killed+survived, all, seed, killed, survived)
	return nil
}

// mutants returns all mutants of the files that are not tests.
func (t *trial) mutants(ctx context.Context) ([]mutant, error) {
	const format = `{{range .GoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}`
	list, err := exec.CommandContext(ctx, "go", "list", "-f", format, t.pattern).Output() //nolint:gosec // The caller names the packages.
	if err != nil {
		return nil, err
	}
	var mutants []mutant
	for file := range strings.FieldsSeq(string(list)) {
		found, err := mutantsOf(file)
		if err != nil {
			return nil, err
		}
		mutants = append(mutants, found...)
	}
	return mutants, nil
}

// test runs the tests and returns their output.
func (t *trial) test(ctx context.Context, patience time.Duration, flags ...string) (output string, passed bool) {
	arguments := append([]string{"test", "-count=1", "-failfast", "-vet=off", "-timeout", patience.String()}, flags...)
	command := exec.CommandContext(ctx, "go", append(arguments, t.pattern)...) //nolint:gosec // The caller names the packages.
	combined, err := command.CombinedOutput()
	return string(combined), err == nil
}

// overlay writes the mutated file and returns the file for go's flag -overlay.
func (t *trial) overlay(m mutant) (string, error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	mutated, overlay := filepath.Join(t.folder, "mutated.go"), filepath.Join(t.folder, "overlay.json")
	changed := string(source[:m.start]) + m.after + string(source[m.end:])
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {m.file: mutated}})
	if err != nil {
		return "", err
	}
	return overlay, errors.Join(
		os.WriteFile(mutated, []byte(changed), 0o600), //nolint:gosec // The file is temporary.
		os.WriteFile(overlay, replace, 0o600))
}
