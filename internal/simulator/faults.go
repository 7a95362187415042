package simulator

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
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

// take spends the first armed fault that matches. A refused connection is
// decided while dialling, every other fault on hiddenRows.
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
