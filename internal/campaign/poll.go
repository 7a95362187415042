package campaign

import (
	"context"
	"time"
)

// schedule returns the pause after the n-th look, counted from 0, and false if no further look follows.
type schedule func(n int) (pause time.Duration, more bool)

// after is a schedule of these pauses.
func after(pauses ...time.Duration) schedule {
	return func(n int) (time.Duration, bool) {
		if n >= len(pauses) {
			return 0, false
		}
		return pauses[n], true
	}
}

// every is an endless schedule of equal pauses.
func every(interval time.Duration) schedule {
	return func(int) (time.Duration, bool) { return interval, true }
}

// doubling is a schedule of pauses that double from first to longest, and end before they exceed patience
// together with the time of the looks. A negative patience has no end.
func doubling(first, longest, patience time.Duration) schedule {
	began := time.Now()
	return func(n int) (time.Duration, bool) {
		pause := min(longest, first<<min(n, 20))
		return pause, patience < 0 || time.Since(began)+pause <= patience
	}
}

// poll looks until look is done or fails, or until the schedule ends, and then returns nil. If ctx ends
// first, its cause is returned.
func poll(ctx context.Context, s schedule, look func() (done bool, err error)) error {
	for n := 0; ; n++ {
		if done, err := look(); done || err != nil {
			return err
		}
		d, more := s(n)
		if !more {
			return nil
		}
		if err := pause(ctx, d); err != nil {
			return err
		}
	}
}

// pause waits, or returns the cause of ctx if that ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
