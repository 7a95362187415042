package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// standing is a task with devices, as a platform and a state hold them.
func standing(t *testing.T) (e *coretest.Campaigns, want coretest.CampaignsConfig) {
	t.Helper()
	e = coretest.NewSmallCampaigns(t, coretest.LwM2MProduct, nil)
	ids := e.Platform.DeviceIDs(coretest.LwM2MProduct)
	want = coretest.CampaignsConfig{Names: [2]string{"north", "south"}, Devices: [2][]string{ids[:4], ids[4:6]}, Start: true}
	if diags := e.Apply(t.Context(), want); diags.Errors() != "" {
		t.Fatal(diags.Errors())
	}
	if left := e.Remaining(&want); left != "" {
		t.Fatal(left)
	}
	e.Platform.ResetJournal()
	return e, want
}

func TestWrongCredentialsAreNeverGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments coretest.Config
		want      []string
	}{
		"wrong secret":  {coretest.Config{"app_secret": "wrong"}, []string{"app_secret", "HTTP 401"}},
		"wrong app key": {coretest.Config{"app_key": "wrong"}, []string{"app key", "HTTP 404", "does not mean that the task is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, want := standing(t)
				before := e.Saved()
				e.Arguments = c.arguments
				diags := e.Apply(t.Context(), want)
				destroyed := e.Destroy(t.Context())
				for _, text := range c.want {
					if !coretest.Says(diags.Errors(), text) || !coretest.Says(destroyed.Errors(), text) {
						t.Errorf("%q is missing from: %s\n%s", text, diags.Errors(), destroyed.Errors())
					}
				}
				for n, i := range e.Instances() {
					if !coretest.SameInstance(*i, before[n]) {
						t.Errorf("the state of %s has changed", i.TypeName)
					}
				}
				coretest.WantNoWrites(t, e.Platform)
			})
		})
	}
}

func TestReadOnlySendsNoWriteForAnyResource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, want := standing(t)
		e.Arguments = coretest.Config{"read_only": true}
		if todo, diags := e.Pending(t.Context(), want); diags.Errors() != "" || len(todo) > 0 {
			t.Errorf("the plan without a change: %v %s", todo, diags.Errors())
		}
		changed := want
		changed.Names[0], changed.Descriptions[1] = "renamed", "described"
		changed.Devices[1] = want.Devices[1][:1]
		changed.Devices[0] = want.Devices[0][1:]
		refused := []string{e.Apply(t.Context(), changed).Errors(), e.Destroy(t.Context()).Errors()}
		other := coretest.NewCampaigns(t, e.Platform, coretest.TLinkProduct, e.Like)
		other.Arguments = e.Arguments
		refused = append(refused, other.Apply(t.Context(), coretest.CampaignsConfig{Names: want.Names}).Errors())
		for n, text := range refused {
			if !coretest.Says(text, "read_only") {
				t.Errorf("refusal %d does not say why: %s", n, text)
			}
		}
		coretest.WantNoWrites(t, e.Platform)
		// The same goes through without read_only.
		e.Arguments = nil
		if diags := e.Apply(t.Context(), want); diags.Errors() != "" {
			t.Error(diags.Errors())
		}
		if diags := e.Destroy(t.Context()); diags.Errors() != "" || len(e.Platform.Writes()) == 0 {
			t.Errorf("%d writes: %s", len(e.Platform.Writes()), diags.Errors())
		}
	})
}

// configured configures a provider and returns what it has to say.
func configured(c *coretest.Core, arguments coretest.Config) coretest.Diagnostics {
	block := coretest.Config{"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret}
	maps.Copy(block, arguments)
	resp, err := c.Server.ConfigureProvider(c.T.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: c.Pack(c.Typed(c.Schemas.Provider.ValueType(), block)),
	})
	c.Must(err)
	return resp.Diagnostics
}

