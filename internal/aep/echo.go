package aep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

const echoTimeout = 10 * time.Second

// echo reads the platform's clock.
type echo struct {
	config    Config
	endpoint  *url.URL
	http      *http.Client
	limits    *limits
	responded *atomic.Bool // as in serviceStates
	sanitizer *sanitizer
}

// offset returns the offset of the platform's clock to this machine's, and observes the attempt.
//
// API: GET /echo, unauthenticated.
func (e *echo) offset(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, min(echoTimeout, e.config.RequestTimeout))
	defer cancel()
	release, err := e.limits.admit(ctx)
	if err != nil {
		return 0, err
	}
	defer release()
	target := *e.endpoint
	target.Path = "/echo"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", e.config.UserAgent)

	start := time.Now()
	offset, status, err := e.exchange(req)
	attempt := Attempt{
		Operation: "Echo", Method: req.Method, Path: target.Path, Number: 1, HTTPStatus: status, Duration: time.Since(start),
	}
	if err != nil {
		attempt.Failure = e.sanitizer.sanitize(err.Error())
	}
	e.config.observe(ctx, attempt)
	return offset, err
}

// exchange sends req. The response has the platform's time in the header x-ag-timestamp. It is assumed to be
// written in the middle of the exchange.
func (e *echo) exchange(req *http.Request) (offset time.Duration, status int, err error) {
	start := time.Now()
	resp, err := e.http.Do(req)
	if err != nil {
		return 0, 0, errors.New(transportCause(err))
	}
	e.responded.Store(true)
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection can be reused
	offset, err = platformOffset(resp.Header.Get("X-Ag-Timestamp"), start, time.Now())
	return offset, resp.StatusCode, err
}

// A number outside these bounds (1973 to 5138) is no time in milliseconds. A time in seconds is far below
// them.
const (
	earliestTimestamp = 1e11
	latestTimestamp   = 1e14
)

// platformOffset returns the offset of a clock that showed header, in Unix milliseconds, between start and
// end.
func platformOffset(header string, start, end time.Time) (time.Duration, error) {
	ms, err := strconv.ParseFloat(header, 64)
	if err != nil || !(ms > earliestTimestamp && ms < latestTimestamp) {
		return 0, fmt.Errorf("the header x-ag-timestamp of /echo is no time: %.40q", header)
	}
	middle := start.Add(end.Sub(start) / 2)
	return time.UnixMilli(int64(ms)).Sub(middle), nil
}
