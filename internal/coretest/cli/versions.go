package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"
)

// IsOpenTofu reports whether the tests run OpenTofu.
func IsOpenTofu() bool {
	return strings.HasPrefix(filepath.Base(os.Getenv("TF_ACC_TERRAFORM_PATH")), "tofu")
}

// Lacks returns why a CLI of a version is too old, "" if it is not. An empty least version means that no version suffices.
func Lacks(got *version.Version, terraform, openTofu string) string {
	name, least := "Terraform", terraform
	if IsOpenTofu() {
		name, least = "OpenTofu", openTofu
	}
	if least == "" || got.Core().LessThan(version.Must(version.NewVersion(least))) {
		return fmt.Sprintf("needs Terraform %s or OpenTofu %s, and this is %s %s", terraform, openTofu, name, got)
	}
	return ""
}

// Needs skips the test below a version of Terraform, or of OpenTofu.
func (c *Workspace) Needs(terraform, openTofu string) {
	c.T.Helper()
	output, err := exec.CommandContext(c.T.Context(), c.program, "version", "-json").Output()
	var answer struct {
		Version *version.Version `json:"terraform_version"`
	}
	if err == nil {
		err = json.Unmarshal(output, &answer)
	}
	if err != nil {
		c.T.Fatal(err)
	}
	if reason := Lacks(answer.Version, terraform, openTofu); reason != "" {
		c.T.Skip(reason)
	}
}
