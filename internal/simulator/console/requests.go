package console

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Request is a request in the journal of the platform.
type Request struct {
	Index     int       `json:"index"`
	Time      time.Time `json:"time"`
	Method    string    `json:"method"`
	Operation string    `json:"operation"`
	TaskID    int64     `json:"taskId"` // 0 without one
	Result    string    `json:"result"`
}

// Requests are requests in the order of arrival. Next is the index to continue
// from.
type Requests struct {
	Next     int       `json:"next"`
	Requests []Request `json:"requests"`
}

const defaultRequests = 100

// RequestOf returns a request as the console shows it.
func RequestOf(r simulator.Request) Request {
	return Request{
		Index: r.Index, Time: r.Time, Method: r.Method, Operation: cmp.Or(r.Operation, r.Path), TaskID: r.JobID, Result: resultOf(r),
	}
}

// resultOf returns the outcome of a request as a text.
func resultOf(r simulator.Request) string {
	switch {
	case r.Fault != "":
		return "fault " + string(r.Fault)
	case r.Code != 0:
		return fmt.Sprintf("code %d: %s", r.Code, r.Message)
	case r.Message != "": // It begins with the HTTP status.
		return "HTTP " + r.Message
	case r.HTTPStatus == 0:
		return "the connection was cut"
	case r.HTTPStatus != http.StatusOK:
		return fmt.Sprintf("HTTP %d", r.HTTPStatus)
	}
	return "ok"
}

// String returns the request as one line: time, method, operation, task and
// result.
func (r Request) String() string {
	task := ""
	if r.TaskID != 0 {
		task = fmt.Sprintf(" of task %d", r.TaskID)
	}
	return fmt.Sprintf("%s %-6s %s%s: %s", r.Time.Format(time.TimeOnly), r.Method, r.Operation, task, r.Result)
}

// requests serves the newest requests, oldest first. The parameter from is the
// first index, limit the largest number. A request in progress hides the
// requests after it, so that a reader that continues at Next misses none.
// Requests for the time, GET /echo, have no index and are left out.
func (p *platform) requests(r *http.Request) (any, error) {
	from, err := number(r, "from", 0)
	if err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", defaultRequests)
	if err != nil {
		return nil, err
	}
	found := Requests{Next: from, Requests: []Request{}}
	for _, entry := range p.Requests() {
		if entry.Index < from {
			continue
		}
		if !entry.Done {
			break
		}
		found.Next = entry.Index + 1
		found.Requests = append(found.Requests, RequestOf(entry))
	}
	found.Requests = found.Requests[max(0, len(found.Requests)-limit):]
	return found, nil
}
