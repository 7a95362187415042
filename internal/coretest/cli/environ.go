package cli

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Serve lets a platform listen on a socket until it is closed. It returns the endpoint.
func Serve(t testing.TB, p *simulator.Platform) (endpoint string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.Serve(listener) }()
	return "http://" + listener.Addr().String()
}

// Environ returns the environment of a Terraform that works on a platform. It has the
// credentials, and the variables of this process except TF_* and AEP_*.
func Environ(endpoint string) []string {
	ours := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "AEP_")
	})
	return append(ours, "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "AEP_REQUESTS_PER_SECOND=0", "AEP_ENDPOINT="+endpoint,
		"AEP_APP_KEY="+simulator.DefaultAppKey, "AEP_APP_SECRET="+simulator.DefaultAppSecret)
}
