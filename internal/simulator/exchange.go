package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// exchange is one request, its endpoint, and its entry in the journal.
type exchange struct {
	p        *Platform
	w        http.ResponseWriter
	r        *http.Request
	body     []byte
	endpoint *endpoint
	entry    *Request
	counted  bool
}

func (p *Platform) exchange(w http.ResponseWriter, r *http.Request, body []byte) *exchange {
	entry, e := p.describe(r, body)
	entry.Time = time.Now()
	return &exchange{
		p: p, w: w, r: r, body: body, endpoint: e, entry: entry,
		counted: p.counted(entry.Operation),
	}
}

// describe returns the journal entry of a request, and its endpoint or nil.
// The request may not have been sent yet.
func (p *Platform) describe(r *http.Request, body []byte) (*Request, *endpoint) {
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(), Body: body,
	}
	e := route(r.Method, r.URL.Path, r.Header.Get("version"))
	about := targetOf(e, entry.Query, body)
	entry.ProductID, entry.JobID = about.product, about.job
	switch {
	case e != nil:
		entry.Service, entry.Operation = e.service, e.operation
		entry.Write, entry.LookUp = e.write, e.lookUp
		entry.UndeclaredKey = e.key == keyUndeclared && len(r.Header.Values(masterKeyHeader)) > 0
	case isEcho(r):
		entry.Operation = OpEcho
	}
	return entry, e
}

func isEcho(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == echoPath
}

// counted reports whether the journal gives an operation an index.
func (p *Platform) counted(operation string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return operation != OpEcho || p.options.CountEcho
}

// pause waits for d and reports whether d has passed. It ends early when gone
// or the platform is closed.
func (p *Platform) pause(d time.Duration, gone <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-gone:
	case <-p.closed:
	}
	return false
}

// process serves the request and returns the response.
func (x *exchange) process() response {
	resp, seen := x.p.handle(x)
	if seen.Processed {
		for _, hook := range x.p.journal.hooks(true) {
			hook(seen)
		}
	}
	x.p.pause(resp.after, x.r.Context().Done())
	return resp
}

// handle passes a request through the gateway's checks, flow control and the
// endpoint, in this order. It also returns the journal entry.
func (p *Platform) handle(x *exchange) (response, Request) {
	if x.entry.Operation == OpEcho {
		return response{status: http.StatusOK, body: []byte("{}"), kind: jsonType}, x.record(false, nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if x.endpoint == nil {
		err := gateway(http.StatusNotFound, "API not found: %s %s", x.r.Method, x.r.URL.Path)
		return responseTo(nil, err), x.record(false, err)
	}
	// The gateway checks the time of arrival, which a fault may have delayed.
	query, err := p.verify(x.endpoint, x.r, x.body, x.entry.Time)
	if err != nil {
		return responseTo(nil, err), x.record(false, err)
	}
	if resp, err := p.flow.check(p.options.Flow, now); err != nil {
		return resp, x.record(false, err)
	}
	p.advance(now)
	result, err := p.perform(x, &call{now: now, query: query})
	if !x.endpoint.write && outage(p.faults.outage.Load()) == outageNull {
		p.journal.update(x.entry, func(e *Request) { e.Fault = EmptyResult })
		result, err = p.options.Quirks.NullReads.result(), nil
	}
	return responseTo(result, err), x.record(true, err)
}

// perform parses the body and calls the endpoint.
func (p *Platform) perform(x *exchange, c *call) (json.RawMessage, error) {
	if x.endpoint.hasBody() {
		var err error
		if c.body, err = parseObject(x.body); err != nil {
			return nil, refuse(CodeParse, "参数解析失败")
		}
	} else if len(x.body) > 0 {
		return nil, refuse(CodeParse, "该接口不支持请求体")
	}
	return x.endpoint.serve(p, c)
}

// record writes the outcome of a request to the journal and returns the
// entry.
func (x *exchange) record(processed bool, err error) Request {
	return x.p.journal.update(x.entry, func(r *Request) {
		_, stopped := errors.AsType[*gatewayError](err)
		r.Processed = processed && !stopped
		r.Succeeded = processed && err == nil
		if refusal, ok := errors.AsType[*Refusal](err); ok {
			r.Code, r.Message = refusal.Code, refusal.Message
		} else if err != nil {
			r.Message = err.Error()
		}
	})
}

func (x *exchange) write(resp response) {
	x.head(resp)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(resp.body)))
	x.w.WriteHeader(resp.status)
	_, _ = x.w.Write(resp.body)
}

// head sets the headers of a response and records its status.
func (x *exchange) head(resp response) {
	header := x.w.Header()
	now := x.p.Now()
	header.Set("Content-Type", resp.kind)
	header.Set("Date", now.UTC().Format(http.TimeFormat))
	if x.entry.Operation == OpEcho {
		header.Set("x-ag-timestamp", strconv.FormatInt(now.UnixMilli(), 10))
	}
	if resp.message != "" {
		header.Set("x-ag-message", resp.message)
	}
	if resp.retryAfter != "" {
		header.Set("Retry-After", resp.retryAfter)
	}
	x.p.journal.update(x.entry, func(r *Request) { r.HTTPStatus = resp.status })
}
