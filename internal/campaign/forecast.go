package campaign

import (
	"math"
	"time"
)

// assumedLatency is the latency of a forecast while none is known.
const assumedLatency = time.Second

// singleCalls is how many calls the work on a device set takes apart from batches and pages: the clock, the
// task, and two counts.
const singleCalls = 4

// Work is the work of one change or check of a device set, in numbers of devices.
type Work struct {
	Held   int // on the list of the task before
	Attach int
	Detach int
	Check  int // only looked up
}

// Conditions decide how long work takes.
type Conditions struct {
	BatchSize         int // ids in a call
	PageSize          int // rows in a response
	Concurrency       int // reading calls at once
	RequestsPerSecond float64
	Latency           time.Duration // of one call
	Measured          bool          // the latency was measured, not assumed
}

// Conditions returns the conditions as far as this run knows them. batchSize is 0 if it is not fixed.
func (r *Runner) Conditions(batchSize int) Conditions {
	c := Conditions{
		BatchSize: r.sizes.join.chosen(batchSize, true).next(), PageSize: r.client.PageSize(), Concurrency: r.client.Concurrency(),
		RequestsPerSecond: r.client.RequestsPerSecond(),
	}
	if c.Latency, c.Measured = r.client.Latency(); !c.Measured {
		c.Latency = assumedLatency
	}
	return c
}

// Forecast is how many calls work takes, and how long.
type Forecast struct {
	Batches  int // calls that join or cancel
	Reads    int // calls that look devices up or read pages
	Duration time.Duration
}

// Calls returns the number of all calls.
func (f Forecast) Calls() int { return singleCalls + f.Batches + f.Reads }

// Forecast returns what the work takes:
//
//	batches  = ⌈attach ÷ batch size⌉ + ⌈detach ÷ batch size⌉
//	reads    = the sum of all readings; one reading takes ⌈rows of the list ÷ page size⌉ calls,
//	           or one for each device if that is fewer
//	duration = (single calls + batches) × latency + the sum of ⌈calls of a reading ÷ concurrency⌉ × latency
//
// An attach reads the list of the task afterwards, and also before it if the task holds devices. A detach reads
// that list before it, and again afterwards, or only the cancelled devices if they are fewer than half. A check
// reads the list once. Where the rate limit permits fewer calls than the latency, each of these parts takes its
// calls ÷ requests per second.
//
// Not counted are waits until cancelled devices are final, attempts after a failure, and devices that are not
// known when the work begins.
func (w Work) Forecast(c Conditions) Forecast {
	f := Forecast{Batches: calls(w.Attach, c.BatchSize) + calls(w.Detach, c.BatchSize)}
	f.Duration = c.duration(singleCalls+f.Batches, 1)
	after := w.Held + w.Attach
	for _, reading := range []struct{ devices, rows int }{
		{w.Check, w.Held}, {w.Attach, w.Held}, {w.Attach, after}, {w.Detach, after}, {w.Detach, w.rowsAfterCancel()},
	} {
		n := min(reading.devices, calls(reading.rows, c.PageSize))
		f.Reads += n
		f.Duration += c.duration(n, c.Concurrency)
	}
	return f
}

// rowsAfterCancel returns how many rows show that the devices of a detach are cancelled.
func (w Work) rowsAfterCancel() int {
	if all := w.Held + w.Attach; 2*w.Detach >= all {
		return all
	}
	return w.Detach
}

// calls returns how many calls of a size carry n items. Every call counts as full, also while the size grows.
func calls(n, size int) int { return (n + size - 1) / size }

// duration returns how long n calls take, of which some are under way at once.
func (c Conditions) duration(n, atOnce int) time.Duration {
	took := time.Duration(calls(n, atOnce)) * c.Latency
	if c.RequestsPerSecond > 0 {
		limited := math.Ceil(float64(n) / c.RequestsPerSecond * float64(time.Second))
		took = max(took, time.Duration(limited))
	}
	return took
}
