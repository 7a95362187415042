package aep

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testProduct int64 = 10005977
	testTask    int64 = 3456
	basePath          = "/aep_upgrade_management"
	success           = `{"code":0,"msg":"ok","result":"SUCCESS"}`
)

var testKey = TaskKey{ProductID: testProduct, TaskID: testTask}

// received is a request as a script received it.
type received struct {
	*http.Request
	body string
	at   time.Time
}

// step responds to one request of a script.
type step func(*http.Request) (*http.Response, error)

// script is a transport that plays its steps in order and then repeats the last. It
// responds to GET /echo separately.
type script struct {
	steps []step
	echo  step // nil: HTTP 404, which leaves the clock unchanged

	mu       sync.Mutex
	requests []received
	echoes   int
}

func play(steps ...step) *script { return &script{steps: steps} }

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/echo" {
		s.mu.Lock()
		s.echoes++
		s.mu.Unlock()
		if s.echo != nil {
			return s.echo(r)
		}
		return respond(http.StatusNotFound, "")(r)
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	next := s.steps[min(len(s.requests), len(s.steps)-1)]
	s.requests = append(s.requests, received{Request: r, body: string(body), at: time.Now()})
	s.mu.Unlock()
	return next(r)
}

func (s *script) sent() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.requests...)
}

// respond returns a step that responds. headers are pairs of name and value.
func respond(status int, body string, headers ...string) step {
	return func(r *http.Request) (*http.Response, error) {
		markSent(r)
		header := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: header, Request: r, ContentLength: int64(len(body)),
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// ok returns a step that responds with a success.
func ok(result string) step {
	return respond(http.StatusOK, `{"code":0,"msg":"ok","result":`+result+`}`)
}

// lost is a step that receives the request and then breaks the connection.
func lost(r *http.Request) (*http.Response, error) {
	markSent(r)
	return nil, errors.New("read: connection reset by peer")
}

// unsent is a step that fails before anything is sent.
func unsent(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial tcp 192.0.2.1:443: connect: connection refused")
}

// hang is a step that receives the request and never responds.
func hang(r *http.Request) (*http.Response, error) {
	markSent(r)
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// markSent calls the hook that net/http calls when it has sent the headers.
func markSent(r *http.Request) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
}

func testConfig(transport http.RoundTripper) Config {
	return Config{
		AppKey: "dAaFG7DiPt8", AppSecret: "Zx9Yw8Vu7T", MasterKey: "0123456789abcdef0123456789abcdef",
		Endpoint: "https://platform.test", RequestsPerSecond: -1, Transport: transport,
	}
}

func newClient(t testing.TB, transport http.RoundTripper, adjust ...func(*Config)) *Client {
	t.Helper()
	config := testConfig(transport)
	for _, change := range adjust {
		change(&config)
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "responses", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// failureOf returns the *Error that err is, as for every failed call.
func failureOf(t testing.TB, err error) *Error {
	t.Helper()
	failure, is := errors.AsType[*Error](err)
	if !is {
		t.Fatalf("got %v, want an *Error", err)
	}
	return failure
}

func ptr[T any](v T) *T { return &v }

// inBubble runs f in virtual time.
func inBubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
