package aep

import "net/http"

// kind classifies a failed call. The table meanings says what a kind means.
type kind int

const (
	kindUnsent      kind = iota // no connection, or it broke before the request was written
	kindUnresolved              // the host has no address
	kindBreakerOpen             // not sent, because of an outage
	kindPermanent               // not sent: the other side or this one refused the TLS handshake, or a proxy the connection
	kindReadOnly                // not sent: the client is read-only
	kindInvalid                 // not sent: no request can be made of the call
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
	few         bool   // at most fewRepeats, for the cause is rather a wrong address than an outage
}

// meanings says what each kind means. A kind without an entry was not carried out,
// and another attempt can't help.
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
