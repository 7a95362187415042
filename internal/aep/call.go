package aep

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

const writeGrace = 10 * time.Second // for a write that is under way when its context ends

// call carries out one operation: lock, sign, send, decode, and retry as the retry policy permits. Its error
// is always an *Error.
func call[W, T any](ctx context.Context, c *Client, m message, decode decoder[W, T]) (T, error) {
	var none T
	if err := c.config.missing(); err != nil {
		return none, m.fail(kindInvalid, err)
	}
	unlock, refused := c.lockTask(ctx, &m)
	if refused != nil {
		return none, refused
	}
	defer unlock()
	p := newRetryPolicy(&m, &c.services.of(m.endpoint.service).breaker, c.config.RetryBudget)
	signing := &callClock{clock: c.clock}
	defer signing.end(untried)
	result, err := backoff.Retry(ctx, func() (T, error) {
		result, failure := attempt(ctx, c, &m, p, signing, decode)
		switch {
		case failure == nil:
			return result, nil
		case failure.kind == kindCanceled && p.last != nil:
			// This attempt sent nothing, so the failure of the earlier attempt says more.
			p.last.interrupt(failure.Err)
			return none, backoff.Permanent(p.last)
		}
		failure.Attempts = p.attempts
		failure.doubt = p.last != nil && Ambiguous(p.last)
		p.last = failure
		return none, failure
	}, backoff.WithBackOff(p), backoff.WithMaxElapsedTime(0))
	if err == nil {
		return result, nil
	}
	return none, c.complete(ctx, p.last)
}

// complete adds to the last failure of a call why the call was not tried again.
func (c *Client) complete(ctx context.Context, failure *Error) *Error {
	if cause := context.Cause(ctx); cause != nil && IsTransient(failure) && !IsCanceled(failure) {
		failure.interrupt(cause)
	}
	if (failure.meaning().unconnected || failure.kind == kindBreakerOpen) && !c.services.responded.Load() {
		failure.Host, failure.Proxy = c.endpoint.Host, proxyHost(c.http.Transport, c.endpoint)
	}
	return failure
}

// write carries out an operation without a result.
func (c *Client) write(ctx context.Context, m message) error {
	_, err := call(ctx, c, m, anyResult)
	return err
}

// lockTask refuses writes of a read-only client. A write to a task waits until no other write to it is under
// way.
func (c *Client) lockTask(ctx context.Context, m *message) (unlock func(), refused *Error) {
	switch {
	case !m.endpoint.writes:
		return func() {}, nil
	case c.config.ReadOnly:
		return nil, m.fail(kindReadOnly, errors.New("not sent: the client is read-only"))
	case m.taskID == 0:
		return func() {}, nil
	}
	unlock, err := c.writes.Lock(ctx, TaskKey{ProductID: m.productID, TaskID: m.taskID}, syncs.Exclusive)
	if err != nil {
		return nil, m.fail(kindCanceled, err)
	}
	return unlock, nil
}

// attempt sends the message once and records the outcome.
func attempt[W, T any](
	ctx context.Context, c *Client, m *message, p *retryPolicy, signing *callClock, decode decoder[W, T],
) (T, *Error) {
	var none T
	p.attempts++
	if lasted, open := p.breaker.isOpen(c.config.RetryBudget); open && p.attempts == 1 {
		return none, m.fail(kindBreakerOpen, fmt.Errorf(
			"not sent: no successful response from the platform for %s", lasted.Round(time.Second)))
	}
	offset := signing.offset(ctx)
	release, err := c.limits.admit(ctx)
	if err != nil {
		return none, m.fail(kindCanceled, err)
	}
	start := time.Now()
	if p.started.IsZero() {
		p.started = start
	}
	result, status, failure := exchange(ctx, c, m, start.Add(offset), decode)
	release()

	done := Attempt{
		Operation: m.endpoint.operation, Method: m.endpoint.method, Path: m.endpoint.fullPath(),
		ProductID: m.productID, TaskID: m.taskID, Number: p.attempts, HTTPStatus: status, Duration: time.Since(start),
	}
	if failure != nil {
		done.Code, done.Failure = failure.Code, failure.reason()
		failure.Keys = c.config.keys(m.productID)
	}
	c.config.observe(ctx, done)
	c.services.of(m.endpoint.service).latencies.record(done.Duration, failure)
	if ctx.Err() == nil { // otherwise the caller may have caused the failure
		p.breaker.record(start, failure)
	}
	p.signAgain = signing.judge(ctx, offset, failure)
	return result, failure
}

// exchange sends the message, signed with the timestamp at, and interprets the response. status is 0 without
// a response.
func exchange[W, T any](
	ctx context.Context, c *Client, m *message, at time.Time, decode decoder[W, T],
) (result T, status int, failure *Error) {
	if m.endpoint.writes {
		var done context.CancelFunc
		ctx, done = Outlive(ctx, writeGrace)
		defer done()
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.RequestTimeout)
	defer cancel()
	var sent delivery
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, sent.trace()), m, at)
	if err != nil {
		return result, 0, m.fail(kindInvalid, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return result, 0, m.fail(sent.kind(err), errors.New(c.sanitizer.sanitize(transportCause(err))))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBody(resp)
	if err != nil && resp.StatusCode/100 == 2 {
		failure = m.fail(kindNoResponse, err)
		failure.HTTPStatus = resp.StatusCode
		if errors.Is(err, errTooLarge) {
			failure.kind = kindMalformed
		}
		return result, resp.StatusCode, failure
	}
	result, failure = interpret(c.sanitizer, m, resp, body, decode)
	if failure != nil {
		failure.Message = strings.ReplaceAll(failure.Message, req.Header.Get("signature"), redacted)
	}
	return result, resp.StatusCode, failure
}
