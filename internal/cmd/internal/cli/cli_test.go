package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestSettingsOfTheUserAreHidden(t *testing.T) {
	program := Find()
	if program == "" {
		t.Skip("runs terraform or tofu from PATH")
	}
	t.Setenv("AEP_APP_KEY", "of the user")
	t.Setenv("TF_CLI_ARGS", "-unknown-flag")
	c, err := New(t.Context(), program, t.TempDir(), t.TempDir(), map[string]string{"AEP_APP_SECRET": "of the platform"})
	if err != nil {
		t.Fatal(err)
	}
	if name, version, _ := strings.Cut(c.Name, " "); name != "Terraform" && name != "OpenTofu" || version == "" {
		t.Errorf("the name is %q", c.Name)
	}
	got := slices.DeleteFunc(slices.Clone(c.environment), func(variable string) bool { return !strings.HasPrefix(variable, "AEP_") })
	if want := []string{"AEP_APP_SECRET=of the platform"}; !slices.Equal(got, want) {
		t.Errorf("the environment has %q, want %q", got, want)
	}
	if _, err := c.Run(t.Context(), "no-such-command"); err == nil || !strings.Contains(err.Error(), "no-such-command") {
		t.Errorf("an unknown command returns %v", err)
	}
}
