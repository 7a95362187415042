package simulator

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	defaultBytes int64 = 64 << 20
	defaultDepth int64 = 100_000
	defaultLate        = 70 * time.Second
	htmlPage           = "<html><head><title>%</title></head><body><h1>%</h1><hr>nginx</body></html>"
)

// applyFault responds to a request as a fault demands.
func (x *exchange) applyFault(f Fault) {
	switch f.Kind {
	case ConnectionRefused, ResetBefore:
		x.cut()
	case ResetAfter:
		x.process()
		x.cut()
	case HangBefore:
		x.hold()
	case HangAfter:
		x.process()
		x.hold()
	case Late:
		x.p.pause(cmp.Or(f.Interval, defaultLate), nil)
		x.write(x.process())
	case StatusBefore, HTMLPage, BusinessError, Redirect:
		x.write(x.refusal(f))
	case StatusAfter:
		x.process()
		x.write(x.refusal(f))
	case TruncatedJSON, NullBody, EmptyBody, EmptyResult, RewriteBody:
		x.write(alter(f, x.process()))
	case SlowBody:
		x.writeSlowly(x.process(), cmp.Or(f.Interval, time.Second))
	case HugeBody, GzipBomb, DeepJSON:
		x.writeOversized(f)
	case Custom:
		f.Handle(x.w, x.r, func() []byte { return x.process().body })
	}
}

// refusal returns the response of a fault that does not depend on processing.
func (x *exchange) refusal(f Fault) response {
	status := f.Status
	switch {
	case f.Kind == BusinessError:
		return envelope(f.Code, f.Message, json.RawMessage("null"))
	case f.Kind == Redirect:
		status = cmp.Or(status, http.StatusFound)
		x.w.Header().Set("Location", f.Location)
	case status == 0:
		status = http.StatusOK
	}
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	resp := gatewayResponse(status, http.StatusText(status))
	if f.HTML || f.Kind == HTMLPage {
		resp = response{status: status, body: []byte(strings.ReplaceAll(htmlPage, "%", title)), kind: htmlType}
	}
	if f.Body != nil {
		resp.body = f.Body
	}
	resp.retryAfter = f.RetryAfter
	return resp
}

// alter returns the response of a processed request as a fault changes it.
func alter(f Fault, resp response) response {
	switch f.Kind {
	case TruncatedJSON:
		resp.body = resp.body[:len(resp.body)/2]
	case NullBody:
		resp.body = []byte("null")
	case EmptyBody:
		resp.body = nil
	case EmptyResult:
		resp = envelope(0, "ok", json.RawMessage("null"))
	case RewriteBody:
		resp.body = f.Rewrite(resp.body)
	default:
	}
	return resp
}

// hold keeps the request until the client gives up or the platform is closed.
func (x *exchange) hold() {
	select {
	case <-x.r.Context().Done():
	case <-x.p.closed:
	}
	x.cut()
}

// cut closes the connection without a response, with a reset if the
// connection has one.
func (x *exchange) cut() {
	hijacker, able := x.w.(http.Hijacker)
	if !able {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	reset(conn)
}

func reset(conn net.Conn) {
	inner := conn
	if wrapped, ok := inner.(interface{ NetConn() net.Conn }); ok {
		inner = wrapped.NetConn()
	}
	switch c := inner.(type) {
	case *pipeConn:
		c.reset()
	case *net.TCPConn:
		_ = c.SetLinger(0)
	}
	_ = inner.Close()
}

// writeSlowly writes one byte per interval.
func (x *exchange) writeSlowly(resp response, interval time.Duration) {
	x.head(resp)
	x.w.Header().Set("Content-Length", strconv.Itoa(len(resp.body)))
	x.w.WriteHeader(resp.status)
	control := http.NewResponseController(x.w)
	for i := range resp.body {
		if _, err := x.w.Write(resp.body[i : i+1]); err != nil {
			return
		}
		_ = control.Flush()
		if !x.p.pause(interval, x.r.Context().Done()) {
			return
		}
	}
}

// writeOversized writes a response that is too large to be read to the end.
func (x *exchange) writeOversized(f Fault) {
	x.head(response{status: http.StatusOK, kind: jsonType})
	size := cmp.Or(f.Bytes, defaultBytes)
	switch f.Kind {
	case DeepJSON:
		size = cmp.Or(f.Bytes, defaultDepth)
		_, _ = x.w.Write([]byte(`{"code":0,"msg":"ok","result":`))
		_ = repeat(x.w, "[", size)
		_ = repeat(x.w, "]", size)
		_, _ = x.w.Write([]byte("}"))
		return
	case GzipBomb:
		x.w.Header().Set("Content-Encoding", "gzip")
		compressed := gzip.NewWriter(x.w)
		_ = repeat(compressed, " ", size)
		_ = compressed.Close()
		return
	default:
	}
	_, _ = x.w.Write([]byte(`{"code":0,"msg":"ok","result":"`))
	if repeat(x.w, "x", size) == nil {
		_, _ = x.w.Write([]byte(`"}`))
	}
}

// repeat writes text the given number of times.
func repeat(w io.Writer, text string, times int64) error {
	const chunk = 32 << 10
	block := []byte(strings.Repeat(text, chunk))
	for times > 0 {
		n := min(times, chunk)
		if _, err := w.Write(block[:n]); err != nil {
			return err
		}
		times -= n
	}
	return nil
}