func TestProviderBlockIsChecked(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	like := coretest.New(t, p, nil)
	const secret = "s3cr3t\nwith a second line"
	for name, c := range map[string]struct {
		arguments coretest.Config
		want      string
	}{
		"http to another machine":        {coretest.Config{"endpoint": "http://example.com"}, "plain http"},
		"user name in the endpoint":      {coretest.Config{"endpoint": "https://user:pass@example.com"}, "user name"},
		"path in the endpoint":           {coretest.Config{"endpoint": "https://example.com/api"}, "without path"},
		"secret of two lines":            {coretest.Config{"app_secret": secret}, "app_secret contains a control character"},
		"secret with BOM":                {coretest.Config{"app_secret": "\ufeffs3cr3t"}, "app_secret begins with a byte order mark (U+FEFF)"},
		"secret with blanks":             {coretest.Config{"app_secret": " s3cr3t "}, "app_secret has white space around it"},
		"MasterKey with a trailing line": {coretest.Config{"master_key": "s3cr3t\n"}, "master_key has white space around it"},
		"empty MasterKey of a product":   {coretest.Config{"master_keys": coretest.Config{"7": ""}}, "(product 7)"},
		"page size":                      {coretest.Config{"page_size": 0}, "page_size must be"},
		"lwm2m_status_codes":             {coretest.Config{"lwm2m_status_codes": "2020"}, "lwm2m_status_codes must be one of"},
		"all is well":                    {coretest.Config{"allow_http": true, "endpoint": "http://example.com"}, ""},
	} {
		got := configured(like.Restarted(t, p, nil), c.arguments).Errors()
		if !coretest.Says(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "s3cr3t") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMissingCredentialsAreNamedTogether(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	like := coretest.New(t, p, nil)
	every := map[string]string{
		"app_key": "app_key, or the environment variable AEP_APP_KEY", "app_secret": "app_secret, or the environment variable AEP_APP_SECRET",
		"master_keys": "master_key or master_keys, or the environment variable AEP_MASTER_KEY or AEP_MASTER_KEYS",
	}
	task := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
	for name, absent := range map[string][]string{
		"app key": {"app_key"}, "app secret": {"app_secret"}, "all": {"app_key", "app_secret", "master_keys"},
	} {
		arguments := coretest.Config{"master_keys": coretest.Config{"10005977": simulator.LwM2MMasterKey}}
		for _, argument := range absent {
			arguments[argument] = nil
		}
		c := like.Restarted(t, p, arguments)
		plan := c.Plan(t.Context(), c.Absent("aep_upgrade_task"), task)
		if plan.Diags.Errors() != "" || plan.Action != coretest.CreateIt {
			t.Errorf("%s: the plan is to %s: %s", name, plan.Action, plan.Diags.Errors())
		}
		warned := configured(c, arguments).Warnings()
		refused := c.Apply(t.Context(), c.Absent("aep_upgrade_task"), task).Errors()
		for argument, text := range every {
			for said, words := range map[string]string{"warning": warned, "error": refused} {
				if coretest.Says(words, text) != slices.Contains(absent, argument) {
					t.Errorf("%s missing: %s about %s: %s", name, said, argument, words)
				}
			}
		}
	}
	if n := len(p.Requests()); n != 0 {
		t.Errorf("%d requests were sent without credentials", n)
	}
}

func TestPlanForAProductWithoutMasterKey(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	c := coretest.New(t, p, coretest.Config{"master_keys": coretest.Config{"10005986": simulator.TLinkMasterKey}})
	for product, arguments := range map[int64]coretest.Config{
		coretest.LwM2MProduct: {"firmware_id": coretest.LwM2MFirmware, "retry_times": 1},
		coretest.TLinkProduct: {"firmware_id": coretest.TLinkFirmware, "timeout_hours": 1},
	} {
		config := coretest.Merge(arguments, coretest.Config{"product_id": product, "name": "meters"})
		plan := c.Plan(t.Context(), c.Absent("aep_upgrade_task"), config)
		said := plan.Diags.Warnings()
		if plan.Diags.Errors() != "" || (product == coretest.LwM2MProduct) != coretest.Says(said, `Set master_keys["10005977"] or master_key`) {
			t.Errorf("product %d: %s%s", product, plan.Diags.Errors(), said)
		}
	}
}

// TestMissingMasterKeyIsNamedOnceAWalk plans resources of one product, each of them first once. The warning is not left
// to the second planning of a replacement, whose warnings Terraform does not show.
func TestMissingMasterKeyIsNamedOnceAWalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := coretest.New(t, coretest.NewPlatform(t), coretest.Config{"master_keys": nil})
		task := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "old", "retry_times": 1}
		old := c.Absent("aep_upgrade_task")
		c.MustApply(t.Context(), old, task)
		ofNewTask := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.Unknown{}}
		resources := []struct {
			instance *coretest.Instance
			config   coretest.Config
			how      coretest.Lifecycle
		}{
			{old, task, coretest.Lifecycle{Replace: true}},
			{c.Absent("aep_upgrade_task"), coretest.Merge(task, coretest.Config{"name": "new"}), coretest.Lifecycle{}},
			{c.Absent("aep_upgrade_devices"), coretest.Merge(ofNewTask, coretest.Config{"device_ids": []string{"a"}}), coretest.Lifecycle{}},
			{c.Absent("aep_upgrade_rollout"), coretest.Merge(ofNewTask, coretest.Config{"expected_device_count": 1}), coretest.Lifecycle{}},
		}
		for range resources {
			resources = append(resources[1:], resources[0])
			c.BeginWalk()
			var said strings.Builder
			for _, one := range slices.Concat(resources, resources) {
				said.WriteString(c.PlanOne(t.Context(), one.instance, one.config, one.how).Diags.Warnings())
			}
			if n := strings.Count(said.String(), "No MasterKey is set for product 10005977"); n != 1 {
				t.Errorf("%s first: %d warnings, want 1: %s", resources[0].instance.TypeName, n, said.String())
			}
		}
	})
}

