package simulator

import (
	"net/http"
	"sync"
	"time"
)

// FlowResponse is the response to a request above the rate.
type FlowResponse int

// The responses of flow control.
const (
	// FlowStatus429 is HTTP 429 with Retry-After.
	FlowStatus429 FlowResponse = iota
	// FlowStatus503 is HTTP 503 with Retry-After.
	FlowStatus503
	// FlowBusiness is HTTP 200 with CodeFlow.
	FlowBusiness
)

// FlowControl refuses requests above a rate. GET /echo is not counted. The
// API document gives no rate.
type FlowControl struct {
	// PerSecond is the limit per second. Zero means no limit.
	PerSecond int
	// Response chooses the refusal.
	Response FlowResponse
	// RetryAfter is the header of an HTTP refusal. Empty means "1", and "-"
	// means no header.
	RetryAfter string
}

// flow counts the requests of the current second.
type flow struct {
	mu     sync.Mutex
	second int64
	count  int
}

const flowMessage = "请求过于频繁,请稍后再试"

// check counts a request. Above the limit it returns the refusal as a
// response and as an error.
func (f *flow) check(limit FlowControl, now time.Time) (response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if second := now.Unix(); second != f.second {
		f.second, f.count = second, 0
	}
	f.count++
	if limit.PerSecond == 0 || f.count <= limit.PerSecond {
		return response{}, nil
	}
	if limit.Response == FlowBusiness {
		err := refuse(CodeFlow, flowMessage)
		return responseTo(nil, err), err
	}
	status := http.StatusTooManyRequests
	if limit.Response == FlowStatus503 {
		status = http.StatusServiceUnavailable
	}
	resp := gatewayResponse(status, flowMessage)
	switch limit.RetryAfter {
	case "":
		resp.retryAfter = "1"
	case "-":
	default:
		resp.retryAfter = limit.RetryAfter
	}
	return resp, gateway(status, flowMessage)
}
