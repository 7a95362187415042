package simulator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
)

// connections are the servers of a platform and the transports to them. pipes
// is the listener without sockets, made by the first Transport.
type connections struct {
	mu         sync.Mutex
	closed     bool
	pipes      *pipeListener
	servers    []*http.Server
	transports []*http.Transport
	serving    sync.WaitGroup
}

// server returns a new server, which is closed if the platform is.
func (w *connections) server(h http.Handler, connContext func(context.Context, net.Conn) context.Context) *http.Server {
	server := &http.Server{Handler: h, ConnContext: connContext} //nolint:gosec // Slow clients are part of tests.
	if w.closed {
		_ = server.Close()
	}
	w.servers = append(w.servers, server)
	return server
}

func (w *connections) close() {
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

func refuseDial(_ context.Context, network, _ string) (net.Conn, error) {
	return nil, refusedError(network)
}

func refusedError(network string) error {
	return &net.OpError{Op: "dial", Net: network, Addr: pipeAddr{}, Err: syscall.ECONNREFUSED}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }

func (pipeAddr) String() string { return "127.0.0.1:0" }

// pipeListener is a listener whose connections are pipes.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	select {
	case <-l.done: // A closed listener refuses even while a server still accepts.
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

// pipeConn is one end of a pipe. After a reset both ends return ECONNRESET,
// as on a socket.
type pipeConn struct {
	net.Conn
	cut *atomic.Bool
}

func (c *pipeConn) reset() { c.cut.Store(true) }

func (c *pipeConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, c.resetOr("read", err)
}

func (c *pipeConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	return n, c.resetOr("write", err)
}

// resetOr returns ECONNRESET instead of err after a reset.
func (c *pipeConn) resetOr(op string, err error) error {
	if err != nil && c.cut.Load() && !errors.Is(err, net.ErrClosed) {
		return &net.OpError{Op: op, Net: "tcp", Addr: pipeAddr{}, Err: syscall.ECONNRESET}
	}
	return err
}
