package simulator

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// FaultKind is a way to misbehave.
type FaultKind string

// The kinds of faults. Whether the request is processed is part of the kind.
const (
	// ConnectionRefused fails the dial: nothing is sent. A request that came
	// over a real listener is cut instead.
	ConnectionRefused FaultKind = "connection_refused"
	// ResetBefore cuts the connection; the request is not processed.
	ResetBefore FaultKind = "reset_before"
	// ResetAfter processes the request and cuts the connection.
	ResetAfter FaultKind = "reset_after"
	// StatusBefore answers with Status; the request is not processed.
	StatusBefore FaultKind = "status_before"
	// StatusAfter processes the request and answers with Status.
	StatusAfter FaultKind = "status_after"
	// TruncatedJSON processes the request and answers with the first half,
	// whose Content-Length is right.
	TruncatedJSON FaultKind = "truncated_json"
	// NullBody processes the request and answers null.
	NullBody FaultKind = "null_body"
	// EmptyBody processes the request and answers nothing with HTTP 200.
	EmptyBody FaultKind = "empty_body"
	// EmptyResult processes the request and answers code 0 with result null.
	EmptyResult FaultKind = "empty_result"
	// RewriteBody processes the request and answers what Rewrite makes of it.
	RewriteBody FaultKind = "rewrite_body"
	// SlowBody processes the request and sends one byte per Interval.
	SlowBody FaultKind = "slow_body"
	// HTMLPage answers an HTML page with HTTP 200; not processed.
	HTMLPage FaultKind = "html_page"
	// BusinessError answers Code and Message with HTTP 200; not processed.
	BusinessError FaultKind = "business_error"
	// HangBefore holds the request until the client gives up; not processed.
	HangBefore FaultKind = "hang_before"
	// HangAfter processes the request and holds the answer until the client gives up.
	HangAfter FaultKind = "hang_after"
	// Late processes the request after Interval, whether or not the client
	// still waits, and then answers.
	Late FaultKind = "late"
	// Redirect answers Status (302) with Location; not processed.
	Redirect FaultKind = "redirect"
	// HugeBody streams Bytes of a valid envelope; not processed.
	HugeBody FaultKind = "huge_body"
	// GzipBomb sends Bytes of blanks compressed; not processed.
	GzipBomb FaultKind = "gzip_bomb"
	// DeepJSON answers with arrays nested Bytes deep; not processed.
	DeepJSON FaultKind = "deep_json"
	// Custom calls Handle.
	Custom FaultKind = "custom"
)

// Fault is one scripted misbehaviour. It meets the first requests for which
// Operation and When hold, and is then spent.
type Fault struct {
	Kind FaultKind
	// Operation is a name such as OpCreate. Empty means every one but Echo.
	Operation string
	// When narrows it further. See AtIndex.
	When func(Request) bool
	// Skip lets so many matching requests pass unharmed.
	Skip int
	// Times is how often it fires. Zero means once, less than zero for ever.
	Times int

	// Status is the HTTP status of StatusBefore, StatusAfter and Redirect.
	Status int
	// RetryAfter is the header Retry-After, if not empty.
	RetryAfter string
	// HTML answers a status with a page in place of the gateway's JSON.
	HTML bool
	// Body replaces the body of a status or page, byte for byte.
	Body []byte
	// Code and Message are those of BusinessError.
	Code    int
	Message string
	// Location is where Redirect points to.
	Location string
	// Bytes is a size or depth. Zero means 64 MiB, or 100,000 deep.
	Bytes int64
	// Interval is the pace of SlowBody (zero: 1 s) and the delay of Late (zero: 70 s).
	Interval time.Duration
	// Rewrite makes the body of RewriteBody.
	Rewrite func([]byte) []byte
	// Handle serves a Custom fault. process does what was asked and returns
	// the answer that would have been sent.
	Handle func(w http.ResponseWriter, r *http.Request, process func() []byte)
}

// AtIndex holds for the request with an index.
func AtIndex(index int) func(Request) bool {
	return func(r Request) bool { return r.Index == index }
}

// IsRead holds for the requests that change nothing.
func IsRead(r Request) bool { return !r.Write }

type armed struct {
	Fault
	skip, left int
}

type outage int32

const (
	outageNone outage = iota
	outage503
	outageRefused
	outageNull
)

type faults struct {
	mu     sync.Mutex
	armed  []*armed
	outage atomic.Int32
}

// Inject arms faults. The first of those that match a request meets it.
func (p *Platform) Inject(scripted ...Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for _, f := range scripted {
		left := f.Times
		if left == 0 {
			left = 1
		}
		p.faults.armed = append(p.faults.armed, &armed{Fault: f, skip: f.Skip, left: left})
	}
}

// ClearFaults disarms every fault and ends an outage.
func (p *Platform) ClearFaults() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.armed = nil
	p.faults.outage.Store(int32(outageNone))
}

// ArmedFaults returns how many faults have not been spent, so that a test
// can tell that its fault has fired.
func (p *Platform) ArmedFaults() int {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	count := 0
	for _, a := range p.faults.armed {
		if a.left != 0 {
			count++
		}
	}
	return count
}

// SetOutage makes every request meet HTTP 503 from now on, or no more.
func (p *Platform) SetOutage(on bool) {
	p.setOutage(on, outage503)
}

// SetOutageRefused makes every connection be refused from now on, or no more.
func (p *Platform) SetOutageRefused(on bool) {
	p.setOutage(on, outageRefused)
}

// SetNullOutage makes every read answer code 0 without a result from now on, or
// no more. The gateway checks as ever, and writes are served. Quirks.NullReads
// chooses the result.
func (p *Platform) SetNullOutage(on bool) {
	p.setOutage(on, outageNull)
}

func (p *Platform) setOutage(on bool, kind outage) {
	if !on {
		kind = outageNone
	}
	p.faults.outage.Store(int32(kind))
}

// take spends the first armed fault that matches. A refused connection is
// decided while dialling, every other fault on arrival.
func (f *faults) take(r Request, counted, dialling, piped bool) (Fault, bool) {
	switch outage(f.outage.Load()) {
	case outage503:
		if !dialling {
			return Fault{Kind: StatusBefore, Status: http.StatusServiceUnavailable}, true
		}
	case outageRefused:
		if dialling || !piped {
			return Fault{Kind: ConnectionRefused}, true
		}
	case outageNone, outageNull:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.armed {
		refusal := a.Kind == ConnectionRefused
		if a.left == 0 || dialling && !refusal || piped && refusal || !a.matches(r, counted) {
			continue
		}
		if a.skip > 0 {
			a.skip--
			continue
		}
		if a.left > 0 {
			a.left--
		}
		return a.Fault, true
	}
	return Fault{}, false
}

func (a *armed) matches(r Request, counted bool) bool {
	if a.Operation == "" && !counted || a.Operation != "" && a.Operation != r.Operation {
		return false
	}
	return a.When == nil || a.When(r)
}
