package aep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a failed call: the operation, its object, and the platform's words. It never contains a credential
// or a signature.
type Error struct {
	Service    string        // name of the service for look-ups, "" for the upgrade API
	Operation  string        // name of the operation in the API document
	ProductID  int64         // 0 if the call concerns no product
	TaskID     int64         // 0 if the call concerns no single task
	HTTPStatus int           // 0 without a response
	Code       string        // the platform's code, "" without one
	Message    string        // the platform's words, sanitized
	Attempts   int           // attempts of the call, at least 1
	RetryAfter time.Duration // value of the Retry-After header, 0 without one
	Err        error         // cause on this side, nil if the response is the cause
	Host       string        // host of the endpoint, if it has never responded to this client
	Proxy      string        // host of the proxy to it, "" without one
	Keys       Keys          // where the keys of the call were set

	kind      kind
	write     bool
	masterKey bool // the operation declares MasterKey
	doubt     bool // an earlier attempt of the call may have been carried out
}

// Error returns one line, with the platform's words last.
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

// Unwrap returns the cause on this side, which may be nil.
func (e *Error) Unwrap() error { return e.Err }

// interrupt adds to the error why the call was not tried again.
func (e *Error) interrupt(cause error) {
	if e.Err == nil {
		e.Err = fmt.Errorf("given up: %w", cause)
		return
	}
	e.Err = fmt.Errorf("%w; given up: %w", e.Err, cause)
}

// reason returns the cause and the platform's words, without the object.
func (e *Error) reason() string {
	said := e.said()
	switch {
	case e.kind == kindCanceled:
		return "not sent: " + e.Err.Error()
	case e.Host != "" && e.Proxy != "":
		return fmt.Sprintf("nothing answers at %s through the proxy %s: %v", e.Host, e.Proxy, e.Err)
	case e.Host != "":
		return fmt.Sprintf("nothing answers at %s: %v", e.Host, e.Err)
	case e.Err != nil && said != "":
		return e.Err.Error() + " (" + said + ")"
	case e.Err != nil:
		return e.Err.Error()
	}
	return cmp.Or(said, "no reason given")
}

// said returns the platform's words with HTTP status and code, "" without any.
func (e *Error) said() string {
	var parts []string
	if e.HTTPStatus != 0 && e.HTTPStatus != http.StatusOK {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	switch {
	case e.Code != "" && e.Message != "":
		parts = append(parts, "code "+e.Code+": "+e.Message)
	case e.Code != "":
		parts = append(parts, "code "+e.Code)
	case e.Message != "":
		parts = append(parts, e.Message)
	}
	return strings.Join(parts, ", ")
}

func (e *Error) meaning() meaning { return meanings[e.kind] }

// Ambiguous reports whether err leaves open whether the platform carried out a write. It is false for every
// read.
func Ambiguous(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.write && (e.doubt || e.meaning().open)
}

// IsTransient reports whether the cause of err may pass and is not the content of the call: the platform was
// unreachable, busy or broken.
func IsTransient(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.meaning().transient
}

// MaybeGone reports whether the platform may respond like this for a task that does not exist: with a
// business error or an empty result. The API document does not say which. Only a list without the task proves
// that it is gone.
func MaybeGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.meaning().mayBeGone
}

// IsRefused reports whether the platform declined the call with a business code.
func IsRefused(err error) bool { return isKind(err, kindRefused) }

// IsProductMissing reports whether a service for look-ups says that the product of a call does not exist. Only the
// document of aep_product_management has the code, under QueryProductList.
func IsProductMissing(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.kind == kindRefused && e.Service != "" && e.Code == "1002"
}

// LookUpService returns the name of the service for look-ups that err is about. It returns false for an error
// of the upgrade API, and for any other error.
func LookUpService(err error) (string, bool) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Service == "" {
		return "", false
	}
	return e.Service, true
}

// IsThrottled reports whether the platform asked for fewer calls. It has not carried out this one.
func IsThrottled(err error) bool { return isKind(err, kindThrottled) }

// IsReadOnly reports whether a write was not sent because the client is read-only.
func IsReadOnly(err error) bool { return isKind(err, kindReadOnly) }

// IsUnreliable reports whether a list changed or contradicted itself in every reading.
func IsUnreliable(err error) bool { return isKind(err, kindUnreliable) }

// IsBadRequest reports whether the gateway rejected the form, content or size of the request.
func IsBadRequest(err error) bool {
	return hasStatus(err, http.StatusBadRequest) || hasStatus(err, http.StatusRequestEntityTooLarge) ||
		hasStatus(err, http.StatusUnprocessableEntity)
}

// refusesSize reports whether a platform may respond like this to a page that is too large for it.
func refusesSize(err error) bool {
	return IsRefused(err) && !IsProductMissing(err) || IsBadRequest(err)
}

// mayBeRefusalOfSize is refusesSize for a platform that may also fail at such a page.
func mayBeRefusalOfSize(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (refusesSize(e) || e.meaning().open)
}

