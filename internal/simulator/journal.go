package simulator

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Request is one request and its outcome.
type Request struct {
	// Index counts all attempts since New or ResetJournal, refused
	// connections included. It is -1 for an Echo that is not counted.
	Index int
	// Time is the time of arrival.
	Time time.Time
	// Service is the first part of the path, or empty if unknown.
	Service string
	// Operation is the document's API name, or OpEcho, or empty if unknown.
	Operation string
	// Write is true for an operation that changes something.
	Write bool
	// LookUp is true for an operation of another service than UpgradeService.
	LookUp bool
	// UndeclaredKey is true if the request has the header MasterKey and its
	// operation does not declare it.
	UndeclaredKey bool

	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         []byte
	// ProductID and JobID are the ids in the request, or zero.
	ProductID, JobID int64

	// Processed is true if the request passed the gateway, even if the
	// platform refused it.
	Processed bool
	// Succeeded is true if the platform did what the request asked.
	Succeeded bool
	// HTTPStatus, Code and Message belong to the response. The status is zero
	// if the connection was cut.
	HTTPStatus, Code int
	Message          string
	// Fault is the kind of fault that applied, or empty.
	Fault FaultKind
	// Done is true after the end of the request, Elapsed is its duration.
	Done    bool
	Elapsed time.Duration
}

// journal records requests. It has its own lock, because hooks read it while
// a request is served.
type journal struct {
	mu          sync.Mutex
	limit       int
	next        int
	entries     []*Request
	counts      map[string]int
	refused     int
	inFlight    int
	maxInFlight int

	before, after, ended []func(Request)
}

// enter adds an entry and gives it an index.
func (j *journal) enter(r *Request, counted bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r.Index = -1
	if counted {
		r.Index = j.next
		j.next++
		j.inFlight++
		j.maxInFlight = max(j.maxInFlight, j.inFlight)
	}
	if j.counts == nil {
		j.counts = map[string]int{}
	}
	j.counts[r.Operation]++
	j.entries = append(j.entries, r)
	if j.limit > 0 && len(j.entries) > 2*j.limit {
		j.entries = append([]*Request(nil), j.entries[len(j.entries)-j.limit:]...)
	}
}

// leave marks an entry as done and calls the hooks for that.
func (j *journal) leave(r *Request, counted bool) {
	j.mu.Lock()
	r.Done = true
	r.Elapsed = time.Since(r.Time)
	if counted {
		j.inFlight--
	}
	seen, hooks := *r, j.ended
	j.mu.Unlock()
	for _, hook := range hooks {
		hook(seen)
	}
}

// update changes an entry and returns a copy.
func (j *journal) update(r *Request, change func(*Request)) Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(r)
	return *r
}

// upcoming returns the index of the next request.
func (j *journal) upcoming() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.next
}

// refuse counts an attempt whose connection was refused.
func (j *journal) refuse() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next++
	j.refused++
}

func (j *journal) hooks(after bool) []func(Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if after {
		return j.after
	}
	return j.before
}
