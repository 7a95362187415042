package aep

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const responseLimit = 16 << 20 // bytes, after decompression

var (
	errTooLarge = fmt.Errorf("the response is larger than %d MiB", responseLimit>>20)

	// errEmpty is returned by a decoder if the result is missing.
	errEmpty = errors.New("the platform reported success but returned no result")
)

// decoder converts the result of a successful response, a W, into a T. The W is nil if the response has no
// result.
type decoder[W, T any] func(*W) (T, error)

// anyResult accepts every result. The API document says "SUCCESS", which repeats code 0.
func anyResult(*json.RawMessage) (struct{}, error) { return struct{}{}, nil }

// readBody returns the body of resp, at most responseLimit bytes.
func readBody(resp *http.Response) ([]byte, error) {
	var buffer bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= responseLimit {
		buffer.Grow(int(n) + bytes.MinRead)
	}
	n, err := buffer.ReadFrom(io.LimitReader(resp.Body, responseLimit+1))
	if err != nil {
		return buffer.Bytes(), fmt.Errorf("the response ended early: %s", transportCause(err))
	}
	if n > responseLimit {
		return nil, errTooLarge
	}
	return buffer.Bytes(), nil
}

// envelope is the frame of every response. Result is nil for null and for a missing result.
type envelope[W any] struct {
	Code   *text `json:"code"`
	Msg    text  `json:"msg"`
	Desc   text  `json:"desc"` // some services of the platform use desc for msg
	Result *W    `json:"result"`
}

// openEnvelope parses a response. resultErr is set if only the result has another form than W: the code says
// whether the result matters.
func openEnvelope[W any](body []byte) (frame envelope[W], resultErr, err error) {
	if json.Unmarshal(body, &frame) == nil {
		return frame, nil, nil
	}
	// The usual response is parsed in one pass, because a long list takes long. For any other the result is
	// parsed after the envelope.
	var raw envelope[json.RawMessage]
	if err := json.Unmarshal(body, &raw); err != nil {
		return envelope[W]{}, nil, err
	}
	frame = envelope[W]{Code: raw.Code, Msg: raw.Msg, Desc: raw.Desc}
	if raw.Result != nil && !isEmpty(*raw.Result) {
		resultErr = json.Unmarshal(*raw.Result, &frame.Result)
	}
	return frame, resultErr, nil
}

// interpret returns the result of a response, or the failure that it reports. No other function interprets a
// response.
func interpret[W, T any](s *sanitizer, m *message, resp *http.Response, body []byte, decode decoder[W, T]) (T, *Error) {
	var none T
	if resp.StatusCode/100 != 2 {
		return none, gatewayFailure(s, m, resp, body)
	}
	malformed := func(cause string) *Error {
		failure := m.fail(kindMalformed, errors.New(cause))
		failure.HTTPStatus = resp.StatusCode
		return failure
	}
	quoting := func(failure *Error) *Error {
		if !m.endpoint.service.hasKeys {
			failure.Message = s.sanitize(string(body))
		}
		return failure
	}
	frame, resultErr, err := openEnvelope[W](body)
	switch {
	case err != nil:
		return none, quoting(malformed("the response is not the JSON of the API document"))
	case frame.Code == nil || *frame.Code == "":
		return none, quoting(malformed("the response has no code, so it proves nothing"))
	case *frame.Code != "0":
		return none, refusal(s, m, resp.StatusCode, string(*frame.Code), string(frame.Msg+frame.Desc))
	}
	var result T
	if err = resultErr; err == nil {
		result, err = decode(frame.Result)
	}
	switch {
	case errors.Is(err, errEmpty):
		failure := malformed(err.Error())
		failure.kind = kindEmpty
		return none, failure
	case err != nil:
		return none, malformed("the result does not match the API document: " + resultCause(s, m.endpoint.service, err))
	}
	return result, nil
}

// resultCause returns why a result could not be decoded. It contains no value of a service that has keys.
func resultCause(s *sanitizer, of *service, err error) string {
	if of.hasKeys {
		return decodeCause(err, false) // a name such as apiKey stays
	}
	return s.sanitize(decodeCause(err, true))
}

// refusal returns the failure of a response with a business code other than 0.
func refusal(s *sanitizer, m *message, status int, code, words string) *Error {
	failure := m.fail(kindRefused, nil)
	if code == "429" {
		failure.kind = kindThrottled
	}
	failure.HTTPStatus = status
	failure.Code, failure.Message = s.words(m.endpoint.service, code), s.words(m.endpoint.service, words)
	return failure
}

// gatewayFailure returns the failure of a response with an HTTP status other than 2xx, from the platform's
// gateway or from a proxy.
func gatewayFailure(s *sanitizer, m *message, resp *http.Response, body []byte) *Error {
	failure := m.fail(kindOfStatus(resp.StatusCode), nil)
	failure.HTTPStatus = resp.StatusCode
	if failure.kind == kindRedirected {
		host := "an address it does not name"
		if to, err := resp.Location(); err == nil {
			host = s.words(m.endpoint.service, to.Host)
		}
		failure.Err = fmt.Errorf("unexpected redirect to %s, not followed: signed headers go to the configured endpoint only", host)
		return failure
	}
	failure.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	failure.Code, failure.Message = gatewayWords(s, m.endpoint.service, resp.Header.Get("X-Ag-Message"), body)
	if failure.Message == "" {
		failure.Message = http.StatusText(resp.StatusCode)
	}
	return failure
}

// gatewayWords returns the code and the words of a response from the gateway, "" without any. The words are those of
// the documented members or the header, or else the body. The body may contain the keys of a service that has any.
func gatewayWords(s *sanitizer, of *service, header string, body []byte) (code, words string) {
	var said struct {
		ErrorCode text `json:"error_code"`
		ErrorDesc text `json:"error_desc"`
		Code      text `json:"code"`
		Msg       text `json:"msg"`
	}
	if json.Unmarshal(body, &said) == nil {
		code = s.words(of, string(said.ErrorCode+said.Code))
		words = s.words(of, string(said.ErrorDesc+said.Msg))
	}
	words = cmp.Or(words, s.words(of, header))
	if words == "" && !of.hasKeys && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		words = s.sanitize(string(body))
	}
	return code, words
}
