package aep

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/cenkalti/backoff/v5"
)

const (
	responseLimit = 16 << 20 // bytes, after decompression
	messageLimit  = 200      // characters of the platform's words that an error repeats
)

// errEmpty is returned by a decoder for a success without the result that is due.
var errEmpty = errors.New("the platform reported success but returned no result")

// decoder turns the result member of a successful answer into a T.
type decoder[T any] func(json.RawMessage) (T, error)

// call carries out one operation: lock, sign, send, decode, and again while
// that is safe and of use. Its error is always an *Error.
func call[T any](ctx context.Context, c *Client, m *message, decode decoder[T]) (T, error) {
	var zero T
	if m.endpoint.writes() {
		if c.config.ReadOnly {
			return zero, m.fail(kindReadOnly, errors.New("the provider is read-only; nothing was sent"))
		}
		if m.taskID != 0 {
			unlock, err := c.writes.lock(ctx, TaskKey{ProductID: m.productID, TaskID: m.taskID})
			if err != nil {
				return zero, m.fail(kindCanceled, err)
			}
			defer unlock()
		}
	}
	p := newPace(m.endpoint, &c.outage, c.config.RetryBudget)
	attempts := 0
	result, err := backoff.Retry(ctx, func() (T, error) {
		attempts++
		result, failure := attempt(ctx, c, m, p, attempts, decode)
		p.last = failure
		if failure != nil {
			failure.Attempts = attempts
			return zero, failure
		}
		return result, nil
	}, backoff.WithBackOff(p), backoff.WithMaxElapsedTime(0))
	if err == nil {
		return result, nil
	}
	failure := p.last
	if cause := context.Cause(ctx); cause != nil && failure.kind != kindCanceled {
		failure.Err = interrupted(failure.Err, cause)
	}
	return zero, failure
}

func interrupted(failure, cause error) error {
	if failure == nil {
		return fmt.Errorf("given up: %w", cause)
	}
	return fmt.Errorf("%w; given up: %w", failure, cause)
}

// attempt sends the message once.
func attempt[T any](ctx context.Context, c *Client, m *message, p *pace, number int, decode decoder[T]) (T, *Error) {
	var zero T
	offset := c.clock.current(ctx)
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
	c.outage.note(start, failure)

	if failure != nil && failure.HTTPStatus == http.StatusUnauthorized && p.resigns < resignOnceMax {
		p.resign = c.clock.moved(ctx, offset)
	}
	return result, failure
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
	var sent atomic.Bool
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	}), m, at)
	if err != nil {
		return zero, 0, m.fail(kindInvalid, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return zero, 0, m.fail(transportKind(err, sent.Load()), c.transportError(err))
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
	return result, resp.StatusCode, failure
}

// envelope is the frame of every answer.
type envelope struct {
	Code   *text           `json:"code"`
	Msg    text            `json:"msg"`
	Desc   text            `json:"desc"` // some services of the platform say desc for msg
	Result json.RawMessage `json:"result"`
}

// readAnswer is the one place that interprets what the platform answered.
func readAnswer[T any](c *Client, m *message, resp *http.Response, body []byte, decode decoder[T]) (T, *Error) {
	var zero T
	switch {
	case resp.StatusCode/100 == 3:
		return zero, m.redirected(resp)
	case resp.StatusCode/100 != 2:
		return zero, c.gatewayError(m, resp, body)
	}
	failure := m.fail(kindMalformed, nil)
	failure.HTTPStatus = resp.StatusCode
	var frame envelope
	if err := json.Unmarshal(body, &frame); err != nil {
		failure.Err = errors.New("the answer is not the JSON that the API documents")
		failure.Message = c.quote(string(body))
		return zero, failure
	}
	if frame.Code == nil || *frame.Code == "" {
		failure.Err = errors.New("the answer has no code, so it proves nothing")
		failure.Message = c.quote(string(body))
		return zero, failure
	}
	if *frame.Code != "0" {
		failure.kind = kindRefused
		failure.Code = c.quote(string(*frame.Code))
		failure.Message = c.quote(string(frame.Msg + frame.Desc))
		return zero, failure
	}
	result, err := decode(frame.Result)
	switch {
	case errors.Is(err, errEmpty):
		failure.kind = kindEmpty
		failure.Err = err
		return zero, failure
	case err != nil:
		failure.Err = fmt.Errorf("the answer's result is not as the API documents it: %w", err)
		return zero, failure
	}
	return result, nil
}

// gatewayError reads an answer of the platform's gateway or of a proxy: its
// message stands in a header, in a small JSON object, or in a page.
func (c *Client) gatewayError(m *message, resp *http.Response, body []byte) *Error {
	failure := m.fail(kindGateway, nil)
	failure.HTTPStatus = resp.StatusCode
	failure.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	var said struct {
		ErrorCode text `json:"error_code"`
		ErrorDesc text `json:"error_desc"`
		Code      text `json:"code"`
		Msg       text `json:"msg"`
	}
	if json.Unmarshal(body, &said) == nil {
		failure.Code = c.quote(string(said.ErrorCode + said.Code))
		failure.Message = c.quote(string(said.ErrorDesc + said.Msg))
	}
	if failure.Message == "" {
		failure.Message = c.quote(resp.Header.Get("X-Ag-Message"))
	}
	if failure.Message == "" && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		failure.Message = c.quote(string(body))
	}
	if failure.Message == "" {
		failure.Message = http.StatusText(resp.StatusCode)
	}
	return failure
}

func (m *message) redirected(resp *http.Response) *Error {
	host := "an address it does not name"
	if to, err := resp.Location(); err == nil {
		host = to.Host
	}
	failure := m.fail(kindRedirected, fmt.Errorf("unexpected redirect to %s, not followed: signed headers go to the configured endpoint only", host))
	failure.HTTPStatus = resp.StatusCode
	return failure
}

func (m *message) fail(k kind, cause error) *Error {
	return &Error{
		Operation: m.endpoint.operation, ProductID: m.productID, TaskID: m.taskID,
		Err: cause, kind: k, write: m.endpoint.writes(), Attempts: 1,
	}
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", responseLimit>>20)

func readBody(resp *http.Response) ([]byte, error) {
	var buffer bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= responseLimit {
		buffer.Grow(int(n) + bytes.MinRead)
	}
	n, err := buffer.ReadFrom(io.LimitReader(resp.Body, responseLimit+1))
	if err != nil {
		return buffer.Bytes(), fmt.Errorf("the answer broke off: %s", transportCause(err))
	}
	if n > responseLimit {
		return nil, errTooLarge
	}
	return buffer.Bytes(), nil
}

func transportKind(err error, sent bool) kind {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return kindPermanent
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return kindPermanent
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return kindPermanent
	}
	if sent {
		return kindNoAnswer
	}
	return kindUnsent
}

// transportError keeps the cause of a failed round trip without the URL.
func (c *Client) transportError(err error) error {
	return errors.New(c.quote(transportCause(err)))
}

func transportCause(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the answer was complete"
	}
	return err.Error()
}

// quote makes foreign text fit for a diagnostic: valid, free of control
// characters and credentials, and short.
func (c *Client) quote(s string) string {
	s = c.redact(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) > messageLimit {
		return string(runes[:messageLimit]) + "…"
	}
	return s
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
