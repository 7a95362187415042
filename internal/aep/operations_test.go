package aep

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// simulated returns a client of a simulated platform, which checks every signature
// by the API document. Both end with the test.
func simulated(t testing.TB, options simulator.Options, adjust ...func(*Config)) (*Client, *simulator.Platform) {
	t.Helper()
	platform := simulator.New(options)
	t.Cleanup(platform.Close)
	client := newClient(t, platform.Transport(), append([]func(*Config){func(c *Config) {
		c.Endpoint, c.AppKey, c.AppSecret = simulator.BaseURL, simulator.DefaultAppKey, simulator.DefaultAppSecret
		c.MasterKey = simulator.LwM2MMasterKey
		c.MasterKeys = map[int64]string{simulator.TLinkProduct: simulator.TLinkMasterKey}
	}}, adjust...)...)
	return client, platform
}

// last returns the last request, without those for the time.
func last(t *testing.T, p *simulator.Platform) simulator.Request {
	t.Helper()
	requests := p.Requests()
	for i := len(requests) - 1; i >= 0; i-- {
		if requests[i].Path != "/echo" {
			return requests[i]
		}
	}
	t.Fatal("no request")
	return simulator.Request{}
}

// Every operation arrives with all declared parameters in the query, the expected
// bytes in the body, and a signature that the platform accepts.
func TestOperationsOnTheWire(t *testing.T) {
	t.Parallel()
	const product, tlink = simulator.LwM2MProduct, simulator.TLinkProduct
	lw, tl := TaskKey{product, 3456}, TaskKey{tlink, 3457}
	code := SubtaskCode(0)
	steps := []struct {
		name        string
		call        func(*Client) error
		operation   string
		method      string
		path, query string
		body        string
	}{
		{
			"create LwM2M", func(c *Client) error {
				_, err := c.CreateTask(t.Context(), CreateTaskRequest{
					ProductID: product, FirmwareID: simulator.LwM2MFirmware, Name: "甲 <&>", RetryTimes: ptr(int64(0)),
				})
				return err
			}, "CreateRemoteUpgradeTask", "POST", "/task",
			"", `{"createBy":"terraform","firmwareId":3297,"jobName":"甲 <&>","productId":10005977,"retryTimes":0}`,
		},
		{
			"create T-Link", func(c *Client) error {
				_, err := c.CreateTask(t.Context(), CreateTaskRequest{
					ProductID: tlink, FirmwareID: simulator.TLinkFirmware, Name: "乙", Description: "说明", TimeoutHours: ptr(int64(24)),
				})
				return err
			}, "CreateRemoteUpgradeTask", "POST", "/task",
			"", `{"createBy":"terraform","firmwareId":3275,"jobDesc":"说明","jobName":"乙","productId":10005986,"outTime":"24"}`,
		},
		{
			"modify LwM2M", func(c *Client) error {
				return c.ModifyTask(t.Context(), ModifyTaskRequest{Key: lw, Name: "n", RetryTimes: ptr(int64(3))})
			}, "ModifyRemoteUpgradeTask", "PUT", "/task",
			"id=3456", `{"updateBy":"terraform","jobDesc":"","jobName":"n","productId":10005977,"retryTimes":3}`,
		},
		{
			"modify T-Link", func(c *Client) error {
				return c.ModifyTask(t.Context(), ModifyTaskRequest{Key: tl, Name: "n", Description: "d", TimeoutHours: ptr(int64(168))})
			}, "ModifyRemoteUpgradeTask", "PUT", "/task",
			"id=3457", `{"updateBy":"terraform","jobDesc":"d","jobName":"n","productId":10005986,"outTime":"168"}`,
		},
		{"task", func(c *Client) error {
			_, err := c.Task(t.Context(), lw)
			return err
		}, "QueryRemoteUpgradeTask", "GET", "/task", "id=3456&productId=10005977", ""},
		{"detail", func(c *Client) error {
			_, err := c.TaskDetail(t.Context(), tl)
			return err
		}, "QueryRemoteUpgradeDetail", "GET", "/detail", "id=3457&productId=10005986", ""},
		{"tasks", func(c *Client) error {
			_, err := c.Tasks(t.Context(), TaskQuery{ProductID: product}, 0)
			return err
		}, "QueryRemoteUpgradeTaskList", "GET", "/tasks", "pageNow=1&pageSize=1000&productId=10005977&searchValue=", ""},
		{
			"tasks by name", func(c *Client) error {
				_, err := c.Tasks(t.Context(), TaskQuery{ProductID: product, NameContains: "a b&c=d+e%f\n中文😀"}, 5)
				return err
			}, "QueryRemoteUpgradeTaskList", "GET", "/tasks",
			"pageNow=1&pageSize=5&productId=10005977&searchValue=a%20b%26c%3Dd%2Be%25f%0A%E4%B8%AD%E6%96%87%F0%9F%98%80", "",
		},
		{
			"candidates", func(c *Client) error {
				_, err := c.CountDevices(t.Context(), DeviceQuery{Key: TaskKey{ProductID: product}, Scope: Candidates})
				return err
			}, "QueryRemoteUpradeDeviceList", "GET", "/devices",
			"deviceGroupIdSearch=&deviceIdSearch=&deviceNameSearch=&deviceNoSearch=&id=&imeiSearch=&" +
				"isSelectDevice=2&pageNow=1&pageSize=1&productId=10005977",
			"",
		},
		{
			"devices, every filter", func(c *Client) error {
				_, err := c.Devices(t.Context(), DeviceQuery{Key: lw, Scope: Joined, DeviceID: "d", Name: "n", IMEI: "i", GroupID: "g"}, 0)
				return err
			}, "QueryRemoteUpradeDeviceList", "GET", "/devices",
			"deviceGroupIdSearch=g&deviceIdSearch=d&deviceNameSearch=n&deviceNoSearch=&id=3456&imeiSearch=i&" +
				"isSelectDevice=1&pageNow=1&pageSize=1000&productId=10005977",
			"",
		},
		{
			"devices by number", func(c *Client) error {
				_, err := c.Devices(t.Context(), DeviceQuery{Key: tl, Scope: Joined, DeviceNo: "7"}, 0)
				return err
			}, "QueryRemoteUpradeDeviceList", "GET", "/devices",
			"deviceGroupIdSearch=&deviceIdSearch=&deviceNameSearch=&deviceNoSearch=7&id=3457&imeiSearch=&" +
				"isSelectDevice=1&pageNow=1&pageSize=1000&productId=10005986",
			"",
		},
		{
			"subtasks", func(c *Client) error {
				_, err := c.Subtasks(t.Context(), SubtaskQuery{Key: lw, Search: "10339a"}, 0)
				return err
			}, "QueryRemoteUpgradeSubtasks", "GET", "/details",
			"id=3456&pageNow=1&pageSize=1000&productId=10005977&searchValue=10339a&taskStatus=", "",
		},
		{"count of subtasks", func(c *Client) error {
			_, err := c.CountSubtasks(t.Context(), lw, &code)
			return err
		}, "QueryRemoteUpgradeSubtasks", "GET", "/details", "id=3456&pageNow=1&pageSize=1&productId=10005977&searchValue=&taskStatus=0", ""},
		{
			"join LwM2M", func(c *Client) error {
				return refusalIsFine(c.JoinDevices(t.Context(), lw, LwM2M, []string{"a", "b"}))
			}, "OperationalRemoteUpgradeTask", "POST", "/operational",
			"",
			`{"createBy":"terraform","deviceInfoList":[{"deviceId":"a"},{"deviceId":"b"}],"jobId":3456,"operational":1,"productId":10005977}`,
		},
		{
			"join T-Link", func(c *Client) error {
				return refusalIsFine(c.JoinDevices(t.Context(), tl, TLink, []string{"a", "b"}))
			}, "OperationalRemoteUpgradeTask", "POST", "/operational",
			"", `{"createBy":"terraform","deviceIdList":"a,b","jobId":3457,"operational":1,"productId":10005986}`,
		},
		{
			"cancel", func(c *Client) error {
				return refusalIsFine(c.CancelSubtasks(t.Context(), tl, []int64{59, 60}))
			}, "OperationalRemoteUpgradeTask", "POST", "/operational",
			"", `{"createBy":"terraform","jobId":3457,"operational":2,"productId":10005986,"taskIdList":"59,60"}`,
		},
		{
			"retry", func(c *Client) error {
				return refusalIsFine(c.RetrySubtasks(t.Context(), lw, []int64{59}))
			}, "OperationalRemoteUpgradeTask", "POST", "/operational",
			"", `{"createBy":"terraform","jobId":3456,"operational":3,"productId":10005977,"taskIdList":"59"}`,
		},
		{"start", func(c *Client) error {
			return refusalIsFine(c.StartTask(t.Context(), lw))
		}, "ControlRemoteUpgradeTask", "PUT", "/control", "id=3456", `{"productId":10005977,"runStatus":2}`},
		{"delete", func(c *Client) error {
			return c.DeleteTask(t.Context(), lw)
		}, "DeleteRemoteUpgradeTask", "DELETE", "/task", "id=3456&productId=10005977&updateBy=terraform", ""},
	}
	var raw string
	client, platform := simulated(t, simulator.Options{RequireMasterKey: true}, func(c *Config) {
		transport := c.Transport
		c.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			raw = r.URL.RawQuery
			return transport.RoundTrip(r)
		})
	})
	for _, s := range steps {
		if err := s.call(client); err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		r := last(t, platform)
		if r.Operation != s.operation || r.Method != s.method || r.Path != basePath+s.path || string(r.Body) != s.body {
			t.Errorf("%s: got  %s, %s %s\n%s\nwant %s, %s %s\n%s", s.name,
				r.Operation, r.Method, r.Path, r.Body, s.operation, s.method, basePath+s.path, s.body)
		}
		if raw != s.query {
			t.Errorf("%s: got the query\n%s, want\n%s", s.name, raw, s.query)
		}
		if want, _ := url.ParseQuery(s.query); r.Query.Encode() != want.Encode() {
			t.Errorf("%s: the platform got the query %v, want %v", s.name, r.Query, want)
		}
		key := map[int64]string{product: simulator.LwM2MMasterKey, tlink: simulator.TLinkMasterKey}[r.ProductID]
		if got := r.Header.Get("MasterKey"); got != key || !r.Processed {
			t.Errorf("%s: got the MasterKey %q, want %q; accepted: %t", s.name, got, key, r.Processed)
		}
		if got := r.Header.Get("Content-Type"); (got == "application/json; charset=UTF-8") != (s.body != "") {
			t.Errorf("%s: got the Content-Type %q for the body %q", s.name, got, s.body)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// refusalIsFine returns nil for a business error: the platform has understood the request.
func refusalIsFine(err error) error {
	if IsRefused(err) {
		return nil
	}
	return err
}

func TestEveryAttemptIsSignedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, platform := simulated(t, simulator.Options{})
		platform.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: 429, RetryAfter: "40", Operation: simulator.OpCreate, Times: 2})
		created, err := client.CreateTask(t.Context(), CreateTaskRequest{
			ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "n", RetryTimes: ptr(int64(1)),
		})
		if err != nil || created.Protocol != LwM2M {
			t.Fatalf("got %+v, %v, want the protocol %s", created, err, LwM2M)
		}
		writes := platform.Writes()
		if len(writes) != 3 {
			t.Fatalf("got %d requests, want 3", len(writes))
		}
		for i, r := range writes {
			if got := r.Header.Get("timestamp"); got != timestamp(r.Time) {
				t.Errorf("attempt %d: got the timestamp %s, want %s", i+1, got, timestamp(r.Time))
			}
			if string(r.Body) != string(writes[0].Body) {
				t.Errorf("attempt %d: got the body %s, want %s", i+1, r.Body, writes[0].Body)
			}
			if i > 0 && r.Header.Get("signature") == writes[i-1].Header.Get("signature") {
				t.Errorf("attempt %d has the signature of the one before", i+1)
			}
		}
	})
}

func TestNoMasterKeyIsSentAndSignedAsAnEmptyOne(t *testing.T) {
	t.Parallel()
	client, platform := simulated(t, simulator.Options{}, func(c *Config) { c.MasterKey, c.MasterKeys = "", nil })
	if _, err := client.Tasks(t.Context(), TaskQuery{ProductID: simulator.LwM2MProduct}, 0); IsUnauthorized(err) {
		t.Fatal(err)
	}
	if key, sent := last(t, platform).Header["Masterkey"]; !sent || !slices.Equal(key, []string{""}) {
		t.Errorf("got the MasterKey %q, sent: %t, want an empty one", key, sent)
	}
}
