package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// Find returns the terraform, or else the tofu, on PATH, and "" without both.
func Find() string {
	for _, name := range []string{"terraform", "tofu"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
}

// Install downloads Terraform into folder and returns its path.
func Install(ctx context.Context, folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	constraints, err := version.NewConstraint(">= 1.8, < 2.0")
	if err != nil {
		return "", err
	}
	program, err := install.NewInstaller().Ensure(ctx, []src.Source{
		&releases.LatestVersion{Product: product.Terraform, Constraints: constraints, InstallDir: folder},
	})
	if err != nil {
		return "", fmt.Errorf("installing Terraform (put terraform or tofu on PATH instead): %w", err)
	}
	return program, nil
}
