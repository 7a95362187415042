package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// reply is an answer before it is written.
type reply struct {
	status     int
	retryAfter string
	message    string
	body       []byte
	kind       string
}

const (
	jsonType = "application/json;charset=UTF-8"
	htmlType = "text/html;charset=UTF-8"
)

// exchange is one request with everything that is known about it.
type exchange struct {
	p        *Platform
	w        http.ResponseWriter
	r        *http.Request
	body     []byte
	endpoint *endpoint
	entry    *Request
	counted  bool
}

// ServeHTTP serves one request to the platform.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The client is gone before its request was complete.
	}
	x := p.exchange(w, r, body)
	p.journal.enter(x.entry, x.counted)
	defer p.journal.leave(x.entry, x.counted)
	seen := p.journal.note(x.entry, func(*Request) {})
	for _, hook := range p.journal.hooks(false) {
		hook(seen)
	}
	p.pause(p.latency(), nil)
	_, piped := r.Context().Value(pipedKey{}).(bool)
	if fault, met := p.faults.take(seen, x.counted, false, piped); met {
		p.journal.note(x.entry, func(e *Request) { e.Fault = fault.Kind })
		x.suffer(fault)
		return
	}
	x.write(x.process())
}

func (p *Platform) exchange(w http.ResponseWriter, r *http.Request, body []byte) *exchange {
	entry, e := p.describe(r, body)
	entry.Time = time.Now()
	return &exchange{
		p: p, w: w, r: r, body: body, endpoint: e, entry: entry,
		counted: p.counted(entry.Operation),
	}
}

// describe makes the journal's entry for a request, which may still be on
// its way.
func (p *Platform) describe(r *http.Request, body []byte) (*Request, *endpoint) {
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(), Body: body,
	}
	e := route(r.Method, r.URL.Path)
	about := addressed(e, entry.Query, body)
	entry.ProductID, entry.JobID = about.product, about.job
	switch {
	case e != nil:
		entry.Operation, entry.Write = e.operation, e.write
	case isEcho(r):
		entry.Operation = OpEcho
	}
	return entry, e
}

func isEcho(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == echoPath
}

func (p *Platform) counted(operation string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return operation != OpEcho || p.options.CountEcho
}

func (p *Platform) latency() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.options.Latency
}

// pause waits for d and reports whether it has passed. It ends early when the
// platform is closed or gone is.
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

// process does what was asked and returns the answer.
func (x *exchange) process() reply {
	answer, seen := x.p.handle(x)
	if seen.Processed {
		for _, hook := range x.p.journal.hooks(true) {
			hook(seen)
		}
	}
	return answer
}

func (p *Platform) handle(x *exchange) (reply, Request) {
	if x.entry.Operation == OpEcho {
		return reply{status: http.StatusOK, body: []byte("{}"), kind: jsonType}, x.note(false, nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if x.endpoint == nil {
		err := gateway(http.StatusNotFound, "API not found: %s %s", x.r.Method, x.r.URL.Path)
		return answerTo(nil, err), x.note(false, err)
	}
	// A busy platform may be late, but the gateway checked on arrival.
	query, err := p.verify(x.endpoint, x.r, x.body, x.entry.Time)
	if err != nil {
		return answerTo(nil, err), x.note(false, err)
	}
	if answer, err := p.flow.check(p.options.Flow, now); err != nil {
		return answer, x.note(false, err)
	}
	p.advance(now)
	result, err := p.perform(x, &call{now: now, query: query})
	if !x.endpoint.write && outage(p.faults.outage.Load()) == outageNull {
		p.journal.note(x.entry, func(e *Request) { e.Fault = EmptyResult })
		result, err = p.options.Quirks.NullReads.result(), nil
	}
	return answerTo(result, err), x.note(true, err)
}

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

func (x *exchange) note(processed bool, err error) Request {
	return x.p.journal.note(x.entry, func(r *Request) {
		r.Processed = processed
		r.Succeeded = processed && err == nil
		if refusal, ok := errors.AsType[*Refusal](err); ok {
			r.Code, r.Message = refusal.Code, refusal.Message
		} else if err != nil {
			r.Message = err.Error()
		}
	})
}

// answerTo turns a result or an error into the platform's envelope or the
// gateway's.
func answerTo(result json.RawMessage, err error) reply {
	var refused *gatewayError
	var refusal *Refusal
	switch {
	case errors.As(err, &refused):
		return gatewayReply(refused.status, refused.desc)
	case errors.As(err, &refusal):
		return envelope(refusal.Code, refusal.Message, json.RawMessage("null"))
	}
	return envelope(0, "ok", result)
}

func envelope(code int, msg string, result json.RawMessage) reply {
	body := make([]byte, 0, len(result)+len(msg)+64)
	body = append(body, `{"code":`...)
	body = strconv.AppendInt(body, int64(code), 10)
	body = append(body, `,"msg":`...)
	body = appendText(body, msg)
	body = append(body, `,"result":`...)
	body = append(body, result...)
	body = append(body, '}')
	return reply{status: http.StatusOK, body: body, kind: jsonType}
}

func gatewayReply(status int, desc string) reply {
	body := []byte(`{"error_code":"` + strconv.Itoa(status) + `","error_desc":`)
	body = append(appendText(body, desc), '}')
	return reply{status: status, message: desc, body: body, kind: jsonType}
}

func (x *exchange) write(answer reply) {
	x.head(answer)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
	x.w.WriteHeader(answer.status)
	_, _ = x.w.Write(answer.body)
}

// head sets the headers of an answer and notes its status.
func (x *exchange) head(answer reply) {
	header := x.w.Header()
	now := x.p.Now()
	header.Set("Content-Type", answer.kind)
	header.Set("Date", now.UTC().Format(http.TimeFormat))
	if x.entry.Operation == OpEcho {
		header.Set("x-ag-timestamp", strconv.FormatInt(now.UnixMilli(), 10))
	}
	if answer.message != "" {
		header.Set("x-ag-message", answer.message)
	}
	if answer.retryAfter != "" {
		header.Set("Retry-After", answer.retryAfter)
	}
	x.p.journal.note(x.entry, func(r *Request) { r.HTTPStatus = answer.status })
}

// flow counts the requests of the current second.
type flow struct {
	mu     sync.Mutex
	second int64
	count  int
}

const flowMessage = "请求过于频繁,请稍后再试"

func (f *flow) check(limit FlowControl, now time.Time) (reply, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if second := now.Unix(); second != f.second {
		f.second, f.count = second, 0
	}
	f.count++
	if limit.PerSecond == 0 || f.count <= limit.PerSecond {
		return reply{}, nil
	}
	if limit.Response == FlowBusiness {
		err := refuse(CodeFlow, flowMessage)
		return answerTo(nil, err), err
	}
	status := http.StatusTooManyRequests
	if limit.Response == FlowStatus503 {
		status = http.StatusServiceUnavailable
	}
	answer := gatewayReply(status, flowMessage)
	switch limit.RetryAfter {
	case "":
		answer.retryAfter = "1"
	case "-":
	default:
		answer.retryAfter = limit.RetryAfter
	}
	return answer, gateway(status, flowMessage)
}
