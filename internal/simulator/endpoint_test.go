package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// lifeCases has a task of each protocol with what its reads show.
var lifeCases = []struct {
	name              string
	product, firmware int64
	body              string
	created, read     map[string]any
	join              func(job int64, ids ...string) string
}{
	{
		"LwM2M", LwM2MProduct, LwM2MFirmware, lwm2mBody,
		map[string]any{"productProtocol": 3.0},
		map[string]any{"outTime": 0.0, "retryTimes": 1.0},
		lwm2mJoin,
	},
	{
		"T-Link", TLinkProduct, TLinkFirmware, tLinkBody,
		map[string]any{"productProtocol": 1.0},
		map[string]any{"outTime": 129.0, "retryTimes": 0.0},
		func(job int64, ids ...string) string { return tLinkJoin(job, strings.Join(ids, ",")) },
	},
}

func TestLifeOfATask(t *testing.T) {
	t.Parallel()
	for _, tc := range lifeCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: 3 * time.Hour}}, func(t *testing.T, p *Platform, c *caller) {
				created := object(t, c.ok(OpCreate, nil, tc.body).Result)
				job := int64(created["jobId"].(float64))
				wantMembers(t, created, tc.created)
				wantMembers(t, created, map[string]any{"tenantId": "10007905", "upgradePlan": 1.0})
				wantAbsent(t, created, "jobStatus", "outTime")
				read := func() map[string]any { return c.object(OpQueryTask, ofTask(tc.product, job)) }
				wantMembers(t, read(), tc.read)
				wantMembers(t, read(), map[string]any{
					"jobStatus": 1.0, "takeTime": "", "createTime": "2000-01-01 08:00:00",
					"firmwareId": float64(tc.firmware), "deviceStatus": 1.0,
				})
				wantAbsent(t, read(), "allNum")
				c.ok(OpOperational, nil, tc.join(job, p.DeviceIDs(tc.product)[:3]...))
				c.ok(OpControl, only(job), controlBody(tc.product))
				wantMembers(t, c.object(OpQueryDetail, ofTask(tc.product, job)), map[string]any{"jobStatus": 2.0, "allNum": 3.0})
				time.Sleep(2 * time.Hour)
				wantMembers(t, read(), map[string]any{"jobStatus": 2.0, "takeTime": "2时0分"})
				time.Sleep(93*time.Hour + 43*time.Minute)
				wantMembers(t, read(), map[string]any{"jobStatus": 3.0, "takeTime": "3时0分"})
				c.ok(OpDelete, ofTask(tc.product, job, "updateBy", "a"), "")
				c.refused(CodeTaskMissing, OpQueryTask, ofTask(tc.product, job), "")
				wantEqual(t, "starts", p.StartCount(job), 1)
			})
		})
	}
}

// gatewayCases has one change of an accepted request each.
var gatewayCases = []struct {
	name   string
	change func(*http.Request)
	caller func(*caller)
	status int
	desc   string
}{
	{"unknown path", func(r *http.Request) { r.URL.Path += "x" }, nil, 404, "API not found"},
	{"method of no endpoint", func(r *http.Request) { r.Method = http.MethodPatch }, nil, 404, "API not found"},
	{"unknown application", func(r *http.Request) { r.Header.Set("application", "unknown") }, nil, 404, "Application not found: unknown"},
	{"no version", func(r *http.Request) { r.Header.Del("version") }, nil, 400, "'version'"},
	{"another endpoint's version", func(r *http.Request) { r.Header.Set("version", "20190615001517") }, nil, 404, "version"},
	{"no timestamp", func(r *http.Request) { r.Header.Del("timestamp") }, nil, 400, "timestamp"},
	{"late by 31 s", nil, func(c *caller) { c.skew = -31 * time.Second }, 401, "Timestamp expired"},
	{"early by 31 s", nil, func(c *caller) { c.skew = 31 * time.Second }, 401, "Timestamp expired"},
	{"undeclared parameter", func(r *http.Request) { r.URL.RawQuery += "&MasterKey=x" }, nil, 400, "not declared"},
	{"parameter twice", func(r *http.Request) { r.URL.RawQuery += "&id=3" }, nil, 400, "twice"},
	{"wrong secret", nil, func(c *caller) { c.secret = "wrong" }, 401, "Signature not matched"},
	{"changed parameter", func(r *http.Request) {
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "3456", "3457", 1)
	}, nil, 401, "Signature not matched"},
	{"unsigned MasterKey", func(r *http.Request) { r.Header.Set("MasterKey", TLinkMasterKey) }, nil, 401, "Signature"},
	{"another product's MasterKey", nil, func(c *caller) { c.masterKey = TLinkMasterKey }, 403, "MasterKey"},
	{"no MasterKey", nil, func(c *caller) { c.masterKey = "" }, 400, "Required head parameter 'MasterKey' can not be null"},
}

func TestGatewayRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range gatewayCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{RequireMasterKey: true}, func(t *testing.T, p *Platform, c *caller) {
				c.masterKey = LwM2MMasterKey
				job := c.lwm2mTask()
				c.ok(OpQueryTask, ofTask(LwM2MProduct, job), "")
				c.change = tc.change
				if tc.caller != nil {
					tc.caller(c)
				}
				a := c.call(OpQueryTask, ofTask(LwM2MProduct, job), "")
				wantEqual(t, "HTTP status", a.status, tc.status)
				want := `"error_desc":"` + a.header.Get("x-ag-message") + `"`
				if !strings.Contains(string(a.body), `"error_code":"`) || !strings.Contains(string(a.body), want) {
					t.Errorf("body: got %s, want error_code and %s", a.body, want)
				}
				if !strings.Contains(a.header.Get("x-ag-message"), tc.desc) {
					t.Errorf("x-ag-message: got %q, want %q in it", a.header.Get("x-ag-message"), tc.desc)
				}
				requests := p.Requests()
				last := requests[len(requests)-1]
				wantEqual(t, "journal: processed", last.Processed, false)
				wantEqual(t, "journal: HTTP status", last.HTTPStatus, tc.status)
			})
		})
	}
}

func TestEchoHasThePlatformsTime(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{ClockOffset: time.Minute}, func(t *testing.T, p *Platform, c *caller) {
		r, _ := http.NewRequest(http.MethodGet, BaseURL+"/echo", nil)
		a, err := c.send(r)
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("echo: got HTTP %d, %v, want HTTP 200", a.status, err)
		}
		wantEqual(t, "x-ag-timestamp", a.header.Get("x-ag-timestamp"), "946684860000")
		wantEqual(t, "Date", a.header.Get("Date"), "Sat, 01 Jan 2000 00:01:00 GMT")
		tasks := map[string]string{"productId": "10005977"}
		wantEqual(t, "HTTP status with the client's clock", c.call(OpTasks, tasks, "").status, http.StatusUnauthorized)
		c.skew = time.Minute
		c.ok(OpTasks, tasks, "")
		p.SetClockOffset(0)
		c.skew = 0
		c.ok(OpTasks, tasks, "")
	})
}

func TestSetJobStatusCode(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		job := startable(t, p, LwM2MProduct)
		for code, want := range map[int]float64{9: 9, 0: 1} {
			must(t, p.SetJobStatusCode(job, code))
			wantMembers(t, c.object(OpQueryTask, ofTask(LwM2MProduct, job)), map[string]any{"jobStatus": want})
		}
	})
}
