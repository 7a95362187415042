package coretest

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// wire carries the requests of one provider, and marks them with its name. It can
// be cut.
type wire struct {
	next http.RoundTripper
	Cut  atomic.Bool
}

const wireHeader = "X-Wire"

func (w *wire) name() string { return fmt.Sprintf("%p", w) }

// RoundTrip sends a request, unless the wire is cut.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.Cut.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	r = r.Clone(r.Context())
	r.Header.Set(wireHeader, w.name())
	return w.next.RoundTrip(r)
}

// Sent reports whether a request came over the wire.
func (w *wire) Sent(r simulator.Request) bool { return r.Header.Get(wireHeader) == w.name() }
