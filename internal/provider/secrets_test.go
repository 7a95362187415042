package provider_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/cli"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// canaries are the secrets of a platform's account in every form in which one
// might slip out, with the signatures that it has received.
func canaries(p *simulator.Platform) map[string]string {
	secrets := []string{simulator.DefaultAppSecret, simulator.LwM2MMasterKey, simulator.TLinkMasterKey}
	for _, r := range p.Requests() {
		if signature := r.Header.Get("signature"); signature != "" {
			secrets = append(secrets, signature)
		}
	}
	forms := map[string]string{}
	for _, s := range secrets {
		raw, _ := base64.StdEncoding.DecodeString(s) // a signature is encoded already
		for name, form := range map[string]string{
			"plain": s, "URL-escaped": url.QueryEscape(s), "path-escaped": url.PathEscape(s),
			"base64": base64.StdEncoding.EncodeToString([]byte(s)), "base64 for URLs": base64.RawURLEncoding.EncodeToString([]byte(s)),
			"hex": hex.EncodeToString([]byte(s)), "upper hex": strings.ToUpper(hex.EncodeToString([]byte(s))),
			"hex of the bytes": hex.EncodeToString(raw), "JSON": strings.ReplaceAll(s, "/", `\/`),
		} {
			if len(form) > 8 {
				forms[form] = name + " form of a secret"
			}
		}
	}
	return forms
}

// wantNoSecret fails the test if a text contains one of the canaries.
func wantNoSecret(t testing.TB, forms map[string]string, where string, content []byte) {
	t.Helper()
	for form, name := range forms {
		if at := bytes.Index(content, []byte(form)); at >= 0 {
			t.Errorf("the %s is in the %s: …%s", name, where, content[max(0, at-80):at])
		}
	}
}

// tellTale are failures in which the platform repeats the request.
func tellTale(p *simulator.Platform) {
	echo := func(w http.ResponseWriter, r *http.Request, _ func() []byte) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Ag-Message", r.Header.Get("signature"))
		fmt.Fprintf(w, `{"code":1004,"msg":"MasterKey %s of %s, signed %s","result":null}`,
			r.Header.Get("MasterKey"), r.Header.Get("application"), r.Header.Get("signature"))
	}
	page := func(w http.ResponseWriter, r *http.Request, _ func() []byte) {
		w.WriteHeader(http.StatusForbidden)
		_ = r.Header.Write(w)
	}
	redirect := func(w http.ResponseWriter, r *http.Request, _ func() []byte) {
		w.Header().Set("Location", "https://elsewhere.example/?key="+url.QueryEscape(r.Header.Get("MasterKey")))
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	p.Inject(
		simulator.Fault{Kind: simulator.Custom, Operation: simulator.OpModify, Handle: echo},
		simulator.Fault{Kind: simulator.Custom, Operation: simulator.OpModify, Handle: page},
		simulator.Fault{Kind: simulator.Custom, Operation: simulator.OpModify, Handle: redirect},
		simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational},
		simulator.Fault{Kind: simulator.StatusBefore, Operation: simulator.OpQueryTask, Status: http.StatusServiceUnavailable, Times: 2},
		simulator.Fault{Kind: simulator.StatusBefore, Operation: simulator.OpControl, Status: http.StatusUnauthorized},
	)
}

const tellTaleRuns = 6 // after which all of these have been met

func TestNoSecretLeavesTheProvider(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := coretest.NewSmallCampaigns(t, coretest.LwM2MProduct, nil)
		e.Platform.Configure(func(o *simulator.Options) { o.RequireMasterKey = true })
		e.Arguments = coretest.Config{
			"master_keys": coretest.Config{fmt.Sprint(coretest.LwM2MProduct): simulator.LwM2MMasterKey},
			"master_key":  simulator.TLinkMasterKey,
		}
		var log bytes.Buffer
		e.Ctx = tflogtest.RootLogger(t.Context(), &log)
		ids := e.Platform.DeviceIDs(coretest.LwM2MProduct)
		want := coretest.CampaignsConfig{Names: [2]string{"north", "south"}, Devices: [2][]string{ids[:7], ids[7:9]}}
		if diags := e.Run(&want); diags.Errors() != "" {
			t.Fatal(diags.Errors())
		}
		tellTale(e.Platform)
		want.Names[0], want.Start = "renamed", true
		want.Devices[0] = ids[9:14]
		var said strings.Builder
		for range tellTaleRuns {
			diags := e.Run(&want)
			said.WriteString(diags.Errors() + diags.Warnings())
			time.Sleep(time.Hour)
		}
		if left := e.Remaining(&want); left != "" || e.Platform.ArmedFaults() != 0 {
			t.Errorf("left to do: %s; %d failures were not met", left, e.Platform.ArmedFaults())
		}
		forms := canaries(e.Platform)
		wantNoSecret(t, forms, "log", log.Bytes())
		wantNoSecret(t, forms, "diagnostics", []byte(said.String()))
		for _, i := range e.Instances() {
			wantNoSecret(t, forms, "state of "+i.TypeName, []byte(i.Value.String()))
			wantNoSecret(t, forms, "private state of "+i.TypeName, i.Private)
		}
		if !coretest.Says(said.String(), "code 1004: MasterKey") {
			t.Errorf("the platform's words are missing from: %s", &said)
		}
		checkAttempts(t, e.Platform.Requests(), log.Bytes())
	})
}

