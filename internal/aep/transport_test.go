package aep

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// realClient returns a client with its own transport, over real sockets.
func realClient(t *testing.T, endpoint string, adjust ...func(*http.Transport)) *Client {
	t.Helper()
	config := testConfig(nil).withDefaults()
	transport := newTransport(config)
	for _, change := range adjust {
		change(transport)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return newClient(t, transport, func(c *Config) {
		c.Endpoint, c.RetryBudget, c.RequestTimeout = endpoint, 2*time.Second, 10*time.Second
	})
}

func TestRefusedHandshakeIsNotRepeated(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		config *tls.Config
		plain  bool
		says   string
	}{
		"unknown authority":  {&tls.Config{}, false, "certificate"},
		"TLS 1.1 at most":    {&tls.Config{MaxVersion: tls.VersionTLS11}, false, "protocol version"},
		"client certificate": {&tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, false, "handshake failure"},
		"no TLS at all":      {nil, true, "server gave HTTP response to HTTPS client"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var connections atomic.Int64
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = discardLog()
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			if c.plain {
				server.Start()
			} else {
				server.TLS = c.config
				server.StartTLS()
			}
			t.Cleanup(server.Close)
			endpoint, _ := url.Parse(server.URL)
			client := realClient(t, "https://"+endpoint.Host, func(transport *http.Transport) {
				transport.TLSClientConfig.InsecureSkipVerify = name != "unknown authority"
			})
			client.clock.measured = time.Now()
			err := aCreate(t.Context(), client)
			if err == nil || !strings.Contains(err.Error(), c.says) || len(predicatesOf(err)) != 0 {
				t.Errorf("got %v, which is %q, want %q in it and no predicate", err, predicatesOf(err), c.says)
			}
			if got := connections.Load(); got != 1 {
				t.Errorf("got %d connections, want 1", got)
			}
		})
	}
}

// tcpServer returns the endpoint of a server that calls treat for its nth connection.
func tcpServer(t *testing.T, treat func(n int, conn *net.TCPConn)) (endpoint string, connections *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			treat(int(connections.Add(1)), conn.(*net.TCPConn))
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return "http://" + listener.Addr().String(), connections
}

func TestRealResets(t *testing.T) {
	t.Parallel()
	respond := func(conn *net.TCPConn) {
		buffer := make([]byte, 64<<10)
		_, _ = conn.Read(buffer)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+`{"code":0,"result":{`+soundTask+`}}`)
		_ = conn.Close()
	}
	readAndReset := func(conn *net.TCPConn) {
		buffer := make([]byte, 64<<10)
		_, _ = conn.Read(buffer)
		_ = conn.SetLinger(0)
		_ = conn.Close()
	}
	cut := func(conn *net.TCPConn) {
		buffer := make([]byte, 64<<10)
		_, _ = conn.Read(buffer)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"+`{"code":0,"result":{`+soundTask+`}}`)
		_ = conn.Close()
	}
	for name, spoil := range map[string]func(*net.TCPConn){"reset": readAndReset, "cut": cut} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			treat := func(n int, conn *net.TCPConn) {
				if n == 1 {
					spoil(conn)
				} else {
					respond(conn)
				}
			}
			endpoint, connections := tcpServer(t, treat)
			client := realClient(t, endpoint)
			client.clock.measured = time.Now()
			if err := aRead(t.Context(), client); err != nil || connections.Load() != 2 {
				t.Errorf("a read: got %d connections, %v, want 2 and a success", connections.Load(), err)
			}
			endpoint, connections = tcpServer(t, treat)
			client = realClient(t, endpoint)
			client.clock.measured = time.Now()
			if err := aCreate(t.Context(), client); !Ambiguous(err) || connections.Load() != 1 {
				t.Errorf("a create: got %d connections, %v, want 1 and an ambiguous failure", connections.Load(), err)
			}
		})
	}
}

func TestRefusedDialIsRepeatedForAnyCall(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // its port refuses connections now
	client := realClient(t, "http://"+listener.Addr().String())
	client.clock.measured = time.Now()
	err = aCreate(t.Context(), client)
	if Ambiguous(err) || failureOf(t, err).Attempts < 2 || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v, want a refused connection after several attempts", err)
	}
}

// net/http moves a write to a new connection only if the old one has taken nothing of
// it. So only the last connection counts.
func TestDeliveryStartsOverWithEachConnection(t *testing.T) {
	t.Parallel()
	var way delivery
	trace := way.trace()
	trace.GetConn("platform.test:443")
	trace.WroteHeaders()
	if got := way.kind(io.EOF); got != kindNoResponse {
		t.Errorf("after the headers: got kind %d, want %d", got, kindNoResponse)
	}
	trace.GetConn("platform.test:443")
	if got := way.kind(errors.New("dial")); got != kindUnsent {
		t.Errorf("at the next connection: got kind %d, want %d", got, kindUnsent)
	}
}

func TestProxyThatRefuses(t *testing.T) {
	t.Parallel()
	for status, predicates := range map[int][]string{407: nil, 403: nil, 502: {"IsTransient"}} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.WriteHeader(status)
			}))
			t.Cleanup(proxy.Close)
			address, _ := url.Parse(proxy.URL)
			address.User = url.UserPassword("user", "canary")
			client := realClient(t, "https://platform.test", func(transport *http.Transport) { transport.Proxy = http.ProxyURL(address) })
			client.clock.measured = time.Now()
			err := aCreate(t.Context(), client)
			if got := predicatesOf(err); !slices.Equal(got, predicates) || predicates == nil && requests.Load() != 1 {
				t.Errorf("got %d requests and %v, which is %q, want %q", requests.Load(), err, got, predicates)
			}
			if IsUnreachable(err) != (status == 502) {
				t.Errorf("got %v, want an unreachable endpoint: %t", err, status == 502)
			}
			if text := err.Error(); !strings.Contains(text, address.Host) || strings.Contains(text, "canary") {
				t.Errorf("got %s, want the proxy without its password", text)
			}
		})
	}
}