// IsUnauthorized reports whether the platform rejected the credentials.
func IsUnauthorized(err error) bool {
	return hasStatus(err, http.StatusUnauthorized) || hasStatus(err, http.StatusForbidden)
}

// KeysOf returns where the keys of a failed call were set, and the product whose MasterKey it has.
func KeysOf(err error) (keys Keys, productID int64) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Keys, e.ProductID
	}
	return Keys{}, 0
}

// IsForbidden reports whether the platform rejected the credentials with HTTP 403. It does so for a wrong MasterKey.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsWrite reports whether err is about a call that changes something on the platform.
func IsWrite(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.write
}

// LacksMasterKey reports whether the gateway rejected the form of a call that may have a MasterKey and has none.
func LacksMasterKey(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.masterKey && e.Keys.MasterKey == "" && IsBadRequest(err)
}

// TakesMasterKey reports whether err is about a call with a MasterKey.
func TakesMasterKey(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.masterKey
}

// IsUnknownApplication reports an HTTP 404. The gateway sends it for a wrong app key and for a wrong address,
// never for a missing task.
func IsUnknownApplication(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsUnreachable reports whether no connection was made to an endpoint that has never responded to this
// client. Its address may be wrong.
func IsUnreachable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Host != ""
}

// IsCanceled reports whether a call ended because its context did.
func IsCanceled(err error) bool {
	return isKind(err, kindCanceled) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// CancelCause returns why the context of a call ended before the call was sent. It returns nil for any other failure.
func CancelCause(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.kind != kindCanceled {
		return nil
	}
	cause := e.Err
	for {
		next := errors.Unwrap(cause)
		if next == nil || next == context.DeadlineExceeded || next == context.Canceled { //nolint:errorlint // only the last link is left out
			return cause
		}
		cause = next
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

// kind classifies a failed call. The table meanings says what a kind means.
type kind int

const (
	kindUnsent      kind = iota // no connection, or it broke before the request was written
	kindUnresolved              // the host has no address
	kindBreakerOpen             // not sent, because of an outage
	kindPermanent               // not sent: the other side or this one refused the TLS handshake, or a proxy the connection
	kindReadOnly                // not sent: the client is read-only
	kindInvalid                 // not sent: no request can be made of the call; or its result is of no use
	kindCanceled                // not sent: the caller's context ended
	kindNoResponse              // sent, without a complete response
	kindThrottled               // HTTP 429, or the business code 429
	kindUnavailable             // HTTP 502, 503 or 504
	kindServerError             // any other HTTP status from 500
	kindTimeout                 // HTTP 408
	kindGateway                 // any other HTTP status but 2xx and 3xx
	kindRedirected              // HTTP 3xx
	kindRefused                 // a complete response with a business code other than 0
	kindEmpty                   // code 0 without the result that the API document promises
	kindMalformed               // a response that contradicts the API document
	kindUnreliable              // a list that contradicted itself in every reading
)

// repeat says which calls may be sent again after a failure.
type repeat int

const (
	repeatNone       repeat = iota
	repeatIdempotent        // calls of idempotent endpoints
	repeatAll
)

// meaning is what a caller may conclude from a kind of failure.
type meaning struct {
	unconnected bool   // the request never had a connection
	open        bool   // the platform may have carried out the call
	mayBeGone   bool   // the platform may respond like this for a missing task
	transient   bool   // the cause may pass, and is not the content of the call
	repeat      repeat // calls for which another attempt is safe and useful
	few         bool   // at most fewRepeats, because the cause is more likely a wrong address than an outage
}

// meanings says what each kind means. A kind without an entry was not carried out, and another attempt can't
// help.
var meanings = map[kind]meaning{
	kindUnsent:      {unconnected: true, transient: true, repeat: repeatAll},
	kindUnresolved:  {unconnected: true, transient: true, repeat: repeatAll, few: true},
	kindBreakerOpen: {transient: true},
	kindNoResponse:  {open: true, transient: true, repeat: repeatIdempotent},
	kindThrottled:   {transient: true, repeat: repeatAll},
	kindUnavailable: {open: true, transient: true, repeat: repeatIdempotent},
	kindServerError: {open: true, transient: true},
	kindTimeout:     {open: true},
	kindRefused:     {mayBeGone: true},
	kindEmpty:       {open: true, mayBeGone: true},
	kindMalformed:   {open: true, transient: true, repeat: repeatIdempotent, few: true},
}

// kindOfStatus returns the kind of a response with an HTTP status other than 2xx.
func kindOfStatus(status int) kind {
	switch {
	case status == http.StatusTooManyRequests:
		return kindThrottled
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return kindUnavailable
	case status >= http.StatusInternalServerError:
		return kindServerError
	case status == http.StatusRequestTimeout:
		return kindTimeout
	case status/100 == 3:
		return kindRedirected
	}
	return kindGateway
}
