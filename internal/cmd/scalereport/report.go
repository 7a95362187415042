package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// report is a table of measured rows.
type report struct {
	devices, repeat  int
	latencies        []time.Duration
	log              io.Writer
	program, version string // of Terraform
	folder           string // of all temporary files and the provider
	rows             []row
}

// row is one line of the table. A cell whose value is 0 is empty.
type row struct {
	work          string
	latency       time.Duration
	calls, least  int           // counted, and the fewest that the work needs
	wall, cpu     time.Duration // of Terraform with its providers
	plain         time.Duration // of a plain loop over the client
	memory, state int64         // bytes
}

const introduction = `# Benchmarks

Written by ` + "`make scale`" + ` on %s/%s, %d cores, %s, %s.

Each row is one command of the real Terraform with the provider as it is released. The platform is the simulated one of this repository,
on the same machine, and adds the given latency to each call.

- *Calls* are all calls that the platform counted, in the run with the fewest. *Least* is the number of calls that the work needs.
  Each command also asks once for the clock of the platform. An attach also counts the devices before. Its first calls have fewer ids,
  and it reads back what a refused call has done. A removal also reads the states of the cancelled devices. A list that is cut off
  also counts the whole task, in 12 calls.
- *Plain* is a loop over the provider's own client. It knows the limits of the platform, sends the needed calls with the same
  concurrency, and checks nothing. A device joins one task at a time, so the loop joins the devices of a second platform.
- *CPU* is that of Terraform and its providers. *Memory* is the peak of the largest provider process.
- *State* is the size of the state file, which Terraform reads and writes in every command. Random ids can't be packed further;
  consecutive ids, and ids with a common beginning, take little room.

The platform takes %d ids in a call and %d rows in a page, unless the row says otherwise. It refuses a call with more ids. The
provider knows neither number. It has its default of %d concurrent requests, and no rate limit.

The only public record of live calls has 1 to 3 s for each. Rows above 1 s have a tenth of the devices. Rows with other limits have
latencies below 1 s; a longer latency lengthens them in proportion. After a refused call the provider waits half a
minute, because a list may lag behind. Then it looks which devices have joined. That wait is most of the time of these rows.
Without latency, everything shares the cores of the machine with the simulated platform. Compare ratios within one report.

Each plan ran %d times; the table has the median. Each apply, and each plan at 1 s or more, ran once.

| work | latency | calls | least | wall | plain | wall / plain | CPU | memory | state |
|---|---|---|---|---|---|---|---|---|---|
`

// document returns the report in Markdown.
func (r *report) document() string {
	var b strings.Builder
	fmt.Fprintf(&b, introduction, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), r.version,
		wide.ids, wide.rows, aep.DefaultMaxConcurrentRequests, r.repeat)
	for _, one := range r.rows {
		b.WriteString(one.line() + "\n")
	}
	return b.String()
}

func (r row) line() string {
	ratio := 0.0
	if r.plain > 0 {
		ratio = r.wall.Seconds() / r.plain.Seconds()
	}
	return "| " + strings.Join([]string{
		r.work, r.latency.String(), cell("%d", r.calls), cell("%d", r.least),
		cell("%.2f s", r.wall.Seconds()), cell("%.2f s", r.plain.Seconds()), cell("%.2f", ratio),
		cell("%.2f s", r.cpu.Seconds()), cell("%.1f MB", float64(r.memory)/1e6), cell("%.1f MB", float64(r.state)/1e6),
	}, " | ") + " |"
}

// cell formats a value, and returns "" for 0.
func cell[T int | float64](format string, value T) string {
	if value == 0 {
		return ""
	}
	return fmt.Sprintf(format, value)
}
