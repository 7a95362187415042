package aep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// call carries out one operation: lock, sign, send, decode, and again while
// that is safe and of use. Its error is always an *Error.
func call[T any](ctx context.Context, c *Client, m *message, decode decoder[T]) (T, error) {
	var zero T
	end, refusal := c.begin(ctx, m)
	if refusal != nil {
		return zero, refusal
	}
	defer end()
	p := newPace(m.endpoint, &c.outage, c.config.RetryBudget)
	defer func() {
		if p.trial { // the attempt was never made
			c.clock.judgeLocal(untried)
		}
	}()
	attempts := 0
	result, err := backoff.Retry(ctx, func() (T, error) {
		attempts++
		result, failure := attempt(ctx, c, m, p, attempts, decode)
		switch {
		case failure == nil:
			return result, nil
		case failure.kind == kindCanceled && p.last != nil:
			// Nothing was sent this time: what became of the attempt before says more.
			p.last.interrupt(failure.Err)
			return zero, backoff.Permanent(p.last)
		}
		failure.Attempts = attempts
		failure.doubt = p.last != nil && Ambiguous(p.last)
		p.last = failure
		return zero, failure
	}, backoff.WithBackOff(p), backoff.WithMaxElapsedTime(0))
	if err == nil {
		return result, nil
	}
	if cause := context.Cause(ctx); cause != nil && IsTransient(p.last) && !IsCanceled(p.last) {
		p.last.interrupt(cause)
	}
	if (p.last.unconnected() || p.last.kind == kindOutage) && c.outage.silent() {
		p.last.Host, p.last.Proxy = c.endpoint.Host, c.proxyHost()
	}
	return zero, p.last
}

// begin waits until the message may go out at all: writes to one task take turns.
func (c *Client) begin(ctx context.Context, m *message) (end func(), refusal *Error) {
	switch {
	case !m.endpoint.writes():
		return func() {}, nil
	case c.config.ReadOnly:
		return nil, m.fail(kindReadOnly, errors.New("the provider is read-only; nothing was sent"))
	case m.taskID == 0:
		return func() {}, nil
	}
	unlock, err := c.writes.lock(ctx, TaskKey{ProductID: m.productID, TaskID: m.taskID})
	if err != nil {
		return nil, m.fail(kindCanceled, err)
	}
	return unlock, nil
}

// attempt sends the message once.
func attempt[T any](ctx context.Context, c *Client, m *message, p *pace, number int, decode decoder[T]) (T, *Error) {
	var zero T
	if lasted, dead := c.outage.lasting(c.config.RetryBudget); dead && number == 1 {
		return zero, m.fail(kindOutage, fmt.Errorf("not sent: the platform has given nobody a proper answer for %s", lasted.Round(time.Second)))
	}
	offset := c.clock.current(ctx)
	if p.local {
		offset = 0
	}
	release, err := c.admit(ctx)
	if err != nil {
		return zero, m.fail(kindCanceled, err)
	}
	start := time.Now()
	if p.started.IsZero() {
		p.started = start
	}
	result, status, failure := exchange(ctx, c, m, start.Add(offset), decode)
	release()

	seen := Attempt{
		Operation: m.endpoint.operation, Method: m.endpoint.method, Path: basePath + m.endpoint.path,
		ProductID: m.productID, TaskID: m.taskID, Number: number, HTTPStatus: status, Duration: time.Since(start),
	}
	if failure != nil {
		seen.Code, seen.Failure = failure.Code, failure.reason()
	}
	c.observe(ctx, seen)
	if ctx.Err() == nil { // else the failure may be the caller's, not the platform's
		c.outage.note(start, failure)
	}

	c.signAgain(ctx, p, offset, failure)
	return result, failure
}

// signAgain decides whether another timestamp can help after an attempt that was
// signed with an offset. The clock is measured again first; then the clock of this
// machine is tried, for the platform may tell a time that it does not take itself.
func (c *Client) signAgain(ctx context.Context, p *pace, offset time.Duration, failure *Error) {
	unauthorized := failure != nil && failure.HTTPStatus == http.StatusUnauthorized
	if p.trial {
		verdict := untried
		switch {
		case unauthorized:
			verdict = rejected
		case failure == nil || failure.HTTPStatus != 0:
			verdict = accepted
		}
		c.clock.judgeLocal(verdict)
		p.trial = false
	}
	if !unauthorized {
		return
	}
	if !p.moved {
		p.moved = true
		p.resign = c.clock.moved(ctx, offset)
	}
	if !p.resign && !p.local {
		p.local, p.trial = c.clock.tryLocal(ctx, offset)
		p.resign = p.local
	}
}

// exchange sends the message, stamped with the time at, and reads the answer.
func exchange[T any](ctx context.Context, c *Client, m *message, at time.Time, decode decoder[T]) (T, int, *Error) {
	var zero T
	if m.endpoint.writes() {
		var done context.CancelFunc
		ctx, done = shielded(ctx, answerGrace)
		defer done()
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.RequestTimeout)
	defer cancel()
	var way delivery
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, way.trace()), m, at)
	if err != nil {
		return zero, 0, m.fail(kindInvalid, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return zero, 0, m.fail(way.kind(err), errors.New(c.quote(transportCause(err))))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBody(resp)
	if err != nil && resp.StatusCode/100 == 2 {
		failure := m.fail(kindNoAnswer, err)
		failure.HTTPStatus = resp.StatusCode
		if errors.Is(err, errTooLarge) {
			failure.kind = kindMalformed
		}
		return zero, resp.StatusCode, failure
	}
	result, failure := readAnswer(c, m, resp, body, decode)
	if failure != nil {
		failure.Message = strings.ReplaceAll(failure.Message, req.Header.Get("signature"), redacted)
	}
	return result, resp.StatusCode, failure
}

func (m *message) fail(k kind, cause error) *Error {
	return &Error{
		Operation: m.endpoint.operation, ProductID: m.productID, TaskID: m.taskID,
		Err: cause, kind: k, write: m.endpoint.writes(), Attempts: 1,
	}
}

// encodeBody writes a request body; its bytes are signed and sent as they are.
func encodeBody(body any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err) // the bodies are plain structs of this package
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
