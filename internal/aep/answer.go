package aep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const responseLimit = 16 << 20 // bytes, after decompression

var (
	errTooLarge = fmt.Errorf("the answer is larger than %d MiB", responseLimit>>20)

	// errEmpty is returned by a decoder for a success without the result that is due.
	errEmpty = errors.New("the platform reported success but returned no result")
)

// decoder turns a successful answer into a T.
type decoder[T any] struct {
	// result reads the answer's member of that name.
	result func(json.RawMessage) (T, error)
	// answer, if there is one, reads the whole answer in one go, or declines
	// where anything is out of the ordinary. A long list is half the work so.
	answer func(body []byte) (T, bool)
}

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
		return zero, c.redirected(m, resp)
	case resp.StatusCode/100 != 2:
		return zero, c.gatewayError(m, resp, body)
	}
	if decode.answer != nil {
		if result, ok := decode.answer(body); ok {
			return result, nil
		}
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
	result, err := decode.result(frame.Result)
	switch {
	case errors.Is(err, errEmpty):
		failure.kind = kindEmpty
		failure.Err = err
		return zero, failure
	case err != nil:
		failure.Err = errors.New("the answer's result is not as the API documents it: " + c.quote(decodeCause(err)))
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

func (c *Client) redirected(m *message, resp *http.Response) *Error {
	host := "an address it does not name"
	if to, err := resp.Location(); err == nil {
		host = c.quote(to.Host)
	}
	failure := m.fail(kindRedirected, fmt.Errorf("unexpected redirect to %s, not followed: signed headers go to the configured endpoint only", host))
	failure.HTTPStatus = resp.StatusCode
	return failure
}
