// Package tools finds the programs that tests need beside Go.
package tools

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Lack skips a test because of what the machine lacks. With STRICT in the
// environment, as in the workflows, the test fails instead.
func Lack(t *testing.T, problem string) {
	t.Helper()
	if os.Getenv("STRICT") != "" {
		t.Fatal(problem)
	}
	t.Skip(problem)
}

// Need skips a test unless all programs are on PATH, see Lack.
func Need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			Lack(t, fmt.Sprintf("%s is not on PATH", program))
		}
	}
}