// TestRefusedKeysAreNamedByTheirOrigin gives wrong keys. The error names where each was set, and no key.
func TestRefusedKeysAreNamedByTheirOrigin(t *testing.T) {
	const wrong = "wr0ngk3y"
	ofProduct := coretest.Config{"10005977": wrong}
	for name, c := range map[string]struct {
		arguments   coretest.Config
		environment map[string]string
		require     bool
		want        []string
	}{
		"secret": {
			coretest.Config{"app_secret": wrong},
			nil, false,
			[]string{
				"HTTP 401", "Check app_secret (from app_secret of the provider block)",
				"the MasterKey of product 10005977 (from master_keys[\"10005977\"]",
			},
		},
		"secret of the environment": {
			coretest.Config{"app_secret": nil},
			map[string]string{"AEP_APP_SECRET": wrong},
			false,
			[]string{"HTTP 401", "app_secret (from the environment variable AEP_APP_SECRET)"},
		},
		"key of the product": {
			coretest.Config{"master_keys": ofProduct},
			nil, false,
			[]string{
				"HTTP 403", "Check the MasterKey of product 10005977 (from master_keys[\"10005977\"] of the provider block), and app_secret",
			},
		},
		"key of every product": {
			coretest.Config{"master_keys": nil, "master_key": wrong},
			nil, false,
			[]string{"HTTP 403", "the MasterKey of product 10005977 (from master_key of the provider block)"},
		},
		"keys of the environment": {
			coretest.Config{"master_keys": nil},
			map[string]string{"AEP_MASTER_KEYS": `{"10005977":"` + wrong + `"}`},
			false,
			[]string{"HTTP 403", "the MasterKey of product 10005977 (from the environment variable AEP_MASTER_KEYS)"},
		},
		"app key of the environment": {
			coretest.Config{"app_key": nil},
			map[string]string{"AEP_APP_KEY": wrong},
			false,
			[]string{"HTTP 404", "app_key (from the environment variable AEP_APP_KEY)"},
		},
		"no key where one is required": {
			coretest.Config{"master_keys": nil},
			nil, true,
			[]string{
				"HTTP 400", "Required head parameter 'MasterKey' can not be null",
				"No MasterKey is set for product 10005977. Set master_keys[\"10005977\"]",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.environment {
				t.Setenv(variable, value)
			}
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t, func(o *simulator.Options) { o.RequireMasterKey = c.require })
				core := coretest.New(t, p, c.arguments)
				config := coretest.Config{
					"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1,
				}
				got := core.Apply(t.Context(), core.Absent("aep_upgrade_task"), config).Errors()
				for _, text := range c.want {
					if !coretest.Says(got, text) {
						t.Errorf("%q is missing from: %s", text, got)
					}
				}
				if strings.Contains(got, wrong) || strings.Contains(got, wrong[:4]) {
					t.Errorf("the error contains the key: %s", got)
				}
			})
		})
	}
}
