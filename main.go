// Command terraform-provider-aep serves the provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// version is set by the linker in a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger such as delve to attach")
	flag.Parse()
	if !*debug { // Whoever debugs reads them.
		quietLogs(os.Environ(), os.Setenv)
	}
	tuneMemory(os.LookupEnv)
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/ctwing/aep",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quietLogs keeps the SDK and the framework from building records that nobody
// reads, one for every call and for every element of every list: with long
// device lists they cost more than all the rest.
func quietLogs(environ []string, setenv func(key, value string) error) {
	for _, variable := range environ {
		if strings.HasPrefix(variable, "TF_LOG") {
			return
		}
	}
	for _, log := range []string{"TF_LOG_PROVIDER_AEP", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		_ = setenv(log, "off")
	}
}

// tuneMemory lets the heap grow further between collections than Go would: it
// is small, and what most runs allocate is gone in a moment. Once a fleet of a
// million devices is at hand the collector works harder instead. Whoever sets
// GOGC or GOMEMLIMIT, which Go itself reads, knows better.
func tuneMemory(lookup func(string) (string, bool)) {
	const (
		growth = 400       // percent
		limit  = 400 << 20 // bytes
	)
	if _, set := lookup("GOGC"); !set {
		debug.SetGCPercent(growth)
	}
	if _, set := lookup("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(limit)
	}
}
