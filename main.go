// Command terraform-provider-aep serves the provider to Terraform and OpenTofu.
package main

import (
	"flag"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// version is set by the linker in a release.
var version = "dev"

func main() {
	debugger := flag.Bool("debug", false, "wait for a debugger such as delve to attach")
	flag.Parse()
	if !*debugger {
		disableLogs(os.Environ(), os.Setenv)
	}
	tuneMemory(os.LookupEnv)
	var options []tf6server.ServeOpt
	if *debugger {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve("registry.terraform.io/ctwing/aep", provider.NewServer(version), options...); err != nil {
		log.Fatal(err)
	}
}

// disableLogs turns the logs of the SDK and the framework off, unless a variable
// TF_LOG… is set. They build a record for every element of a list. On a long
// list, this takes more time than all other work.
func disableLogs(environ []string, setenv func(key, value string) error) {
	for _, variable := range environ {
		if strings.HasPrefix(variable, "TF_LOG") {
			return
		}
	}
	for _, variable := range []string{"TF_LOG_PROVIDER_AEP", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		_ = setenv(variable, "off")
	}
}

// tuneMemory lets the heap grow to five times its live size between collections,
// because it is small in most runs. From 400 MB on, with a million devices, Go
// collects more often instead. GOGC and GOMEMLIMIT take precedence.
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
