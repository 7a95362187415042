package aep

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// stream is a request over HTTP/2 that has arrived in full.
type stream struct {
	*http2.Framer
	id   uint32
	conn io.Closer
}

func (s stream) respond(body string, whole bool) {
	var header bytes.Buffer
	encoder := hpack.NewEncoder(&header)
	for _, field := range []hpack.HeaderField{{Name: ":status", Value: "200"}, {Name: "content-length", Value: fmt.Sprint(len(body))}} {
		_ = encoder.WriteField(field)
	}
	_ = s.WriteHeaders(http2.HeadersFrameParam{StreamID: s.id, BlockFragment: header.Bytes(), EndHeaders: true})
	if !whole {
		body = body[:len(body)/2]
	}
	_ = s.WriteData(s.id, whole, []byte(body))
}

// http2Server returns the endpoint of a server that calls treat for its nth request.
func http2Server(t *testing.T, treat func(n int64, s stream)) (endpoint string, requests *atomic.Int64) {
	t.Helper()
	like := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	like.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: like.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int64)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { converse(conn, func(s stream) { treat(requests.Add(1), s) }) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return "https://" + listener.Addr().String(), requests
}

// converse calls treat for the requests of one connection until it is closed.
func converse(conn net.Conn, treat func(stream)) {
	defer func() { _ = conn.Close() }()
	if _, err := io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	_ = framer.WriteSettings()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		header := frame.Header()
		switch header.Type {
		case http2.FrameSettings:
			if !header.Flags.Has(http2.FlagSettingsAck) {
				_ = framer.WriteSettingsAck()
			}
		case http2.FrameHeaders, http2.FrameData:
			if header.Flags.Has(http2.FlagDataEndStream) { // the same bit for both
				treat(stream{framer, header.StreamID, conn})
			}
		}
	}
}

// A server may end one request or the connection at any moment. Then a read is
// repeated, and a write only if the server says that it has processed nothing of it.
func TestHTTP2ThatBreaksOff(t *testing.T) {
	t.Parallel()
	const done = `{"code":0,"result":{` + soundTask + `}}`
	for name, c := range map[string]struct {
		spoil     func(stream)
		untouched bool
	}{
		"stream reset": {spoil: func(s stream) { _ = s.WriteRSTStream(s.id, http2.ErrCodeInternal) }},
		"stream refused": {
			spoil: func(s stream) { _ = s.WriteRSTStream(s.id, http2.ErrCodeRefusedStream) }, untouched: true,
		},
		"reset in the response": {spoil: func(s stream) {
			s.respond(done, false)
			_ = s.WriteRSTStream(s.id, http2.ErrCodeCancel)
		}},
		"GOAWAY after the request": {spoil: func(s stream) {
			_ = s.WriteGoAway(s.id, http2.ErrCodeNo, nil)
			_ = s.conn.Close()
		}},
		"GOAWAY before the request": {
			spoil: func(s stream) {
				_ = s.WriteGoAway(s.id-2, http2.ErrCodeNo, nil)
				_ = s.conn.Close()
			}, untouched: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := func() (*Client, *atomic.Int64) {
				endpoint, requests := http2Server(t, func(n int64, s stream) {
					if n == 2 {
						c.spoil(s)
					} else {
						s.respond(done, true)
					}
				})
				client := realClient(t, endpoint, func(transport *http.Transport) { transport.TLSClientConfig.InsecureSkipVerify = true })
				client.clock.measured = time.Now()
				if err := aRead(t.Context(), client); err != nil {
					t.Fatal("the first request:", err)
				}
				return client, requests
			}
			client, requests := start()
			if err := aRead(t.Context(), client); err != nil || requests.Load() != 3 {
				t.Errorf("a read: got %d requests, %v, want 2 and a success", requests.Load()-1, err)
			}
			client, requests = start()
			err := aCreate(t.Context(), client)
			if sent := requests.Load() - 1; c.untouched && (err != nil || sent != 2) || !c.untouched && (!Ambiguous(err) || sent != 1) {
				t.Errorf("a create: got %d requests, %v, want it repeated: %t", sent, err, c.untouched)
			}
		})
	}
}
