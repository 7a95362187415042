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
		// A connection that went dead without a word would swallow every retry.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConns:           2 * config.MaxConcurrentRequests,
		MaxIdleConnsPerHost:    config.MaxConcurrentRequests,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// proxyError is a proxy's refusal to connect to the platform.
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

// proxyHost returns the host of the proxy through which requests go, "" if there is none.
func (c *Client) proxyHost() string {
	transport, ok := c.http.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return ""
	}
	proxy, err := transport.Proxy(&http.Request{URL: c.endpoint})
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Host
}

// delivery watches how far an attempt gets; the zero value is ready.
type delivery struct {
	sent    atomic.Bool
	refused atomic.Bool // the other side and we can't agree on TLS
}

func (d *delivery) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		// net/http itself moves a request to another connection: a read freely, a
		// write only if the first one took nothing of it.
		GetConn:      func(string) { d.sent.Store(false) },
		WroteHeaders: func() { d.sent.Store(true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			d.refused.Store(err != nil && !isNetworkFailure(err))
		},
	}
}

// kind classifies the error with which the attempt ended before any answer.
func (d *delivery) kind(err error) kind {
	switch {
	case d.sent.Load():
		return kindNoAnswer
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

// isNetworkFailure tells a handshake that broke off from one that was refused,
// by an alert of the other side or by our own checks.
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

// transportCause says why a round trip failed, without the URL.
func transportCause(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "the request was cut off"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the answer was complete"
	}
	return err.Error()
}
