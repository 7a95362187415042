package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestProductKey(t *testing.T) {
	t.Parallel()
	for product, want := range coretest.MasterKeys {
		r := lookUpReader(t)
		value, diags := r.OpenEphemeral("aep_product_key", coretest.Config{"product_id": product})
		if got := coretest.Text(coretest.Fields(value)["master_key"]); got != want || len(diags) > 0 {
			t.Errorf("product %d has the key %s: %v", product, got, diags)
		}
		r.WantRequests(map[string]int{"/product": 1})
	}
}

func TestProductKeyOfAMissingProduct(t *testing.T) {
	t.Parallel()
	for _, way := range []simulator.Missing{simulator.MissingError, simulator.MissingNull} {
		r := lookUpReader(t, func(o *simulator.Options) { o.LookUps.MissingProduct = way })
		_, diags := r.OpenEphemeral("aep_product_key", coretest.Config{"product_id": 42})
		wantSaid(t, coretest.Describe(diags), "ERROR: Product not found: Product 42 does not exist", "10005977", "10005986", `"product_id"`)
		r.WantRequests(map[string]int{"/product": 1, "/products": 1})
	}
}

// A product that is listed, but has no key or is not returned, is not missing.
func TestProductWithoutAKey(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]string{
		`{"productId":10005977,"apiKey":""}`:          "MasterKey, is missing",
		`{"productId":10005977,"apiKey":null}`:        "MasterKey, is missing",
		`null`:                                        "returned no result",
		`{"productId":10005986,"apiKey":"other key"}`: "product 10005986",
	} {
		r := lookUpReader(t)
		r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpProduct, Times: 100, Rewrite: func([]byte) []byte {
			return []byte(`{"code":0,"msg":"ok","result":` + result + `}`)
		}})
		value, diags := r.OpenEphemeral("aep_product_key", coretest.Config{"product_id": coretest.LwM2MProduct})
		said := coretest.Describe(diags)
		wantSaid(t, said, "ERROR: Unable to read product key", want)
		if strings.Contains(said, "other key") || !value.IsNull() {
			t.Errorf("%v: %s", value, said)
		}
	}
}

// Only the ephemeral resource has a key. It is sensitive there.
func TestNoOtherSchemaHasAKey(t *testing.T) {
	t.Parallel()
	c := coretest.New(t, coretest.NewPlatform(t), nil)
	keys := 0
	visit := func(path string, a *tfprotov6.SchemaAttribute) {
		if strings.Contains(a.Name, "key") {
			keys++
			t.Logf("%s, sensitive: %t", path, a.Sensitive)
			if path != "ephemeral aep_product_key.master_key" || !a.Sensitive {
				t.Errorf("%s is a key", path)
			}
		}
	}
	for name, s := range c.Schemas.DataSourceSchemas {
		walk(s.Block, "data "+name, visit)
	}
	for name, s := range c.Schemas.ResourceSchemas {
		walk(s.Block, "resource "+name, visit)
	}
	for name, s := range c.Schemas.EphemeralResourceSchemas {
		walk(s.Block, "ephemeral "+name, visit)
	}
	if keys != 1 {
		t.Errorf("%d keys", keys)
	}
}

// loggedTB is a test whose context has a logger.
type loggedTB struct {
	testing.TB
	ctx context.Context //nolint:containedctx // It stands for the context of the test.
}

func (l loggedTB) Context() context.Context { return l.ctx }

// keyTales are responses of the platform that contain the key of a product, in a form that the provider can't decode or
// must refuse. The provider does not know this key. The platform as it is comes first.
var keyTales = []string{
	"",
	`{"code":1004,"msg":"apiKey %s, MasterKey: %s","result":{"apiKey":"%s"}}`,
	`{"code":0,"msg":"ok","result":{"productId":{"apiKey":"%s"},"list":[{"apiKey":"%s"}],"total":1,"msg":"%s"}}`,
	`{"code":0,"msg":"ok","result":"apiKey=%s&masterKey=%s&key=%s"`,
}

// The keys of products are in no state, diagnostic or log of any look-up, also if the platform repeats them in an
// error. Nor is the link of a firmware.
func TestNoKeyLeavesALookUp(t *testing.T) {
	t.Parallel()
	var printed strings.Builder
	for _, tale := range keyTales {
		p := coretest.NewPlatform(t)
		var log bytes.Buffer
		logged := loggedTB{t, tflogtest.RootLogger(t.Context(), &log)}
		r := coretest.NewDataReader(logged, p, coretest.Config{"retry_budget": "0s", "master_key": simulator.LwM2MMasterKey})
		for _, operation := range simulator.LookUpOperations() {
			if tale != "" {
				p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: operation, Times: 100, Rewrite: func([]byte) []byte {
					return fmt.Appendf(nil, tale, simulator.TLinkMasterKey, simulator.TLinkMasterKey, simulator.TLinkMasterKey)
				}})
			}
		}
		for _, one := range lookUps {
			value, said := r.Raw(one.source, one.arguments)
			fmt.Fprintf(&printed, "%s: %s\n%s\n", one.source, value, said)
			if (said == "") != (tale == "") {
				t.Errorf("%s with %q: %s", one.source, tale, said)
			}
		}
		_, diags := r.OpenEphemeral("aep_product_key", coretest.Config{"product_id": coretest.LwM2MProduct})
		printed.WriteString(coretest.Describe(diags))
		forms := canaries(p)
		forms[simulator.FirmwareToken] = "token of a link"
		wantNoSecret(t, forms, "state and diagnostics", []byte(printed.String()))
		wantNoSecret(t, forms, "log", log.Bytes())
		if !strings.Contains(log.String(), `"operation":"QueryProduct"`) {
			t.Errorf("the log has no line for QueryProduct:\n%s", log.String()[:min(2000, log.Len())])
		}
		for _, request := range p.Requests() {
			if request.UndeclaredKey {
				t.Errorf("%s was sent with a MasterKey", request.Operation)
			}
		}
	}
	for _, text := range []string{"code 1004: apiKey", "Water meter 1.3251", "Unable to read product key"} {
		if !strings.Contains(printed.String(), text) {
			t.Errorf("%q was not found, so the search proves nothing", text)
		}
	}
}

