package simulator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
)

// wires are the platform's connections: a server per listener, one of which
// may be a listener without sockets, and the transports that use that one.
type wires struct {
	mu         sync.Mutex
	closed     bool
	pipes      *pipeListener
	servers    []*http.Server
	transports []*http.Transport
	serving    sync.WaitGroup
}

// pipedKey marks the context of a request that came over Transport.
type pipedKey struct{}

// readBuffer lets a page of a thousand rows cross a pipe in few steps.
const readBuffer = 64 << 10

// Transport returns a transport without sockets: a real http.Transport whose
// connections are pipes to a real http.Server. Every host leads here. Each
// call returns one with a connection pool of its own.
func (p *Platform) Transport() http.RoundTripper {
	p.wires.mu.Lock()
	defer p.wires.mu.Unlock()
	w := &p.wires
	if w.pipes == nil {
		w.pipes = &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		w.start(p, w.pipes, func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, pipedKey{}, true)
		})
	}
	const idle = 64
	dialled := &http.Transport{DialContext: w.pipes.dial, MaxIdleConnsPerHost: idle, ReadBufferSize: readBuffer}
	w.transports = append(w.transports, dialled)
	return &transport{platform: p, dialled: dialled}
}

// Serve accepts connections from a listener until Close, which it answers
// with http.ErrServerClosed.
func (p *Platform) Serve(listener net.Listener) error {
	p.wires.mu.Lock()
	server := p.wires.server(p, nil)
	p.wires.mu.Unlock()
	return server.Serve(listener)
}

func (w *wires) server(p *Platform, connContext func(context.Context, net.Conn) context.Context) *http.Server {
	server := &http.Server{Handler: p, ConnContext: connContext} //nolint:gosec // Slow clients are tests.
	if w.closed {
		_ = server.Close()
	}
	w.servers = append(w.servers, server)
	return server
}

func (w *wires) start(p *Platform, l net.Listener, connContext func(context.Context, net.Conn) context.Context) {
	server := w.server(p, connContext)
	w.serving.Go(func() { _ = server.Serve(l) })
}

func (w *wires) close() {
	w.mu.Lock()
	w.closed = true
	if w.pipes != nil {
		_ = w.pipes.Close()
	}
	for _, server := range w.servers {
		_ = server.Close()
	}
	for _, t := range w.transports {
		t.CloseIdleConnections()
	}
	w.mu.Unlock()
	w.serving.Wait()
}

// transport decides on refused connections before it hands a request on.
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

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (t *transport) CloseIdleConnections() { t.dialled.CloseIdleConnections() }

func (p *Platform) refuses(r *http.Request) bool {
	upcoming, _ := p.describe(r, bodyOf(r))
	upcoming.Index = p.journal.upcoming()
	if _, met := p.faults.take(*upcoming, p.counted(upcoming.Operation), true, false); !met {
		return false
	}
	p.journal.refuse()
	return true
}

// bodyOf reads a copy of a body that is still to be sent.
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

func refuseDial(_ context.Context, network, _ string) (net.Conn, error) {
	return nil, refusedError(network)
}

func refusedError(network string) error {
	return &net.OpError{Op: "dial", Net: network, Addr: pipeAddr{}, Err: syscall.ECONNREFUSED}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "127.0.0.1:0" }

// pipeListener is a listener whose connections are pipes.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	select {
	case <-l.done: // A closed listener refuses even if somebody still accepts.
		return nil, refusedError(network)
	default:
	}
	near, far := net.Pipe()
	cut := &atomic.Bool{}
	select {
	case l.conns <- &pipeConn{Conn: far, cut: cut}:
		return &pipeConn{Conn: near, cut: cut}, nil
	case <-l.done:
		return nil, refusedError(network)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

// pipeConn is one end of a pipe that can be reset, which the other end then
// sees as it would see it on a socket.
type pipeConn struct {
	net.Conn
	cut *atomic.Bool
}

func (c *pipeConn) reset() { c.cut.Store(true) }

func (c *pipeConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, c.seen("read", err)
}

func (c *pipeConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	return n, c.seen("write", err)
}

func (c *pipeConn) seen(op string, err error) error {
	if err != nil && c.cut.Load() && !errors.Is(err, net.ErrClosed) {
		return &net.OpError{Op: op, Net: "tcp", Addr: pipeAddr{}, Err: syscall.ECONNRESET}
	}
	return err
}
