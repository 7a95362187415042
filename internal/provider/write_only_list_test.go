package provider_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestServerHasEveryMethodOfTheFramework looks for optional parts of the protocol:
// Terraform asks a server which of them it has.
func TestServerHasEveryMethodOfTheFramework(t *testing.T) {
	t.Parallel()
	framework := reflect.TypeOf(providerserver.NewProtocol6(provider.New("test")())())
	ours := reflect.TypeOf(provider.NewServer("test")())
	for method := range framework.Methods() {
		if _, found := ours.MethodByName(method.Name); !found {
			t.Errorf("the server lacks %s", method.Name)
		}
	}
	if framework.NumMethod() < 30 {
		t.Errorf("the framework's server has only %d methods", framework.NumMethod())
	}
}

// TestHiddenListIsReportedLikeTheOther plans each list as device_ids and as
// device_ids_wo. The messages and the plans are the same.
func TestHiddenListIsReportedLikeTheOther(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		list any
		want string // in the error
	}{
		"valid":           {[]any{"b", "a"}, ""},
		"no element":      {[]any{}, ""},
		"unknown element": {[]any{"a", coretest.Unknown{}}, ""},
		"unknown":         {coretest.Unknown{}, ""},
		"duplicate":       {[]any{"a", "b", "a"}, `"a" is listed more than once: element 0, element 2`},
		"line break":      {[]any{"a", "b\nc"}, "Element 1: device id \"b\\nc\" contains white space"},
		"comma":           {[]any{"a,b"}, "Element 0: device id \"a,b\" contains a comma"},
		"empty element":   {[]any{"a", ""}, "Element 1: device id \"\" is empty"},
		"null element":    {[]any{"a", nil}, "Element 1 is null"},
		"null":            {[]any{nil}, "Element 0 is null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withDevices(t, nil, func(t *testing.T, s devicesScene) {
				var warnings []string
				plan := func(argument string) (errors, digest string) {
					s.BeginWalk()
					made := s.Plan(s.ctx, s.set, s.setConfig(coretest.Config{argument: one.list}))
					for _, d := range made.Diags {
						if d.Severity == tfprotov6.DiagnosticSeverityWarning {
							warnings = append(warnings, d.Detail) // about the set, and not about an element
							continue
						}
						if got := d.Attribute.String(); got != fmt.Sprintf("AttributeName(%q)", argument) {
							t.Errorf("%s is reported at %s: %s", argument, got, d.Detail)
						}
					}
					if errors = made.Diags.Errors(); errors == "" {
						digest = coretest.Text(coretest.Fields(made.Planned)["device_ids_sha256"])
					}
					return errors, digest
				}
				shown, shownDigest := plan("device_ids")
				hidden, hiddenDigest := plan("device_ids_wo")
				if hidden != shown || hiddenDigest != shownDigest {
					t.Errorf("device_ids_wo has %q and %s, device_ids %q and %s", hidden, hiddenDigest, shown, shownDigest)
				}
				want := 0
				if name == "no element" {
					want = 2
				}
				if len(warnings) != want || want > 0 && (warnings[0] != warnings[1] || !strings.Contains(warnings[0], "Its list has no device.")) {
					t.Errorf("the warnings are %q", warnings)
				}
				mentions(t, "the plan", hidden, one.want)
				if one.want == "" && hidden != "" {
					t.Errorf("the plan has errors: %s", hidden)
				}
			})
		})
	}
}

// TestHiddenListIsNotVisited bounds what one id more costs the server. The framework
// alone takes some hundred allocations for an element.
func TestHiddenListIsNotVisited(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of the whole process.
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	const typeName, few, many, most = "aep_upgrade_devices", 1000, 2000, 4.8
	pack := func(config coretest.Config) *tfprotov6.DynamicValue {
		return c.Pack(c.Typed(c.Schema(typeName).ValueType(), config))
	}
	allocations := func(n int) float64 {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("device-%06d", i)
		}
		config := pack(coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.Unknown{}, "device_ids_wo": ids})
		nothing := c.Pack(c.Absent(typeName).Value)
		other := pack(coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": 1, "device_ids_sha256": "of other devices"})
		return testing.AllocsPerRun(5, func() {
			c.BeginWalk()
			valid, err := c.Server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
				TypeName: typeName, Config: config,
				ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
			})
			c.Must(err)
			planned, err := c.Server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: typeName, Config: config, ProposedNewState: config, PriorState: nothing,
			})
			c.Must(err)
			c.NoErrors(append(valid.Diagnostics, planned.Diagnostics...))
			applied, err := c.Server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: typeName, Config: config, PlannedState: other, PriorState: nothing,
			})
			c.Must(err)
			mentions(t, "the apply", coretest.Diagnostics(applied.Diagnostics).Errors(), "device_ids_wo", "between plan and apply")
		})
	}
	if each := (allocations(many) - allocations(few)) / (many - few); each > most {
		t.Errorf("each id takes %.1f allocations, want at most %.1f", each, most)
	}
}
