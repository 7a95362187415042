package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

const introduction = `# Benchmarks

Written by ` + "`make scale`" + `, on %s.

How to read it: every row is a command of the real Terraform with the provider as it is released, against the simulated platform
of this repository, on the same machine, with the given latency for each call.

- *Calls* are all that the platform counted, *least* those that the work can't do without. One of every run asks for the platform's
  clock. A removal also reads what became of the devices; a list that leaves rows out also counts the whole task, in 12 calls.
- *Bare* is a loop in a process of its own that signs, sends and decodes the same calls with the same concurrency and checks nothing.
- *Idle* is the same command with a provider that does nothing; in the rows of one device set it carries as much state, and the note
  has the time without that. What a provider keeps, Terraform itself reads and writes in every run: that time depends on the size of
  the state alone, and random ids can't be packed further. Ids in a row or with a common beginning take next to none.
- *Own / bare* is what the provider adds to *idle*, over what the bare loop takes.
- *CPU* is that of Terraform and all its providers, *RSS* the peak of the largest provider process.

Ratios are within one run, where all that is compared takes turns: compare them, not the seconds, with those of another machine.
At no latency everything shares the machine's cores with the simulated platform.

%d devices, pages of %d rows, batches of %d ids, %d requests at once, no limit on the rate; plans are the median of %d runs.

| work | latency | calls | least | wall | bare | wall / bare | idle | wall / idle | own / bare | CPU | idle CPU | RSS | state | |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
`

// text is the report in Markdown.
func (r *report) text(ctx context.Context) (string, error) {
	machine, err := describeMachine(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, introduction, machine, r.devices, r.pageSize, batchSize, r.concurrency, r.repeat)
	for _, one := range r.rows {
		b.WriteString(one.line() + "\n")
	}
	return b.String(), nil
}

func (r row) line() string {
	cells := []string{
		r.work, r.latency.String(), number(r.calls), number(r.least),
		seconds(r.wall), seconds(r.bare), ratio(r.wall, r.bare), seconds(r.idle), ratio(r.wall, r.idle), r.own(),
		seconds(r.cpu), seconds(r.idleCPU), megabytes(r.rss), megabytes(r.state), r.note,
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// own is the ratio to the bare loop of what the provider adds to Terraform.
func (r row) own() string {
	if r.idle == 0 {
		return ""
	}
	return ratio(r.wall-r.idle, r.bare)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func seconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func ratio(a, b time.Duration) string {
	if a == 0 || b == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", a.Seconds()/b.Seconds())
}

func megabytes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// describeMachine says what the figures depend on, and nothing that would tell
// one machine from another of its kind.
func describeMachine(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "terraform", "version", "-json").Output()
	if err != nil {
		return "", err
	}
	var terraform struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &terraform); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s/%s, %d cores, %s of memory, %s, Terraform %s",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), memory(), runtime.Version(), terraform.Version), nil
}

func memory() string {
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "an unknown amount"
	}
	var kilobytes int64
	if _, err := fmt.Sscanf(string(content), "MemTotal: %d kB", &kilobytes); err != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("%d GB", (kilobytes+1<<19)>>20)
}
