package aep

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

func newTransport(config Config) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: checkProxy,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		// Without pings every retry would use a connection that is silently dead.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConns:           2 * config.MaxConcurrentRequests,
		MaxIdleConnsPerHost:    config.MaxConcurrentRequests,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// proxyError is the refusal of a proxy to connect to the platform.
type proxyError struct {
	host   string
	status int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s refused to connect: HTTP %d %s", e.host, e.status, http.StatusText(e.status))
}

func checkProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{host: proxy.Host, status: resp.StatusCode}
}

// proxyHost returns the host of the proxy between transport and endpoint, "" if there is none.
func proxyHost(transport http.RoundTripper, endpoint *url.URL) string {
	t, ok := transport.(*http.Transport)
	if !ok || t.Proxy == nil {
		return ""
	}
	proxy, err := t.Proxy(&http.Request{URL: endpoint})
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Host
}

// delivery records how far an attempt gets. The zero value is ready.
type delivery struct {
	sent    atomic.Bool
	refused atomic.Bool // one side refused the TLS handshake
}

func (d *delivery) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		// net/http may move a request to another connection. It moves a write only if the first connection
		// has taken nothing of it.
		GetConn:      func(string) { d.sent.Store(false) },
		WroteHeaders: func() { d.sent.Store(true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			d.refused.Store(err != nil && !isNetworkFailure(err))
		},
	}
}

// kind returns the kind of an error that ended the attempt before any response.
func (d *delivery) kind(err error) kind {
	switch {
	case d.sent.Load():
		return kindNoResponse
	case d.refused.Load() || isRefusedConnection(err):
		return kindPermanent
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return kindUnresolved
	}
	return kindUnsent
}

func isRefusedConnection(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	proxy, ok := errors.AsType[*proxyError](err)
	return ok && proxy.status/100 == 4
}

// isNetworkFailure reports whether a TLS handshake failed for lack of a network. It is false if one side
// refused the handshake by an alert or a check.
func isNetworkFailure(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op != "remote error" && op.Op != "local error"
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed)
}

// transportCause returns why a round trip failed, without the URL.
func transportCause(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no response in time"
	case errors.Is(err, context.Canceled):
		return "the request was cut off"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the response was complete"
	}
	return err.Error()
}
