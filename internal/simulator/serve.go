package simulator

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

var _ http.Handler = (*Platform)(nil)

// ServeHTTP serves one request.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The client has gone before the end of its request.
	}
	x := p.exchange(w, r, body)
	p.journal.enter(x.entry, x.counted)
	defer p.journal.leave(x.entry, x.counted)
	seen := p.journal.update(x.entry, func(*Request) {})
	for _, hook := range p.journal.hooks(false) {
		hook(seen)
	}
	p.pause(p.latency(), nil)
	_, piped := r.Context().Value(pipedKey{}).(bool)
	if fault, met := p.faults.take(seen, x.counted, false, piped); met {
		p.journal.update(x.entry, func(e *Request) { e.Fault = fault.Kind })
		x.applyFault(fault)
		return
	}
	x.write(x.process())
}

func (p *Platform) latency() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.options.Latency
}

// pipedKey marks the context of a request that came through Transport.
type pipedKey struct{}

// readBuffer is the size for a page of a thousand rows.
const readBuffer = 64 << 10

// Transport returns an http.Transport whose connections are pipes to an
// http.Server of the platform. It ignores the host. Each call returns a
// transport with its own connection pool.
func (p *Platform) Transport() http.RoundTripper {
	p.connections.mu.Lock()
	defer p.connections.mu.Unlock()
	w := &p.connections
	if w.pipes == nil {
		w.pipes = &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := w.server(p, func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, pipedKey{}, true)
		})
		w.serving.Go(func() { _ = server.Serve(w.pipes) })
	}
	const idle = 64
	dialled := &http.Transport{DialContext: w.pipes.dial, MaxIdleConnsPerHost: idle, ReadBufferSize: readBuffer}
	w.transports = append(w.transports, dialled)
	return &transport{platform: p, dialled: dialled}
}

// Serve accepts connections from a listener until Close. It returns
// http.ErrServerClosed then.
func (p *Platform) Serve(listener net.Listener) error {
	p.connections.mu.Lock()
	server := p.connections.server(p, nil)
	p.connections.mu.Unlock()
	return server.Serve(listener)
}

// transport refuses connections before it sends a request.
type transport struct {
	platform *Platform
	dialled  *http.Transport
}

// RoundTrip sends one request to the platform.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.platform.refuses(r) {
		refusing := &http.Transport{DialContext: refuseDial}
		return refusing.RoundTrip(r)
	}
	return t.dialled.RoundTrip(r)
}

// CloseIdleConnections serves http.Client.CloseIdleConnections.
func (t *transport) CloseIdleConnections() { t.dialled.CloseIdleConnections() }

// refuses reports whether a fault refuses the connection of a request.
func (p *Platform) refuses(r *http.Request) bool {
	upcoming, _ := p.describe(r, bodyOf(r))
	upcoming.Index = p.journal.upcoming()
	if _, met := p.faults.take(*upcoming, p.counted(upcoming.Operation), true, false); !met {
		return false
	}
	p.journal.refuse()
	return true
}

// bodyOf returns a copy of a body that has not been sent.
func bodyOf(r *http.Request) []byte {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer func() { _ = body.Close() }()
	content, _ := io.ReadAll(body)
	return content
}
