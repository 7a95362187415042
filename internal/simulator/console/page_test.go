package console_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest/tools"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

// hostile is the name of a task that would run a script if it were HTML.
const hostile = `<img src=x onerror="document.title='taken'"> & 水表`

// TestPageInChromium opens the page in a browser and reads what it shows.
func TestPageInChromium(t *testing.T) {
	t.Parallel()
	browser := tools.NeedBrowser(t)
	p, server := newPlatform(t)
	id, err := p.CreateTask(simulator.TaskDraft{
		ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: hostile, Description: "<b>bold</b>", RetryTimes: 2,
	})
	ids := p.DeviceIDs(simulator.LwM2MProduct)[:5]
	if err != nil || p.Join(id, ids...) != nil || p.Start(id) != nil || p.Fail(id, "", ids[0]) != nil {
		t.Fatal("the task is not prepared:", err)
	}
	send(t, server, "GET", "/aep_upgrade_management/tasks", "")
	page, _ := browser.Open(t, server.URL+console.Path, someSeconds)
	for _, part := range []string{
		"<title>Console of the simulated platform</title>",
		"It is not the vendor's console",
		`<h3>3456 · &lt;img src=x onerror="document.title='taken'"&gt; &amp; 水表</h3>`,
		"Water meters (10005977, LwM2M) · firmware 1.3251 (3297) · retry times 2 · &lt;b&gt;bold&lt;/b&gt;",
		`aria-label="4 waiting, 0 in progress, 0 succeeded, 1 failed, 0 cancelled"`,
		`<p id="quiet" class="muted" hidden="">`,
		`<td>QueryRemoteUpgradeTaskList</td>`,
		"HTTP 400 Required head parameter 'version' can not be null",
		`<option value="10005986">Street lamps (10005986, T-Link)</option>`,
		`<option value="10.4">10.4</option>`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

// driver is a script that uses the page as a person does. It ends with the
// title "driven".
const driver = `<script>
const until = async check => { while (!check()) await new Promise(done => setTimeout(done, 20)); };
const said = text => until(() => one("#say").textContent.startsWith(text));
const put = (form, values) => {
  for (const [name, value] of Object.entries(values)) {
    form.elements[name].value = value;
    form.elements[name].dispatchEvent(new Event("input", {bubbles: true}));
    form.elements[name].dispatchEvent(new Event("change", {bubbles: true}));
  }
};
const press = button => { one("#say").replaceChildren(); button.click(); };
(async () => {
  window.confirm = () => true;
  await until(() => products.length && cards.has(3456));
  if (one("#quiet").hidden || !one("#requests").hidden) throw new Error("the page does not say that there is no request");
  const heights = new Set([...document.querySelectorAll("#settings label > *, #settings button")].map(e => e.offsetHeight));
  if (heights.size !== 1) throw new Error("the controls of a row have several heights");
  const create = one("#create");
  put(create, {product: "10005986"});
  const shown = name => getComputedStyle(create.elements[name].closest("label")).display !== "none";
  if (shown("retryTimes") || !shown("timeoutHours")) throw new Error("T-Link shows the settings of LwM2M");
  put(create, {firmware: "3276", name: "lamps", description: "new", timeoutHours: "48", devices: "6"});
  press(one("button", create));
  await said("Created task 3457");
  if (create.elements.name.value !== "") throw new Error("the form keeps the name, so that a second task can get it");
  await until(() => cards.has(3457));
  const lamps = cards.get(3457).element;
  put(one("form.settings", lamps), {name: ""});
  one("form.settings", lamps).noValidate = true;
  press(one("form.settings button", lamps));
  await said("a task needs a name");
  put(one("form.settings", lamps), {name: "street lamps", timeoutHours: "72"});
  press(one("form.settings button", lamps));
  await said("Changed task 3457");
  press(one("[data-do=start]", lamps));
  await said("Done: start task 3457");
  one(".devices", lamps).open = true;
  await until(() => cards.get(3457).rows.size === 6);
  const choose = one("form.choose", lamps), way = name => one("button[value=" + name + "]", choose);
  put(choose, {which: "count", count: "2"});
  press(way("cancel"));
  await said("Done: cancel 2 devices");
  const last = [...cards.get(3457).rows.values()].at(-1);
  last.box.checked = true;
  put(choose, {which: "checked", resultCode: "5"});
  press(way("fail"));
  await said("Done: fail 1 devices");
  put(choose, {which: "named", ids: last.cells[0].textContent + ", nothing"});
  press(way("fail"));
  await said("device nothing is not in task 3457");
  put(choose, {which: "count", count: "3"});
  press(way("join"));
  await said("Done: join 3 devices");
  put(choose, {which: "all"});
  press(way("cancel"));
  await said("Done: cancel 6 devices");
  one(".phase", lamps).value = "failed";
  one(".phase", lamps).dispatchEvent(new Event("change"));
  await until(() => cards.get(3457).rows.size === 1);
  put(one("#settings"), {failPercent: "40", failVersion: "10.4", upgradeTime: "2h", holdAfter: "5", latency: "1ms"});
  press(one("#settings button"));
  await said("The settings are changed.");
  press(one("[data-do=delete]", cards.get(3456).element));
  await said("Done: delete task 3456");
  await until(() => !cards.has(3456));
  document.title = "driven";
})();
</script>`

// TestPageChangesThePlatform drives the page in a browser, and compares the
// platform afterwards.
func TestPageChangesThePlatform(t *testing.T) {
	t.Parallel()
	browser := tools.NeedBrowser(t)
	p, served := newPlatform(t)
	if _, err := p.CreateTask(simulator.TaskDraft{
		ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "meters",
	}); err != nil {
		t.Fatal(err)
	}
	// The driver is no script that the policy of the page permits.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != console.Path {
			served.Config.Handler.ServeHTTP(w, r)
			return
		}
		_, page := send(t, served, "GET", console.Path, "")
		_, _ = w.Write([]byte(strings.Replace(page, "</body>", driver+"</body>", 1)))
	}))
	defer server.Close()
	page, _ := browser.Open(t, server.URL+console.Path, someSeconds)
	if !strings.Contains(page, "<title>driven</title>") {
		said := regexp.MustCompile(`(?s)<div id="say".*?</div>`).FindString(page)
		t.Fatalf("the script did not end; the page says %s", said)
	}
	tasks := append(p.Tasks(simulator.LwM2MProduct), p.Tasks(simulator.TLinkProduct)...)
	if want := []simulator.Task{{
		ID: 3457, ProductID: simulator.TLinkProduct, FirmwareID: simulator.TLinkFirmware2, Name: "street lamps", Description: "new",
		FirmwareVersion: "10.4", TimeoutHours: 72, CreateBy: "console", UpdateBy: "console", Status: simulator.Finished, DeviceCount: 1,
	}}; !reflect.DeepEqual(tasks, want) {
		t.Errorf("the tasks are\n%+v\nwant\n%+v", tasks, want)
	}
	var states []string
	for _, subtask := range p.Subtasks(3457) {
		states = append(states, string(subtask.Phase)+" "+subtask.ResultCode)
	}
	if want := []string{
		"cancelled -1", "cancelled -1", "cancelled -1", "cancelled -1", "cancelled -1", "failed 5",
		"cancelled -1", "cancelled -1", "cancelled -1",
	}; !reflect.DeepEqual(states, want) {
		t.Errorf("the devices are %q, want %q", states, want)
	}
	u := p.Options().Upgrade
	if u.FailPercent != 40 || u.FailVersion != "10.4" || u.WaitingTime+u.UpgradeTime != 2*time.Hour || u.HoldAfter != 5 ||
		p.Options().Latency != time.Millisecond {
		t.Errorf("the settings are %+v", p.Options())
	}
}

