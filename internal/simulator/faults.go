package simulator

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is a scripted failure. It applies to the first Times requests that
// Operation and When select.
type Fault struct {
	Kind FaultKind
	// Operation is a name such as OpCreate. Empty means all but Echo, look-ups
	// included. See IsCampaign.
	Operation string
	// When selects requests further. Nil means all. See AtIndex.
	When func(Request) bool
	// Skip is the number of selected requests that are served first.
	Skip int
	// Times is the number of requests that the fault applies to. Zero means
	// 1, a negative number means no limit.
	Times int

	// Status is the HTTP status of StatusBefore, StatusAfter and Redirect.
	Status int
	// RetryAfter is the header Retry-After, if not empty.
	RetryAfter string
	// HTML sends a page instead of the gateway's JSON.
	HTML bool
	// Body replaces the body of a status or page, byte for byte.
	Body []byte
	// Code and Message belong to BusinessError.
	Code    int
	Message string
	// Location is the header of Redirect.
	Location string
	// Bytes is a size or depth. Zero means 64 MiB, or 100,000 deep.
	Bytes int64
	// Interval is the time per byte of SlowBody (zero means 1 s) and the
	// delay of Late (zero means 70 s).
	Interval time.Duration
	// Rewrite returns the body of RewriteBody.
	Rewrite func([]byte) []byte
	// Handle serves Custom. process serves the request and returns the body
	// that would have been sent.
	Handle func(w http.ResponseWriter, r *http.Request, process func() []byte)
}

// AtIndex returns a condition for Fault.When: the request has an index.
func AtIndex(index int) func(Request) bool {
	return func(r Request) bool { return r.Index == index }
}

// IsRead reports whether a request changes nothing. See Fault.When.
func IsRead(r Request) bool { return !r.Write }

// IsLookUp reports whether a request looks something up in another service
// than UpgradeService. See Fault.When.
func IsLookUp(r Request) bool { return r.LookUp }

// IsCampaign reports whether a request belongs to UpgradeService. See
// Fault.When.
func IsCampaign(r Request) bool { return r.Service == UpgradeService }

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

// take returns the first armed fault that applies to a request, and counts
// it. A refused connection applies while dialling, all others on arrival.
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
