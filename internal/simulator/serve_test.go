package simulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"

	"go.uber.org/goleak"
)

func TestRefusedConnectionIsNeverSent(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		sent := func() (wrote bool, err error) {
			r := c.request(OpTasks, map[string]string{"productId": "10005977"}, "")
			trace := &httptrace.ClientTrace{WroteHeaders: func() { wrote = true }}
			_, err = c.send(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
			return wrote, err
		}
		if wrote, err := sent(); !wrote || err != nil {
			t.Fatalf("control: got written %t and error %v, want true and none", wrote, err)
		}
		p.Inject(Fault{Kind: ConnectionRefused})
		wrote, err := sent()
		wantEqual(t, "the request was written", wrote, false)
		var dial *net.OpError
		if !errors.As(err, &dial) || dial.Op != "dial" {
			t.Errorf("error: got %v, want one of dial", err)
		}
		wantEqual(t, "refused dials", p.RefusedDials(), 1)
	})
}

func TestRealListenerResets(t *testing.T) {
	t.Parallel()
	for _, encrypted := range []bool{false, true} {
		p := New(Options{})
		server := httptest.NewUnstartedServer(p)
		if encrypted {
			server.StartTLS()
		} else {
			server.Start()
		}
		dialled := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		c := &caller{t: t, http: dialled, secret: DefaultAppSecret}
		c.change = func(r *http.Request) {
			r.URL.Host = server.Listener.Addr().String()
			if encrypted {
				r.URL.Scheme = "https"
			}
		}
		c.lwm2mTask()
		p.Inject(Fault{Kind: ResetAfter})
		wantEqual(t, fmt.Sprintf("client with TLS %t", encrypted), seen(c.try(OpCreate, nil, lwm2mBody)), "reset")
		wantEqual(t, "tasks", p.TasksEverCreated(), 2)
		dialled.CloseIdleConnections()
		p.Close()
		server.Close()
	}
}

func TestServeEndsWithClose(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := New(Options{})
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(listener) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/echo")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	p.Close()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve: got %v, want %v", err, http.ErrServerClosed)
	}
}

func TestClosedPlatformRefuses(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		tasks := map[string]string{"productId": "10005977"}
		c.ok(OpTasks, tasks, "")
		p.Close()
		wantEqual(t, "client", seen(c.try(OpTasks, tasks, "")), "refused")
	})
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
