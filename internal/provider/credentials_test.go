package provider_test

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// standing is a task with devices, as a platform and a state hold them.
func standing(t *testing.T) (e *estate, want wish) {
	t.Helper()
	e = newMatrixEstate(t, lwm2mProduct, nil)
	ids := e.p.DeviceIDs(lwm2mProduct)
	want = wish{names: [2]string{"north", "south"}, devices: [2][]string{ids[:4], ids[4:6]}, start: true}
	if diags := e.apply(t.Context(), want); diags.errors() != "" {
		t.Fatal(diags.errors())
	}
	if left := e.open(&want); left != "" {
		t.Fatal(left)
	}
	e.p.ResetJournal()
	return e, want
}

func TestWrongCredentialsAreNeverGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments object
		want      []string
	}{
		"wrong secret":  {object{"app_secret": "wrong"}, []string{"app_secret", "HTTP 401"}},
		"wrong app key": {object{"app_key": "wrong"}, []string{"app key", "HTTP 404", "does not mean that the task is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, want := standing(t)
				before := e.copied()
				e.arguments = c.arguments
				diags := e.apply(t.Context(), want)
				destroyed := e.destroy(t.Context())
				for _, text := range c.want {
					if !strings.Contains(diags.errors(), text) || !strings.Contains(destroyed.errors(), text) {
						t.Errorf("%q is missing from: %s\n%s", text, diags.errors(), destroyed.errors())
					}
				}
				for n, i := range e.instances() {
					if !sameInstance(*i, before[n]) {
						t.Errorf("the state of %s has changed", i.typeName)
					}
				}
				if writes := e.p.Writes(); len(writes) != 0 {
					t.Errorf("%d writes were sent, the first %s", len(writes), writes[0].Operation)
				}
			})
		})
	}
}

func TestReadOnlySendsNoWriteForAnyResource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, want := standing(t)
		e.arguments = object{"read_only": true}
		if todo, diags := e.plan(t.Context(), want); diags.errors() != "" || len(todo) > 0 {
			t.Errorf("a plan of what stands there: %v %s", todo, diags.errors())
		}
		changed := want
		changed.names[0], changed.about[1] = "renamed", "described"
		changed.devices[1] = want.devices[1][:1]
		changed.devices[0] = want.devices[0][1:]
		refused := []string{e.apply(t.Context(), changed).errors(), e.destroy(t.Context()).errors()}
		other := newEstate(t, e.p, tLinkProduct, e.like)
		other.arguments = e.arguments
		refused = append(refused, other.apply(t.Context(), wish{names: want.names}).errors())
		for n, text := range refused {
			if !strings.Contains(text, "read_only") {
				t.Errorf("refusal %d does not say why: %s", n, text)
			}
		}
		if writes := e.p.Writes(); len(writes) != 0 {
			t.Errorf("%d writes were sent, the first %s", len(writes), writes[0].Operation)
		}
		// The same goes through without read_only.
		e.arguments = nil
		if diags := e.apply(t.Context(), want); diags.errors() != "" {
			t.Error(diags.errors())
		}
		if diags := e.destroy(t.Context()); diags.errors() != "" || len(e.p.Writes()) == 0 {
			t.Errorf("%d writes: %s", len(e.p.Writes()), diags.errors())
		}
	})
}

// configured configures a provider and returns what it has to say.
func configured(c *core, arguments object) diagnostics {
	block := object{"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret}
	maps.Copy(block, arguments)
	resp, err := c.server.ConfigureProvider(c.t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: c.pack(c.typed(c.schemas.Provider.ValueType(), block)),
	})
	c.must(err)
	return resp.Diagnostics
}

func TestProviderBlockIsChecked(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	like := newCore(t, p, nil)
	const secret = "s3cr3t\nwith a second line"
	for name, c := range map[string]struct {
		arguments object
		want      string
	}{
		"http to another machine":        {object{"endpoint": "http://example.com"}, "plain http"},
		"user name in the endpoint":      {object{"endpoint": "https://user:pass@example.com"}, "user name"},
		"path in the endpoint":           {object{"endpoint": "https://example.com/api"}, "without path"},
		"secret of two lines":            {object{"app_secret": secret}, "app_secret contains a control character"},
		"secret with blanks":             {object{"app_secret": " s3cr3t "}, "app_secret has white space around it"},
		"MasterKey with a trailing line": {object{"master_key": "s3cr3t\n"}, "master_key has white space around it"},
		"empty MasterKey of a product":   {object{"master_keys": object{"7": ""}}, "(product 7)"},
		"page size":                      {object{"page_size": 0}, "page_size must be"},
		"lwm2m_status_codes":             {object{"lwm2m_status_codes": "2020"}, "lwm2m_status_codes must be one of"},
		"all is well":                    {object{"allow_http": true, "endpoint": "http://example.com"}, ""},
	} {
		got := configured(like.restarted(t, p, nil), c.arguments).errors()
		if !strings.Contains(got, c.want) || c.want == "" && got != "" || strings.Contains(got, "s3cr3t") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMissingCredentialsAreNamedAtFirstUse(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	like := newCore(t, p, nil)
	for argument, variable := range map[string]string{"app_key": "AEP_APP_KEY", "app_secret": "AEP_APP_SECRET"} {
		c := like.restarted(t, p, object{argument: nil}) // a provider that nothing uses needs none
		config := object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "meters", "retry_times": 1}
		got := c.apply(t.Context(), c.absent("aep_upgrade_task"), config).errors()
		if !strings.Contains(got, "argument "+argument) || !strings.Contains(got, variable) {
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
		e.arguments = object{"app_secret": unknown{}}
		todo, diags := e.plan(t.Context(), want)
		if diags.errors() != "" || len(todo) > 0 || !strings.Contains(diags.warnings(), "app_secret") {
			t.Errorf("a plan with an unknown secret: %v %s\n%s", todo, diags.errors(), diags.warnings())
		}
		if n := len(e.p.Requests()); n != 0 {
			t.Errorf("%d requests were sent without a secret", n)
		}
		// An apply knows; if it does not, it says so and sends nothing.
		changed := want
		changed.names[0] = "renamed"
		if text := e.apply(t.Context(), changed).errors(); !strings.Contains(text, "not known yet") {
			t.Errorf("an apply with an unknown secret: %q", text)
		}
		for _, allowed := range []bool{true, false} {
			c := e.like.restarted(t, e.p, nil)
			resp, err := c.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config:             c.pack(c.typed(c.schemas.Provider.ValueType(), object{"app_secret": unknown{}})),
				ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: allowed},
			})
			c.must(err, resp.Diagnostics...)
			made, err := c.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: e.tasks[0].typeName, PriorState: c.pack(e.tasks[0].value), ProposedNewState: c.pack(e.tasks[0].value),
				Config: c.pack(c.typed(c.schema(e.tasks[0].typeName).ValueType(), e.taskConfig(want, 0))), PriorPrivate: e.tasks[0].private,
				ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed},
			})
			c.must(err)
			if deferred := made.Deferred != nil; deferred != allowed {
				t.Errorf("deferral allowed: %t; deferred: %t", allowed, deferred)
			}
		}
	})
}
