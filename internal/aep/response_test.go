package aep

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func china(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, ChinaTime)
}

// Every example of the API document is decoded completely.
func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	listed := Task{
		ID: 3456, ProductID: 10005977, ProductName: "复用lw二进制 远程升级", TenantID: "10007905", Name: "sdcsd",
		Description: "测试测试", Status: TaskPending, FirmwareID: 3297, FirmwareName: "测得所所所所所所所", FirmwareVersion: "1.3251",
		FirmwareURL: "/upload?tenantId=10007905&productId=10005977&fileName=1558343157951402.xlsx&fileType=package",
		FileName:    "1558343157951402.xlsx", RetryTimes: ptr(int64(2)), CreatedAt: china(2019, 5, 21, 10, 34, 4), UpgradePlan: 1,
	}
	single := listed
	single.Description, single.DeviceStatus = "cccc", 1
	cases := map[string]struct {
		fixture string
		call    func(*Client) (any, error)
		want    any
	}{
		"task": {"task", func(c *Client) (any, error) { return c.Task(ctx, testKey) }, single},
		"task detail": {"detail", func(c *Client) (any, error) {
			return c.TaskDetail(ctx, TaskKey{ProductID: 10005986, TaskID: 3439})
		}, Task{
			ID: 3439, ProductID: 10005986, TenantID: "10007905", Name: "彩色电视", Description: "sss", Status: TaskFinished,
			FirmwareID: 3275, FirmwareName: "DVD发", FirmwareVersion: "10.3", FileName: "工作簿1.xlsx",
			FirmwareURL:  "/webctdfs/file?tenantId=10007905&productId=10005986&fileName=1557995327619400.xlsx&fileType=package",
			TimeoutHours: 24, RetryTimes: ptr(int64(0)), Elapsed: "93时43分", CreatedAt: china(2019, 5, 16, 16, 28, 57), DeviceCount: 1,
		}},
		"tasks": {"tasks", func(c *Client) (any, error) {
			return c.Tasks(ctx, TaskQuery{ProductID: testProduct}, 0)
		}, Listing[Task]{Rows: []Task{listed}, Total: 1, Stated: true}},
		"create": {"create", func(c *Client) (any, error) {
			return c.CreateTask(ctx, CreateTaskRequest{ProductID: 10005978})
		}, CreatedTask{ID: 3451, Protocol: LwM2M}},
		"devices": {"devices", func(c *Client) (any, error) {
			return c.CountDevices(ctx, DeviceQuery{Key: testKey, Scope: Candidates})
		}, Count[Device]{Total: 2, Sample: &Device{
			ID: "1000598611113", Name: "十大城市打车", SN: "11113", Status: 1, NetStatus: 2, SubtaskCode: NoSubtaskCode,
			CreatedAt: china(2019, 5, 16, 16, 28, 23), OnlineAt: time.UnixMilli(1557995312831).In(ChinaTime),
			OfflineAt: time.UnixMilli(1557995314321).In(ChinaTime),
		}}},
		"subtasks": {"details", func(c *Client) (any, error) {
			return c.Subtasks(ctx, SubtaskQuery{Key: testKey}, 0)
		}, Listing[Subtask]{Total: 1, Stated: true, Rows: []Subtask{{
			ID: 59, DeviceID: "10339a95176c4bfbb029ef319318ee15", DeviceName: "sdcsd", IMEI: "122344584512546",
			Code: 0, ResultCode: "-1",
		}}}},
		"start":  {"control", func(c *Client) (any, error) { return nil, c.StartTask(ctx, testKey) }, nil},
		"modify": {"modify", func(c *Client) (any, error) { return nil, c.ModifyTask(ctx, ModifyTaskRequest{Key: testKey}) }, nil},
		"delete": {"delete", func(c *Client) (any, error) { return nil, c.DeleteTask(ctx, testKey) }, nil},
		"join": {"operational", func(c *Client) (any, error) {
			return nil, c.JoinDevices(ctx, testKey, LwM2M, []string{"d"})
		}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.call(newClient(t, play(respond(http.StatusOK, fixture(t, c.fixture)))))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	const of = "QueryRemoteUpgradeTask of task 3456 of product 10005977: "
	long := strings.Repeat("长", 300)
	cases := map[string]struct {
		response step
		want     string
	}{
		"business": {
			respond(200, `{"code":1002,"msg":"product does not exist","result":null}`), "code 1002: product does not exist",
		},
		"business, desc":               {respond(200, `{"code":"8800","desc":"内部错误"}`), "code 8800: 内部错误"},
		"business, text for an object": {respond(200, `{"result":"none","code":1002,"msg":"no such task"}`), "code 1002: no such task"},
		"business, null msg":           {respond(200, `{"code":-1,"msg":null}`), "code -1"},
		"gateway": {
			respond(404, `{"error_code":"404001","error_desc":"Application not found: x"}`),
			"HTTP 404, code 404001: Application not found: x",
		},
		"gateway, header":  {respond(403, ``, "x-ag-message", "API not subscribed"), "HTTP 403, API not subscribed"},
		"gateway, text":    {respond(404, "Application not found: x\n"), "HTTP 404, Application not found: x"},
		"gateway, page":    {respond(500, "<html><body>oops"), "HTTP 500, Internal Server Error"},
		"gateway, GBK":     {respond(500, "\xb7\xfe\xce\xf1"), "HTTP 500, \uFFFD"},
		"gateway, escapes": {respond(400, "a\x1b[31mred\x00\r\n\tb"), "HTTP 400, a[31mred   b"},
		"gateway, long":    {respond(400, long), "HTTP 400, " + long[:600] + "…"},
		"gateway, unknown": {respond(599, ""), "HTTP 599"},
		"no code": {
			respond(200, `{"msg":"ok"}`), `the response has no code, so it proves nothing ({"msg":"ok"}) (3 attempts)`,
		},
		"null": {respond(200, `null`), `the response has no code, so it proves nothing (null) (3 attempts)`},
		"page": {
			respond(200, "<html>login"), "the response is not the JSON of the API document (<html>login) (3 attempts)",
		},
		"empty":      {respond(200, ""), "the response is not the JSON of the API document (3 attempts)"},
		"no content": {respond(204, ""), "the response is not the JSON of the API document (HTTP 204) (3 attempts)"},
		"trailing garbage": {
			respond(200, success+"}"), "the response is not the JSON of the API document (" + success + "}) (3 attempts)",
		},
		"empty result":       {ok("null"), "the platform reported success but returned no result"},
		"text for an object": {ok(`"SUCCESS"`), "the result does not match the API document: got a text, want an object (3 attempts)"},
		"wrong member": {
			ok(`{"jobId":"abc"}`),
			`the result does not match the API document: jobId: got "abc", want a whole number (3 attempts)`,
		},
		"another task": {ok(`{"jobId":1}`), "the result does not match the API document: it describes task 1 (3 attempts)"},
		"another product": {
			ok(`{"jobId":3456,"productId":2}`),
			"the result does not match the API document: it describes a task of product 2 (3 attempts)",
		},
		"redirect": {
			respond(302, "", "Location", "https://u:p@evil.example/x?MasterKey=1"),
			"unexpected redirect to evil.example, not followed: signed headers go to the configured endpoint only (HTTP 302)",
		},
		"redirect to nowhere": {
			respond(301, ""),
			"unexpected redirect to an address it does not name, not followed: signed headers go to the configured endpoint only (HTTP 301)",
		},
		"throttled": {
			respond(429, "slow down", "Retry-After", "86400"), "HTTP 429, slow down; the platform asks to wait 24h0m0s",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				client := newClient(t, play(c.response), func(config *Config) { config.RetryBudget = 30 * time.Second })
				_, err := client.Task(t.Context(), testKey)
				if err == nil || err.Error() != of+c.want {
					t.Errorf("got  %v\nwant %s", err, of+c.want)
				}
			})
		})
	}
}

func TestLenientEnvelope(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"code as text":   `{"code":"0","msg":"ok","result":{` + soundTask + `}}`,
		"no msg":         `{"code":0,"result":{"jobId":"3456","jobName":"n","jobStatus":"1","firmwareId":"1"}}`,
		"numeric msg":    `{"code":0,"msg":1,"result":{` + soundTask + `}}`,
		"unknown member": `{"code":0,"valid":true,"ok":{},"result":{` + soundTask + `,"new":[1,{"a":null}]}}`,
		"white space":    "\r\n { \"code\" : 0 , \"result\" : { " + soundTask + " } } \n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task, err := newClient(t, play(respond(200, body))).Task(t.Context(), testKey)
			if err != nil || task.Key() != testKey {
				t.Errorf("got %+v, %v, want %s", task, err, testKey)
			}
		})
	}
}
