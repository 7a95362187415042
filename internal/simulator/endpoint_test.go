package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLifeOfATask(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name              string
		product, firmware int64
		body              string
		protocol          float64
		outTime, retries  float64
		join              func(p *Platform, job int64) string
	}{
		{
			"LwM2M", LwM2MProduct, LwM2MFirmware, lwm2mBody, ProtocolLwM2M, 0, 1,
			func(p *Platform, job int64) string { return lwm2mJoin(job, p.DeviceIDs(LwM2MProduct)[:3]...) },
		},
		{
			"T-Link", TLinkProduct, TLinkFirmware, tLinkBody, ProtocolTLink, 129, 0,
			func(p *Platform, job int64) string {
				return tLinkJoin(job, strings.Join(p.DeviceIDs(TLinkProduct)[:3], ","))
			},
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: 3 * time.Hour}}, func(t *testing.T, p *Platform, c *caller) {
				created := object(t, c.ok(OpCreate, nil, tc.body).Result)
				job := int64(created["jobId"].(float64))
				if created["productProtocol"] != tc.protocol || created["tenantId"] != "10007905" || created["upgradePlan"] != 1.0 {
					t.Errorf("created %v", created)
				}
				for _, absent := range []string{"jobStatus", "outTime"} {
					if _, given := created[absent]; given {
						t.Errorf("create answers %s", absent)
					}
				}
				seen := c.object(OpQueryTask, ofTask(tc.product, job))
				wantMembers(t, seen, map[string]any{
					"jobStatus": 1.0, "outTime": tc.outTime, "retryTimes": tc.retries, "takeTime": "",
					"createTime": "2000-01-01 08:00:00", "firmwareId": float64(tc.firmware), "deviceStatus": 1.0,
				})
				if _, given := seen["allNum"]; given {
					t.Error("/task answers allNum")
				}
				c.ok(OpOperational, nil, tc.join(p, job))
				c.ok(OpControl, only(job), controlBody(tc.product))
				wantMembers(t, c.object(OpQueryDetail, ofTask(tc.product, job)), map[string]any{"jobStatus": 2.0, "allNum": 3.0})
				time.Sleep(2 * time.Hour)
				wantMembers(t, c.object(OpQueryTask, ofTask(tc.product, job)), map[string]any{"jobStatus": 2.0, "takeTime": "2时0分"})
				time.Sleep(93*time.Hour + 43*time.Minute)
				wantMembers(t, c.object(OpQueryTask, ofTask(tc.product, job)), map[string]any{"jobStatus": 3.0, "takeTime": "3时0分"})
				c.ok(OpDelete, ofTask(tc.product, job, "updateBy", "a"), "")
				c.refused(CodeTaskMissing, OpQueryTask, ofTask(tc.product, job), "")
				if got := p.StartCount(job); got != 1 {
					t.Errorf("started %d times", got)
				}
			})
		})
	}
}

func TestGatewayRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*http.Request)
		caller func(*caller)
		status int
		desc   string
	}{
		{"unknown path", func(r *http.Request) { r.URL.Path += "x" }, nil, 404, "API not found"},
		{"method of no endpoint", func(r *http.Request) { r.Method = http.MethodPatch }, nil, 404, "API not found"},
		{"unknown application", func(r *http.Request) { r.Header.Set("application", "nobody") }, nil, 404, "Application not found: nobody"},
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
		{"MasterKey that was not signed", func(r *http.Request) { r.Header.Set("MasterKey", TLinkMasterKey) }, nil, 401, "Signature"},
		{"another product's MasterKey", nil, func(c *caller) { c.masterKey = TLinkMasterKey }, 403, "MasterKey"},
		{"no MasterKey", nil, func(c *caller) { c.masterKey = "" }, 400, "Required head parameter 'MasterKey' can not be null"},
	}
	for _, tc := range cases {
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
				if a.status != tc.status || !strings.Contains(string(a.body), tc.desc) {
					t.Errorf("HTTP %d %s, want %d %s", a.status, a.body, tc.status, tc.desc)
				}
				if !strings.Contains(string(a.body), `"error_code":"`) || !strings.Contains(a.header.Get("x-ag-message"), tc.desc) {
					t.Errorf("not the gateway's shape: %s, x-ag-message %q", a.body, a.header.Get("x-ag-message"))
				}
				requests := p.Requests()
				if last := requests[len(requests)-1]; last.Processed || last.HTTPStatus != tc.status {
					t.Errorf("journal %+v", last)
				}
			})
		})
	}
}

func TestEchoTellsTheTime(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{ClockOffset: time.Minute}, func(t *testing.T, p *Platform, c *caller) {
		r, _ := http.NewRequest(http.MethodGet, BaseURL+"/echo", nil)
		a, err := c.send(r)
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("HTTP %d, %v", a.status, err)
		}
		if got := a.header.Get("x-ag-timestamp"); got != "946684860000" {
			t.Errorf("x-ag-timestamp %s", got)
		}
		if got := a.header.Get("Date"); got != "Sat, 01 Jan 2000 00:01:00 GMT" {
			t.Errorf("Date %s", got)
		}
		if a := c.call(OpTasks, map[string]string{"productId": "10005977"}, ""); a.status != http.StatusUnauthorized {
			t.Errorf("the caller's own clock was accepted: HTTP %d", a.status)
		}
		c.skew = time.Minute
		c.ok(OpTasks, map[string]string{"productId": "10005977"}, "")
		p.SetClockOffset(0)
		c.skew = 0
		c.ok(OpTasks, map[string]string{"productId": "10005977"}, "")
	})
}
