package aep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	clockLifetime  = 5 * time.Minute  // how long a measured offset is trusted, as in the vendor's clients
	clockPatience  = 10 * time.Second // for one measurement
	clockTolerance = 2 * time.Second  // a smaller move of the offset can't be why a timestamp was refused
	clockPause     = 10 * time.Second // between re-measurements that found nothing
)

// clock knows how far the platform's clock is ahead of this machine's. The
// offset is measured at first use; when that fails it stays as it was, 0 at first.
type clock struct {
	measure func(context.Context) (time.Duration, error)

	mu       sync.Mutex
	offset   time.Duration
	measured time.Time     // when the last measurement ended, well or not
	settled  time.Time     // when a re-measurement last found the offset unchanged
	busy     chan struct{} // closed when the measurement under way ends
	local    verdict       // on the clock of this machine
	trial    chan struct{} // closed when the trial of that clock ends
}

// verdict is what is known of a clock.
type verdict int

const (
	untried  verdict = iota
	accepted         // the platform takes its timestamps, and not those that it asks for
	rejected         // the platform takes its timestamps no more than the others
)

// current returns the offset, measuring it first if it is not known or too old.
func (k *clock) current(ctx context.Context) time.Duration {
	k.mu.Lock()
	if k.local == accepted || !k.measured.IsZero() && time.Since(k.measured) < clockLifetime {
		defer k.mu.Unlock()
		return k.offset
	}
	k.mu.Unlock()
	k.refresh(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.offset
}

// moved re-measures the clock after a timestamp made with the offset used was
// refused, and reports whether signing again can help.
func (k *clock) moved(ctx context.Context, used time.Duration) bool {
	k.mu.Lock()
	if (k.offset - used).Abs() > clockTolerance {
		k.mu.Unlock()
		return true // another call has re-measured since
	}
	if !k.settled.IsZero() && time.Since(k.settled) < clockPause {
		k.mu.Unlock()
		return false
	}
	k.mu.Unlock()
	k.refresh(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if (k.offset - used).Abs() > clockTolerance {
		return true
	}
	if ctx.Err() == nil {
		k.settled = time.Now()
	}
	return false
}

// tryLocal reports whether the clock of this machine is worth an attempt, after a
// timestamp made with the offset used was refused. One call makes that attempt, and
// reports with judgeLocal what came of it; the others wait for it.
func (k *clock) tryLocal(ctx context.Context, used time.Duration) (worth, mine bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.trial != nil {
		trial := k.trial
		k.mu.Unlock()
		select {
		case <-trial:
		case <-ctx.Done():
		}
		k.mu.Lock()
		if ctx.Err() != nil {
			return false, false
		}
	}
	if used.Abs() <= clockTolerance || k.local == rejected {
		return false, false
	}
	if k.local == accepted {
		return true, false
	}
	k.trial = make(chan struct{})
	return true, true
}

// judgeLocal ends the trial of the clock of this machine.
func (k *clock) judgeLocal(v verdict) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.local = v; v == accepted {
		k.offset = 0
	}
	close(k.trial)
	k.trial = nil
}

// refresh measures the offset; callers that arrive meanwhile share the result.
func (k *clock) refresh(ctx context.Context) {
	k.mu.Lock()
	// A measurement whose caller gives up settles nothing: the next one takes over.
	for before := k.measured; k.busy != nil; {
		busy := k.busy
		k.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return
		}
		k.mu.Lock()
		if k.measured != before {
			k.mu.Unlock()
			return
		}
	}
	busy := make(chan struct{})
	k.busy = busy
	k.mu.Unlock()

	offset, err := k.measure(ctx)

	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		k.offset = offset
		if k.local == accepted {
			k.local = untried
		}
	}
	if ctx.Err() == nil {
		k.measured = time.Now() // a failure is not asked again at every call
	}
	k.busy = nil
	close(busy)
}

// measureOffset asks the platform for its time. The answer carries it in the
// header x-ag-timestamp, in milliseconds; the middle of the call is taken as
// the moment it was written.
//
// API: GET /echo, unauthenticated.
func (c *Client) measureOffset(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, min(clockPatience, c.config.RequestTimeout))
	defer cancel()
	release, err := c.admit(ctx)
	if err != nil {
		return 0, err
	}
	defer release()

	target := *c.endpoint
	target.Path = "/echo"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", c.config.UserAgent)

	start := time.Now()
	attempt := Attempt{Operation: "Echo", Method: req.Method, Path: target.Path, Number: 1}
	offset, err := func() (time.Duration, error) {
		resp, err := c.http.Do(req)
		if err != nil {
			return 0, errors.New(transportCause(err))
		}
		c.outage.answer()
		defer func() { _ = resp.Body.Close() }()
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // lets the connection be reused
		attempt.HTTPStatus = resp.StatusCode
		return platformOffset(resp.Header.Get("X-Ag-Timestamp"), start, time.Now())
	}()
	attempt.Duration = time.Since(start)
	if err != nil {
		attempt.Failure = err.Error()
	}
	c.observe(ctx, attempt)
	return offset, err
}

// A number outside these bounds (1973 to 5138) is no time in milliseconds; a
// time in seconds, for one, is far below.
const (
	earliestStamp = 1e11
	latestStamp   = 1e14
)

// platformOffset is the offset of a clock that showed header, in Unix
// milliseconds, between start and end.
func platformOffset(header string, start, end time.Time) (time.Duration, error) {
	ms, err := strconv.ParseFloat(header, 64)
	if err != nil || !(ms > earliestStamp && ms < latestStamp) {
		return 0, fmt.Errorf("the header x-ag-timestamp of /echo is no time: %.40q", header)
	}
	middle := start.Add(end.Sub(start) / 2)
	return time.UnixMilli(int64(ms)).Sub(middle), nil
}
