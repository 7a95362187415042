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
	quietFramework(os.Environ(), os.Setenv)
	saveMemory(os.Getenv("GOMEMLIMIT"))
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/ctwing/aep",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quietFramework keeps the framework from building trace records for every
// element of every list when nobody has asked for a log: with long device lists
// they cost more than all the rest.
func quietFramework(environ []string, setenv func(key, value string) error) {
	for _, variable := range environ {
		if strings.HasPrefix(variable, "TF_LOG") {
			return
		}
	}
	_ = setenv("TF_LOG_SDK_FRAMEWORK", "off")
}

// saveMemory lets the garbage collector work harder once a fleet of a million
// devices is at hand, in place of taking twice what that needs. GOMEMLIMIT, which
// Go itself has read, says otherwise.
func saveMemory(configured string) {
	const limit = 400 << 20 // bytes
	if configured == "" {
		debug.SetMemoryLimit(limit)
	}
}
