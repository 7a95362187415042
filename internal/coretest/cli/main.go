// Package cli runs the real Terraform with the real provider, for tests only.
//
// A [Workspace] is a folder with a configuration. Its commands are processes, which a test
// can interrupt and kill. The simulated platform listens on a socket.
package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// folder is a temporary folder that all tests of a package share. Main removes it.
var folder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "aep-test-") })

// Main runs the tests of a package, from its TestMain, and returns their exit
// code. A CLI configuration of the machine does not reach the tests.
func Main(m *testing.M) int {
	shared, err := folder()
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(shared) }()
	empty := filepath.Join(shared, "empty.tfrc")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		panic(err)
	}
	_ = os.Setenv("TF_CLI_CONFIG_FILE", empty)
	_ = os.Setenv("CHECKPOINT_DISABLE", "1")
	return m.Run()
}

// builtProvider returns the folder of the provider's program, which is built once.
var builtProvider = sync.OnceValues(func() (string, error) {
	shared, err := folder()
	if err != nil {
		return "", err
	}
	program := filepath.Join(shared, "program")
	build := exec.Command("go", "build", "-o", filepath.Join(program, "real"), "github.com/ctwing/terraform-provider-aep")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	// Terraform starts this script, which records the id of each process of the provider.
	const script = "#!/bin/sh\necho $$ >> \"$PROVIDER_PIDS\"\nexec \"$(dirname \"$0\")/real\" \"$@\"\n"
	return program, os.WriteFile(filepath.Join(program, "terraform-provider-aep"), []byte(script), 0o700)
})
