package provider_test

import (
	"maps"
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

func TestMissingCredentialsAreNamedAtFirstUse(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t)
	like := coretest.New(t, p, nil)
	for argument, variable := range map[string]string{"app_key": "AEP_APP_KEY", "app_secret": "AEP_APP_SECRET"} {
		c := like.Restarted(t, p, coretest.Config{argument: nil}) // a provider that nothing uses needs none
		config := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
		got := c.Apply(t.Context(), c.Absent("aep_upgrade_task"), config).Errors()
		if !coretest.Says(got, "argument "+argument) || !coretest.Says(got, variable) {
			t.Errorf("without %s: %q", argument, got)
		}
	}
	if n := len(p.Requests()); n != 0 {
		t.Errorf("%d requests were sent without credentials", n)
	}
}

func TestUnknownProviderConfigurationPlans(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, want := standing(t)
		e.Arguments = coretest.Config{"app_secret": coretest.Unknown{}}
		todo, diags := e.Pending(t.Context(), want)
		if diags.Errors() != "" || len(todo) > 0 || !coretest.Says(diags.Warnings(), "app_secret") {
			t.Errorf("a plan with an unknown secret: %v %s\n%s", todo, diags.Errors(), diags.Warnings())
		}
		if n := len(e.Platform.Requests()); n != 0 {
			t.Errorf("%d requests were sent without a secret", n)
		}
		// An apply knows; if it does not, it says so and sends nothing.
		changed := want
		changed.Names[0] = "renamed"
		if text := e.Apply(t.Context(), changed).Errors(); !coretest.Says(text, "not known yet") {
			t.Errorf("an apply with an unknown secret: %q", text)
		}
		for _, allowed := range []bool{true, false} {
			c := e.Like.Restarted(t, e.Platform, nil)
			resp, err := c.Server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config:             c.Pack(c.Typed(c.Schemas.Provider.ValueType(), coretest.Config{"app_secret": coretest.Unknown{}})),
				ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: allowed},
			})
			c.Must(err)
			c.NoErrors(resp.Diagnostics)
			made, err := c.Server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: e.Tasks[0].TypeName, PriorState: c.Pack(e.Tasks[0].Value), ProposedNewState: c.Pack(e.Tasks[0].Value),
				Config: c.Pack(c.Typed(c.Schema(e.Tasks[0].TypeName).ValueType(), e.TaskConfig(want, 0))), PriorPrivate: e.Tasks[0].Private,
				ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed},
			})
			c.Must(err)
			if deferred := made.Deferred != nil; deferred != allowed {
				t.Errorf("deferral allowed: %t; deferred: %t", allowed, deferred)
			}
		}
	})
}
