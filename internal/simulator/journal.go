package simulator

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Request is one request as it arrived, and what became of it.
type Request struct {
	// Index counts all attempts since New or ResetJournal, those whose
	// connection was refused included. It is -1 for an uncounted Echo.
	Index int
	// Time is when the request had arrived.
	Time time.Time
	// Operation is the document's API name, Echo, or empty if unknown.
	Operation string
	// Write is true for the operations that change something.
	Write        bool
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         []byte
	// ProductID and JobID are what the request is about, zero if it names none.
	ProductID, JobID int64

	// Processed is true once the platform itself has seen the request, even
	// if it answered with a business error.
	Processed bool
	// Succeeded is true once the platform has done what was asked.
	Succeeded bool
	// HTTPStatus, Code and Message are those of the answer that was meant;
	// the status is zero if the connection was cut.
	HTTPStatus, Code int
	Message          string
	// Fault is the fault that met the request, or empty.
	Fault FaultKind
	// Done is true once the request has left the platform, after Elapsed.
	Done    bool
	Elapsed time.Duration
}

// journal has a lock of its own: hooks read it while a request is served.
type journal struct {
	mu          sync.Mutex
	limit       int
	next        int
	entries     []*Request
	counts      map[string]int
	refused     int
	inFlight    int
	maxInFlight int

	before, after []func(Request)
}

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

func (j *journal) leave(r *Request, counted bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r.Done = true
	r.Elapsed = time.Since(r.Time)
	if counted {
		j.inFlight--
	}
}

// note changes an entry while others may read it.
func (j *journal) update(r *Request, change func(*Request)) Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(r)
	return *r
}

func (j *journal) upcoming() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.next
}

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