// checkAttempts insists on one line of the log for each request that arrived.
func checkAttempts(t *testing.T, requests []simulator.Request, log []byte) {
	t.Helper()
	lines, err := tflogtest.MultilineJSONDecode(bytes.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	type attempt struct {
		operation     string
		product, task int64
		status        int
	}
	arrived, logged := map[attempt]int{}, map[attempt]int{}
	for _, r := range requests {
		status := r.HTTPStatus
		if r.Operation == simulator.OpOperational || r.Operation == simulator.OpEcho || r.Fault != "" {
			status = -1 // what the platform meant to answer is not what was sent
		}
		arrived[attempt{r.Operation, r.ProductID, r.JobID, status}]++
	}
	repeated := false
	for _, line := range lines {
		for _, field := range []string{"product_id", "task_id"} {
			if _, isFloat := line[field].(float64); isFloat {
				t.Errorf("%s is logged as a number, which core prints as a float: %v", field, line)
			}
		}
		if message := line["@message"]; message != "request" && message != "request failed" {
			continue
		}
		for _, field := range []string{"duration_ms", "attempt", "code", "status", "path", "method"} {
			if _, ok := line[field]; !ok {
				t.Errorf("an attempt is logged without %s: %v", field, line)
			}
		}
		number := func(field string) int64 {
			n, _ := line[field].(float64)
			return int64(n)
		}
		id := func(field string) int64 {
			text, _ := line[field].(string)
			n, _ := strconv.ParseInt(text, 10, 64)
			return n
		}
		repeated = repeated || number("attempt") > 1
		one := attempt{fmt.Sprint(line["operation"]), id("product_id"), id("task_id"), int(number("status"))}
		if line["failure"] != nil || one.operation == simulator.OpOperational || one.operation == simulator.OpEcho {
			one.status = -1
		}
		logged[one]++
	}
	for one, n := range arrived {
		if logged[one] != n {
			t.Errorf("%+v arrived %d times and is logged %d times", one, n, logged[one])
		}
	}
	if !repeated || len(logged) < 10 {
		t.Errorf("the log shows no second attempt (%d kinds of requests)", len(logged))
	}
}

// TestNoSecretLeavesTerraform does the same with the real Terraform at its
// loudest: state, plans, logs and output.
func TestNoSecretLeavesTerraform(t *testing.T) {
	t.Parallel()
	p := coretest.NewPlatform(t, func(o *simulator.Options) { o.RequireMasterKey = true })
	c := cli.New(t, p)
	logs := filepath.Join(c.Folder, "trace.log")
	c.Environ = append(slices.Clone(c.Environ), "TF_LOG=TRACE", "TF_LOG_PATH="+logs, "AEP_RETRY_BUDGET=3s",
		fmt.Sprintf(`AEP_MASTER_KEYS={"%d": %q}`, coretest.LwM2MProduct, simulator.LwM2MMasterKey), "AEP_MASTER_KEY="+simulator.TLinkMasterKey)
	ids := p.DeviceIDs(coretest.LwM2MProduct)[:4]
	c.Configure(cli.CampaignHCL(ids, "", ""))
	c.Must("apply", "-auto-approve")
	c.Configure(cli.CampaignHCL(ids, `description = "a change"`, `wait_for = "started"`))
	c.Must("plan", "-out=saved.plan")
	printed := c.Must("show", "-json", "saved.plan")
	tellTale(p)
	for range tellTaleRuns {
		output, code := c.Run("apply", "-auto-approve")
		if printed += output; code == 0 {
			break
		}
	}
	printed += c.Must("destroy", "-auto-approve")
	forms := canaries(p)
	content := []byte(printed)
	for _, file := range []string{"trace.log", "saved.plan", "terraform.tfstate", "terraform.tfstate.backup"} {
		one, err := os.ReadFile(filepath.Join(c.Folder, file))
		if err != nil {
			t.Fatal(err)
		}
		wantNoSecret(t, forms, file, one)
		content = append(content, one...)
	}
	wantNoSecret(t, forms, "output", []byte(printed))
	for _, text := range []string{"operation=CreateRemoteUpgradeTask", "attempt=1", "MasterKey", "request failed"} {
		if !bytes.Contains(content, []byte(text)) {
			t.Errorf("%q was not found, so the search proves nothing", text)
		}
	}
}