// TestPageReloadsForAnotherPlatform replaces the platform behind an open page.
func TestPageReloadsForAnotherPlatform(t *testing.T) {
	t.Parallel()
	browser := tools.NeedBrowser(t)
	_, first := newPlatform(t)
	other, second := newPlatform(t)
	if err := other.RenameProduct(simulator.LwM2MProduct, "Gas meters"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		send(t, first, "GET", "/of-the-first", "")
	}
	send(t, second, "GET", "/of-the-second", "")
	const replacing = `<script>(async () => {
  while (!one("#journal td")) await new Promise(done => setTimeout(done, 20));
  if (products[0].name === "Water meters") await fetch("/replace", {method: "POST"});
})();</script>`
	var replaced atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := first
		if r.URL.Path == "/replace" {
			replaced.Store(true)
			return
		}
		if replaced.Load() {
			now = second
		}
		if r.URL.Path != console.Path {
			now.Config.Handler.ServeHTTP(w, r)
			return
		}
		_, page := send(t, now, "GET", console.Path, "")
		_, _ = w.Write([]byte(strings.Replace(page, "</body>", replacing+"</body>", 1)))
	}))
	defer server.Close()
	page, _ := browser.Open(t, server.URL+console.Path, someSeconds)
	for text, want := range map[string]bool{
		">Gas meters (": true, "/of-the-second</td>": true, ">Water meters (": false, "/of-the-first</td>": false,
	} {
		if strings.Contains(page, text) != want {
			t.Errorf("the page has %s: got %v, want %v", text, !want, want)
		}
	}
}

// someSeconds is the time that a page gets, in its own time.
const someSeconds = "--virtual-time-budget=5000"

// TestPageNeedsNothingFromElsewhere reads the source of the page and its
// policy.
func TestPageNeedsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	_, server := newPlatform(t)
	response, err := http.Get(server.URL + "/console/")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	_, page := send(t, server, "GET", "/console/", "")
	if found := regexp.MustCompile(`https?://|\bsrc=|@import|innerHTML|insertAdjacentHTML|eval\(`).FindAllString(page, -1); found != nil {
		t.Errorf("the page has %q", found)
	}
	_, script, _ := strings.Cut(page, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	if got := response.Header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options is %q", got)
	}
	policy := response.Header.Get("Content-Security-Policy")
	for _, part := range []string{
		"default-src 'none';", "connect-src 'self';", "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';",
		"frame-ancestors 'none'",
	} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q lacks %q", policy, part)
		}
	}
}

// TestEveryControlHasALabel looks for inputs and selects that no label
// encloses.
func TestEveryControlHasALabel(t *testing.T) {
	t.Parallel()
	_, server := newPlatform(t)
	_, page := send(t, server, "GET", "/console/", "")
	page, _, _ = strings.Cut(page, "<script>")
	controls := regexp.MustCompile(`<(input|select)\b`)
	labels := regexp.MustCompile(`(?s)<label\b.*?</label>`)
	if n := len(controls.FindAllString(page, -1)); n < 20 {
		t.Fatalf("the page has %d controls, want at least 20", n)
	}
	if bare := controls.FindAllString(labels.ReplaceAllString(page, ""), -1); bare != nil {
		t.Errorf("no label encloses %q", bare)
	}
	for _, label := range labels.FindAllString(page, -1) {
		if text := strings.TrimSpace(regexp.MustCompile(`(?s)<select.*?</select>|<[^>]*>`).ReplaceAllString(label, "")); text == "" {
			t.Errorf("a label has no text: %s", label)
		}
	}
}
