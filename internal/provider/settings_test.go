package provider

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

const aSecret = "s3cr3t-that-nobody-may-see"

// settingCases has one row for each argument: what the block says, what the
// environment says, and what each of them, or neither, comes to.
var settingCases = map[string]struct {
	block       tftypes.Value
	environment string
	read        func(settings) any
	fromBlock   any
	fromEnv     any
	unset       any
}{
	"app_key": {
		tftypes.NewValue(tftypes.String, "block"), "env",
		func(s settings) any { return s.client.AppKey }, "block", "env", "",
	},
	"app_secret": {
		tftypes.NewValue(tftypes.String, "block"), "env",
		func(s settings) any { return s.client.AppSecret }, "block", "env", "",
	},
	"master_key": {
		tftypes.NewValue(tftypes.String, "block"), "env",
		func(s settings) any { return s.client.MasterKey }, "block", "env", "",
	},
	"master_keys": {
		tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"1": tftypes.NewValue(tftypes.String,
			`b"\`)}), `{"2": "env"}`,
		func(s settings) any { return s.client.MasterKeys },
		map[int64]string{1: `b"\`},
		map[int64]string{2: "env"},
		map[int64]string(nil),
	},
	"endpoint": {
		tftypes.NewValue(tftypes.String, "https://block"), "https://env",
		func(s settings) any { return s.client.Endpoint }, "https://block", "https://env", "",
	},
	"allow_http": {
		tftypes.NewValue(tftypes.Bool, false), "true",
		func(s settings) any { return s.client.AllowHTTP }, false, true, false,
	},
	"operator": {
		tftypes.NewValue(tftypes.String, "block"), "env",
		func(s settings) any { return s.client.Operator }, "block", "env", "",
	},
	"request_timeout": {
		tftypes.NewValue(tftypes.String, "7s"), "8s",
		func(s settings) any { return s.client.RequestTimeout }, 7 * time.Second, 8 * time.Second, time.Duration(0),
	},
	"retry_budget": {
		tftypes.NewValue(tftypes.String, "0s"), "8m",
		func(s settings) any { return s.client.RetryBudget }, time.Duration(-1), 8 * time.Minute, time.Duration(0),
	},
	"requests_per_second": {
		tftypes.NewValue(tftypes.Number, 0), "2.5",
		func(s settings) any { return s.client.RequestsPerSecond }, -1.0, 2.5, 0.0,
	},
	"max_concurrent_requests": {
		tftypes.NewValue(tftypes.Number, 64), "1",
		func(s settings) any { return s.client.MaxConcurrentRequests }, 64, 1, 0,
	},
	"page_size": {
		tftypes.NewValue(tftypes.Number, 1000), "1",
		func(s settings) any { return s.client.PageSize }, 1000, 1, 0,
	},
	"max_devices_per_run": {
		tftypes.NewValue(tftypes.Number, 0), "5000",
		func(s settings) any {
			if s.maxDevices == nil {
				return nil
			}
			return *s.maxDevices
		}, int64(0), int64(5000), nil,
	},
	"read_only": {
		tftypes.NewValue(tftypes.Bool, false), "true",
		func(s settings) any { return s.client.ReadOnly }, false, true, false,
	},
	"lwm2m_status_codes": {
		tftypes.NewValue(tftypes.String, "2019"), "2022",
		func(s settings) any { return s.table }, progress.Table2019, progress.Table2022, progress.TableAuto,
	},
}

func TestSettingsComeFromBlockThenEnvironmentThenDefault(t *testing.T) {
	t.Parallel()
	for _, one := range allSettings {
		c, ok := settingCases[one.argument]
		if !ok {
			t.Errorf("no test covers the argument %s", one.argument)
			continue
		}
		block := map[string]tftypes.Value{one.argument: c.block}
		null := map[string]tftypes.Value{one.argument: tftypes.NewValue(c.block.Type(), nil)}
		for name, s := range map[string]struct {
			block map[string]tftypes.Value
			env   string
			want  any
		}{
			"block over environment":    {block, c.environment, c.fromBlock},
			"null leaves it to the env": {null, c.environment, c.fromEnv},
			"only environment":          {nil, c.environment, c.fromEnv},
			"default":                   {null, "", c.unset},
		} {
			got, diags := resolveSettings(s.block, environmentWith(one.environment, s.env))
			if diags.HasError() || !reflect.DeepEqual(c.read(got), s.want) {
				t.Errorf("%s, %s: got %v (%v), want %v", one.argument, name, c.read(got), diags, s.want)
			}
		}
		unknown := map[string]tftypes.Value{one.argument: tftypes.NewValue(c.block.Type(), tftypes.UnknownValue)}
		got, diags := resolveSettings(unknown, environmentWith(one.environment, c.environment))
		if diags.HasError() || len(got.unknown) != 1 || !reflect.DeepEqual(c.read(got), c.unset) {
			t.Errorf("%s, unknown: got %v, noted %v (%v)", one.argument, c.read(got), got.unknown, diags)
		}
	}
}

func environmentWith(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

func TestSettingsOutOfRangeAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ argument, value string }{
		{"allow_http", "perhaps"},
		{"operator", " padded"},
		{"request_timeout", "0s"},
		{"request_timeout", "-1s"},
		{"request_timeout", "60"},
		{"retry_budget", "-1s"},
		{"retry_budget", "soon"},
		{"requests_per_second", "-1"},
		{"requests_per_second", "NaN"},
		{"requests_per_second", "Inf"},
		{"requests_per_second", "1e7"},
		{"max_concurrent_requests", "0"},
		{"max_concurrent_requests", "65"},
		{"max_concurrent_requests", "1.5"},
		{"page_size", "0"},
		{"max_devices_per_run", "-1"},
		{"max_devices_per_run", "many"},
		{"page_size", "1001"},
		{"read_only", "2"},
		{"lwm2m_status_codes", "2020"},
		{"master_keys", aSecret},
		{"master_keys", `{"10005977": ["` + aSecret + `"]}`},
		{"master_keys", `{"` + aSecret + `": "10005977"}`},
		{"master_keys", `{"0": "` + aSecret + `"}`},
	} {
		for _, one := range allSettings {
			if one.argument != c.argument {
				continue
			}
			_, diags := resolveSettings(nil, environmentWith(one.environment, c.value))
			if text := diagsText(diags); !strings.Contains(text, "environment variable "+one.environment) || strings.Contains(text, aSecret) {
				t.Errorf("%s=%s in the environment: %q", one.environment, c.value, text)
			}
			_, diags = resolveSettings(map[string]tftypes.Value{one.argument: tftypes.NewValue(tftypes.String, c.value)}, environmentWith("", ""))
			if text := diagsText(diags); !strings.Contains(text, "argument "+one.argument) || strings.Contains(text, aSecret) {
				t.Errorf("%s = %s in the block: %q", one.argument, c.value, text)
			}
		}
	}
}

func diagsText(diags diag.Diagnostics) string {
	var texts []string
	for _, one := range diags.Errors() {
		texts = append(texts, one.Summary()+": "+one.Detail())
	}
	return strings.Join(texts, "\n")
}

// TestEverySettingHasItsArgument ties the list to the client's errors.
func TestEverySettingHasItsArgument(t *testing.T) {
	t.Parallel()
	config := reflect.TypeFor[aep.Config]()
	names := map[string]string{}
	for _, one := range allSettings {
		if _, ok := config.FieldByName(one.field); one.field != "" && !ok {
			t.Errorf("%s names the field %s, which aep.Config has not", one.argument, one.field)
		}
		if one.field != "" && settingOf(one.field).argument != one.argument {
			t.Errorf("an error about %s would name %s", one.field, settingOf(one.field).argument)
		}
		if other := names[one.environment]; other != "" {
			t.Errorf("%s and %s share %s", other, one.argument, one.environment)
		}
		names[one.environment] = one.argument
	}
	if len(names) != len(settingCases) {
		t.Errorf("%d settings, %d tests of them", len(names), len(settingCases))
	}
}