// A second provider block gets its MasterKey from the ephemeral resource, with the real Terraform at its loudest.
func TestProductKeyInASecondProviderBlock(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.RequireMasterKey = true })
	c := cli.New(t, p)
	c.Needs("1.10", "1.11")
	logs := filepath.Join(c.Folder, "trace.log")
	c.Environ = append(slices.DeleteFunc(slices.Clone(c.Environ), func(v string) bool { return strings.HasPrefix(v, "AEP_MASTER_KEY") }),
		"TF_LOG=TRACE", "TF_LOG_PATH="+logs)
	c.Configure(`
data "aep_product" "meters" {
  name = "Water meters"
}

ephemeral "aep_product_key" "meters" {
  product_id = data.aep_product.meters.product_id
}

provider "aep" {
  alias       = "campaign"
  master_keys = { (data.aep_product.meters.product_id) = ephemeral.aep_product_key.meters.master_key }
}

data "aep_firmware" "target" {
  provider   = aep.campaign
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

data "aep_devices" "all" {
  provider   = aep.campaign
  product_id = data.aep_product.meters.product_id
}

resource "aep_upgrade_task" "meters" {
  provider    = aep.campaign
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "meters"
  retry_times = 1
}

output "devices" {
  value = data.aep_devices.all.total
}
`)
	printed := c.Must("plan", "-out=saved.plan")
	printed += c.Must("show", "-json", "saved.plan")
	printed += c.Must("apply", "-auto-approve")
	c.Empty()
	if !strings.Contains(printed, "devices = 100") {
		t.Errorf("the output is missing:\n%s", cli.Ending(printed))
	}
	printed += c.Must("destroy", "-auto-approve")
	forms := canaries(p)
	for _, file := range []string{"trace.log", "saved.plan", "terraform.tfstate", "terraform.tfstate.backup"} {
		content, err := os.ReadFile(filepath.Join(c.Folder, file))
		coretest.Must(t, err)
		wantNoSecret(t, forms, file, content)
		if file == "trace.log" && !bytes.Contains(content, []byte("operation=QueryProduct ")) {
			t.Error("the log has no line for QueryProduct, so the search proves nothing")
		}
	}
	wantNoSecret(t, forms, "output", []byte(printed))
}

// While the provider block or the product is not known, the plan has an unknown key, and the apply reads it.
func TestProductKeyThatIsKnownAfterApply(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.RequireMasterKey = true })
	c := cli.New(t, p)
	c.Needs("1.10", "1.11")
	c.Environ = slices.DeleteFunc(slices.Clone(c.Environ), func(v string) bool { return strings.HasPrefix(v, "AEP_MASTER_KEY") })
	c.Configure(`
resource "terraform_data" "later" {
  input = {
    product_id = 10005977
    app_secret = "` + simulator.DefaultAppSecret + `"
  }
}

provider "aep" {
  alias      = "later"
  app_secret = terraform_data.later.output.app_secret
}

ephemeral "aep_product_key" "by_unknown_provider" {
  provider   = aep.later
  product_id = 10005977
}

ephemeral "aep_product_key" "of_unknown_product" {
  product_id = terraform_data.later.output.product_id
}

provider "aep" {
  alias = "campaign"
  master_keys = {
    10005977 = ephemeral.aep_product_key.by_unknown_provider.master_key
  }
}

provider "aep" {
  alias      = "other"
  master_key = ephemeral.aep_product_key.of_unknown_product.master_key
}

resource "aep_upgrade_task" "first" {
  provider    = aep.campaign
  product_id  = 10005977
  firmware_id = 3297
  name        = "first"
  retry_times = 1
}

resource "aep_upgrade_task" "second" {
  provider    = aep.other
  product_id  = 10005977
  firmware_id = 3297
  name        = "second"
  retry_times = 1
}
`)
	if cli.IsOpenTofu() { // it accepts no key that is not known
		c.Fails("by_unknown_provider that is not wholly known", "plan")
		return
	}
	c.Must("plan")
	if n := p.Count(simulator.OpProduct); n != 0 {
		t.Errorf("the plan reads %d keys", n)
	}
	c.Must("apply", "-auto-approve")
	if tasks := p.Tasks(coretest.LwM2MProduct); len(tasks) != 2 {
		t.Errorf("there are %d tasks", len(tasks))
	}
	c.Empty()
}
