package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

// fleet is a platform with one task, and a folder with a Terraform
// configuration of it. After the first error, its methods do nothing.
type fleet struct {
	*report
	*platform
	twin      *platform // with the same devices, for plain loops that write
	terraform *cli.CLI
	err       error // the first error
}

// command is a Terraform command with its expected exit code.
type command struct {
	exitCode  int
	arguments []string
}

var (
	apply       = command{0, []string{"apply", "-auto-approve", "-no-color"}}
	planNothing = command{0, []string{"plan", "-detailed-exitcode", "-no-color"}}
	planChanges = command{cli.ChangesPlanned, planNothing.arguments}
)

// fromFile is the argument of a device set with its devices.
const fromFile = `device_ids_file = "devices.txt"`

// with calls use with a new fleet, whose configuration is one device set of all
// devices. It returns the first error of the fleet.
func (r *report) with(ctx context.Context, s setup, use func(*fleet)) error {
	p, err := newPlatform(ctx, s)
	if err != nil {
		return err
	}
	defer p.Close()
	twin, err := newPlatform(ctx, s)
	if err != nil {
		return err
	}
	defer twin.Close()
	twin.setLatency(s.latency)
	folder, err := os.MkdirTemp(r.folder, "run-")
	if err != nil {
		return err
	}
	f := &fleet{report: r, platform: p, twin: twin}
	if f.terraform, err = cli.New(ctx, r.program, folder, r.folder, p.environment()); err != nil {
		return err
	}
	r.version = f.terraform.Name
	f.writeIDs(p.ids)
	f.configure(f.deviceSet("fleet", fromFile, ""))
	use(f)
	return f.err
}

func (f *fleet) try(err error) { f.err = cmp.Or(f.err, err) }

func (f *fleet) write(file, content string) {
	if f.err == nil {
		f.err = os.WriteFile(filepath.Join(f.terraform.Folder, file), []byte(content), 0o600)
	}
}

// writeIDs replaces the list of devices that the device set reads.
func (f *fleet) writeIDs(ids []string) { f.write("devices.txt", strings.Join(ids, "\n")+"\n") }

// configure replaces the configuration.
func (f *fleet) configure(blocks ...string) {
	f.write("main.tf", "terraform {\n  required_providers {\n    aep = { source = \"ctwing/aep\" }\n  }\n}\n\n"+strings.Join(blocks, "\n"))
}

// deviceSet returns the configuration of a device set. ids is the argument with the devices.
func (f *fleet) deviceSet(label, ids, arguments string) string {
	return f.block(`resource "aep_upgrade_devices" "`+label+`"`, ids+"\n  "+arguments)
}

// block returns the configuration of an object of the task.
func (f *fleet) block(head, arguments string) string {
	return fmt.Sprintf("%s {\n  product_id = %d\n  task_id = %d\n  %s\n}\n", head, f.key.ProductID, f.key.TaskID, arguments)
}

// apply applies a configuration without latency, and measures nothing.
func (f *fleet) apply(ctx context.Context, blocks ...string) {
	f.configure(blocks...)
	f.setLatency(0)
	_, _ = f.run(ctx, apply)
}

// run runs a command and returns the peak memory of the largest provider
// process in bytes. Another exit code and a warning about devices are errors.
func (f *fleet) run(ctx context.Context, c command) (result cli.Result, memory int64) {
	if f.err != nil {
		return cli.Result{}, 0
	}
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- peakMemory(f.folder, stop) }()
	result, f.err = f.terraform.Run(ctx, c.arguments...)
	close(stop)
	if f.err == nil && (result.ExitCode != c.exitCode || strings.Contains(result.Output, "Warning: Devices")) {
		f.err = fmt.Errorf("terraform %s ended with exit code %d:\n%s", c.arguments[0], result.ExitCode, result.Output)
	}
	return result, <-peak
}

// measure runs a command and adds a row. A plan below a second of latency runs
// several times, and the row has the medians. The plain loop, which may be nil,
// runs before each command: a busy machine slows both down.
func (f *fleet) measure(ctx context.Context, one row, c command, loop func(context.Context) error) {
	var (
		calls            []int
		wall, cpu, plain []time.Duration
	)
	f.setLatency(f.latency)
	times := f.repeat
	if c.arguments[0] == apply.arguments[0] || f.latency >= time.Second {
		times = 1
	}
	for range times {
		if loop != nil && f.err == nil {
			began := time.Now()
			f.err = loop(ctx)
			plain = append(plain, time.Since(began))
		}
		f.calls.Store(0)
		result, memory := f.run(ctx, c)
		one.memory = max(one.memory, memory)
		calls, wall, cpu = append(calls, int(f.calls.Load())), append(wall, result.Wall), append(cpu, result.CPU)
	}
	// The provider keeps a list for half a second: a run on a busy machine reads it twice.
	one.calls = slices.Min(calls)
	one.latency, one.wall, one.cpu, one.plain = f.latency, median(wall), median(cpu), median(plain)
	if info, err := os.Stat(filepath.Join(f.terraform.Folder, "terraform.tfstate")); err == nil {
		one.state = info.Size()
	}
	if f.err == nil {
		f.rows = append(f.rows, one)
		fmt.Fprintln(f.log, one.line())
	}
}

func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// peakMemory watches all processes of programs in a folder until stop is closed.
// It returns the largest resident size in bytes, and 0 without /proc.
func peakMemory(folder string, stop <-chan struct{}) (peak int64) {
	for began := time.Now(); ; {
		programs, _ := filepath.Glob("/proc/[0-9]*/exe") // The pattern is valid.
		for _, program := range programs {
			if target, _ := os.Readlink(program); !strings.HasPrefix(target, folder) {
				continue
			}
			status, _ := os.ReadFile(filepath.Join(filepath.Dir(program), "status")) // A process may have ended meanwhile.
			_, size, _ := bytes.Cut(status, []byte("\nVmHWM:"))
			var kilobytes int64
			_, _ = fmt.Sscan(string(size), &kilobytes) // 0 if the kernel has another format.
			peak = max(peak, kilobytes<<10)
		}
		select {
		case <-stop:
			return peak
		// The kernel keeps the peak, so a last look shortly before the end is enough.
		case <-time.After(20*time.Millisecond + time.Since(began)/50):
		}
	}
}
