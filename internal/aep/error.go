package aep

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// kind is what a failed call lets its caller conclude.
type kind int

const (
	kindUnsent     kind = iota // nothing reached the platform
	kindUnresolved             // nothing was sent: the host has no address, as far as one can see
	kindOutage                 // not sent: the platform is known to be dead at present
	kindNoAnswer               // sent; no complete answer came back
	kindGateway                // an answer with an HTTP status other than 2xx
	kindRefused                // a complete answer with a business code other than 0
	kindEmpty                  // success, but without the result that is due
	kindMalformed              // an answer that is not what the document describes
	kindRedirected             // an answer that points elsewhere
	kindReadOnly               // not sent: the client is read-only
	kindInvalid                // not sent: the request itself is wrong
	kindCanceled               // not sent: the caller gave up first
	kindPermanent              // not sent and never will be: the TLS handshake was refused, say
	kindUnreliable             // a listing that never came out whole
)

// Error is a failed call: what was being done, to which object, and what the
// platform said. It never holds a credential or a signature.
type Error struct {
	Operation  string        // the API's own name of the operation
	ProductID  int64         // 0 if the call concerns no product
	TaskID     int64         // 0 if the call concerns no single task
	HTTPStatus int           // 0 if there was no answer
	Code       string        // the platform's own code, "" if it gave none
	Message    string        // the platform's own words, untouched but for control characters and length
	Attempts   int           // how often the call was sent or tried
	RetryAfter time.Duration // how long the platform asked to wait, 0 if it did not
	Err        error         // the cause on this side, nil if the platform's answer says it all
	Host       string        // the endpoint's host, if nothing has ever answered there
	Proxy      string        // the host of the proxy on the way there, "" if there is none

	kind  kind
	write bool
	doubt bool // an earlier attempt of the call left open what became of it
}

// Error says it in one line, the platform's words last.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.TaskID != 0 {
		fmt.Fprintf(&b, " of task %d", e.TaskID)
	}
	if e.ProductID != 0 {
		fmt.Fprintf(&b, " of product %d", e.ProductID)
	}
	b.WriteString(": ")
	b.WriteString(e.reason())
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; the platform asks to wait %s", e.RetryAfter)
	}
	return b.String()
}

// interrupt adds that the call was not tried further, and why.
func (e *Error) interrupt(cause error) {
	if e.Err == nil {
		e.Err = fmt.Errorf("given up: %w", cause)
		return
	}
	e.Err = fmt.Errorf("%w; given up: %w", e.Err, cause)
}

func (e *Error) reason() string {
	switch {
	case e.kind == kindCanceled:
		return "not sent: " + e.Err.Error()
	case e.Host != "" && e.Proxy != "":
		return fmt.Sprintf("nothing answers at %s through the proxy %s: %v", e.Host, e.Proxy, e.Err)
	case e.Host != "":
		return fmt.Sprintf("nothing answers at %s: %v", e.Host, e.Err)
	}
	var said string
	switch {
	case e.Code != "" && e.Message != "":
		said = fmt.Sprintf("code %s: %s", e.Code, e.Message)
	case e.Code != "":
		said = "code " + e.Code
	default:
		said = e.Message
	}
	if e.HTTPStatus != 0 && e.HTTPStatus != http.StatusOK {
		status := "HTTP " + strconv.Itoa(e.HTTPStatus)
		if said == "" {
			said = status
		} else {
			said = status + ", " + said
		}
	}
	switch {
	case e.Err != nil && said != "":
		return e.Err.Error() + " (" + said + ")"
	case e.Err != nil:
		return e.Err.Error()
	case said == "":
		return "no reason given"
	}
	return said
}

func (e *Error) Unwrap() error { return e.Err }

// Ambiguous reports whether err leaves open if the platform carried the call
// out. It is never true of a read.
func Ambiguous(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.write {
		return false
	}
	switch e.kind {
	case kindNoAnswer, kindEmpty, kindMalformed:
		return true
	case kindGateway:
		return e.doubt || e.HTTPStatus >= http.StatusInternalServerError || e.HTTPStatus == http.StatusRequestTimeout
	default:
		return e.doubt
	}
}

// IsRefused reports whether the platform understood the call and declined it
// with a business code of its own.
func IsRefused(err error) bool { return isKind(err, kindRefused) && !IsThrottled(err) }

// MaybeGone reports whether err is what the platform may answer for a task that
// does not exist: a business error or an empty result. The document does not
// say which, so only a listing without the task proves that it is gone.
func MaybeGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !IsThrottled(err) && (e.kind == kindRefused || e.kind == kindEmpty)
}

// IsBadRequest reports that the gateway found fault with the call itself: its
// form, its content or its size.
func IsBadRequest(err error) bool {
	return hasStatus(err, http.StatusBadRequest) || hasStatus(err, http.StatusRequestEntityTooLarge) ||
		hasStatus(err, http.StatusUnprocessableEntity)
}

// IsUnauthorized reports whether the platform did not accept the credentials.
func IsUnauthorized(err error) bool {
	return hasStatus(err, http.StatusUnauthorized) || hasStatus(err, http.StatusForbidden)
}

// IsUnknownApplication reports an HTTP 404, with which the platform's gateway
// answers a wrong app key or a wrong address; never a missing task.
func IsUnknownApplication(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsThrottled reports whether the platform asked for fewer calls. The call was
// not carried out.
func IsThrottled(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.HTTPStatus == http.StatusTooManyRequests || e.kind == kindRefused && e.Code == "429")
}

// IsReadOnly reports a write that was not sent because the client is read-only.
func IsReadOnly(err error) bool { return isKind(err, kindReadOnly) }

// IsUnreliable reports a listing that changed or contradicted itself at every try.
func IsUnreliable(err error) bool { return isKind(err, kindUnreliable) }

// IsCanceled reports a call that ended because its context did.
func IsCanceled(err error) bool {
	return isKind(err, kindCanceled) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// IsUnreachable reports that no connection to the endpoint came about, where nothing
// has answered to this client before: its address may be wrong.
func IsUnreachable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Host != ""
}

// unconnected reports whether the call ended for want of a connection.
func (e *Error) unconnected() bool { return e.kind == kindUnsent || e.kind == kindUnresolved }

// IsTransient reports a failure that says nothing about the call itself: the
// platform could not be reached, was busy or broken.
func IsTransient(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.kind {
	case kindUnsent, kindUnresolved, kindOutage, kindNoAnswer, kindMalformed:
		return true
	case kindGateway:
		return e.HTTPStatus >= http.StatusInternalServerError || IsThrottled(err)
	default:
		return IsThrottled(err)
	}
}

func isKind(err error, k kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.kind == k
}

func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.kind == kindGateway && e.HTTPStatus == status
}
