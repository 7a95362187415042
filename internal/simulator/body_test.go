package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestBodiesAreStrict(t *testing.T) {
	t.Parallel()
	const (
		create  = `{"createBy":"h","firmwareId":3297,"jobDesc":"d","jobName":"n","productId":10005977,"retryTimes":1}`
		tCreate = `{"createBy":"h","firmwareId":3275,"jobName":"n","productId":10005986,"outTime":"129"}`
		modify  = `{"updateBy":"h","jobDesc":"d","jobName":"n","productId":10005977,"retryTimes":1}`
		control = `{"productId":10005977,"runStatus":2}`
		join    = `{"createBy":"h","deviceInfoList":[{"deviceId":"DEVICE"}],"jobId":3456,"operational":1,"productId":10005977}`
		tJoin   = `{"createBy":"h","deviceIdList":"DEVICE","jobId":3457,"operational":1,"productId":10005986}`
		cancel  = `{"createBy":"h","taskIdList":"59","jobId":3456,"operational":2,"productId":10005977}`
	)
	cases := []struct {
		op, good, old, new string // the good body, with one piece replaced, is refused
		code               int
	}{
		{OpCreate, create, create, `{`, CodeParse},
		{OpCreate, create, create, `[]`, CodeParse},
		{OpCreate, create, `}`, `} {}`, CodeParse},
		{OpCreate, create, `"createBy":"h"`, `"createBy":"h","createBy":"h"`, CodeParse},
		{OpCreate, create, `"jobDesc"`, `"jobdesc"`, CodeParameter},
		{OpCreate, create, `"d"`, `null`, CodeParameter},
		{OpCreate, create, `"d"`, `1`, CodeParameter},
		{OpCreate, create, `"n"`, `""`, CodeParameter},
		{OpCreate, create, `"jobName":"n",`, ``, CodeParameter},
		{OpCreate, create, `3297`, `"3297"`, CodeParameter},
		{OpCreate, create, `3297`, `3297.0`, CodeParameter},
		{OpCreate, create, `3297`, `1`, CodeFirmwareMissing},
		{OpCreate, create, `3297`, `3275`, CodeFirmwareMissing},
		{OpCreate, create, `10005977`, `1`, CodeProductMissing},
		{OpCreate, create, `"firmwareId":3297,`, ``, CodeParameter},
		{OpCreate, create, `"productId":10005977,`, ``, CodeParameter},
		{OpCreate, create, `"retryTimes":1`, `"retryTimes":4`, CodeParameter},
		{OpCreate, create, `"retryTimes":1`, `"retryTimes":-1`, CodeParameter},
		{OpCreate, create, `"retryTimes":1`, `"retryTimes":"1"`, CodeParameter},
		{OpCreate, create, `,"retryTimes":1`, ``, CodeProtocol},
		{OpCreate, create, `"retryTimes":1`, `"outTime":"24"`, CodeProtocol},
		{OpCreate, create, `"retryTimes":1`, `"retryTimes":1,"outTime":"24"`, CodeProtocol},
		{OpCreate, tCreate, `"129"`, `129`, CodeParameter},
		{OpCreate, tCreate, `"129"`, `"0"`, CodeParameter},
		{OpCreate, tCreate, `"129"`, `"169"`, CodeParameter},
		{OpCreate, tCreate, `"129"`, `"1h"`, CodeParameter},
		{OpCreate, tCreate, `,"outTime":"129"`, ``, CodeProtocol},
		{OpCreate, tCreate, `"outTime":"129"`, `"retryTimes":1`, CodeProtocol},
		{OpModify, modify, `"updateBy"`, `"createBy"`, CodeParameter},
		{OpModify, modify, `"updateBy":"h"`, `"firmwareId":3298`, CodeParameter},
		{OpModify, modify, `"n"`, `""`, CodeParameter},
		{OpModify, modify, `"retryTimes":1`, `"outTime":"24"`, CodeProtocol},
		{OpModify, modify, `"productId":10005977,`, ``, CodeParameter},
		{OpModify, modify, `10005977`, `10005986`, CodeTaskMissing},
		{OpControl, control, `2`, `1`, CodeParameter},
		{OpControl, control, `,"runStatus":2`, ``, CodeParameter},
		{OpControl, control, `}`, `,"id":3456}`, CodeParameter},
		{OpOperational, join, `"createBy":"h",`, ``, CodeParameter},
		{OpOperational, join, `"h"`, `""`, CodeParameter},
		{OpOperational, join, `"operational":1,`, ``, CodeParameter},
		{OpOperational, join, `"operational":1`, `"operational":4`, CodeParameter},
		{OpOperational, join, `[{"deviceId":"DEVICE"}]`, `[]`, CodeParameter},
		{OpOperational, join, `[{"deviceId":"DEVICE"}]`, `["DEVICE"]`, CodeParameter},
		{OpOperational, join, `"DEVICE"}`, `"DEVICE","x":1}`, CodeParameter},
		{OpOperational, join, `"deviceInfoList":[{"deviceId":"DEVICE"}]`, `"deviceIdList":"DEVICE"`, CodeParameter},
		{OpOperational, join, `"jobId"`, `"taskIdList":"59","jobId"`, CodeParameter},
		{OpOperational, join, `DEVICE`, `nobody`, CodeDevice},
		{OpOperational, join, `3456`, `3400`, CodeTaskMissing},
		{OpOperational, tJoin, `"DEVICE"`, `["DEVICE"]`, CodeParameter},
		{OpOperational, tJoin, `"DEVICE"`, `"DEVICE,"`, CodeParameter},
		{OpOperational, tJoin, `"deviceIdList":"DEVICE"`, `"deviceInfoList":[{"deviceId":"DEVICE"}]`, CodeParameter},
		{OpOperational, cancel, `"59"`, `59`, CodeParameter},
		{OpOperational, cancel, `"59"`, `"x"`, CodeParameter},
		{OpOperational, cancel, `"59"`, `"60"`, CodeSubtask},
		{OpOperational, cancel, `"taskIdList":"59",`, ``, CodeParameter},
		{OpOperational, cancel, `"taskIdList"`, `"deviceIdList":"x","taskIdList"`, CodeParameter},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("%s %s to %s", tc.op, tc.old, tc.new), func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				own, other := p.DeviceIDs(LwM2MProduct), p.DeviceIDs(TLinkProduct)
				job := startable(t, p, LwM2MProduct, own[0])
				startable(t, p, TLinkProduct)
				device := own[1]
				if strings.Contains(tc.good, `"productId":10005986`) {
					device = other[1]
				}
				var params map[string]string
				if tc.op == OpModify || tc.op == OpControl {
					params = only(job)
				}
				send := func(body string) string { return strings.ReplaceAll(body, "DEVICE", device) }
				if bad := strings.Replace(tc.good, tc.old, tc.new, 1); bad == tc.good {
					t.Fatal("the case changes nothing")
				} else {
					c.refused(tc.code, tc.op, params, send(bad))
				}
				if p.Writes()[0].Succeeded || !p.Writes()[0].Processed || p.Writes()[0].Code != tc.code {
					t.Errorf("journal %+v", p.Writes()[0])
				}
				c.ok(tc.op, params, send(tc.good))
			})
		})
	}
}

func TestQueriesAreStrict(t *testing.T) {
	t.Parallel()
	task := ofTask(LwM2MProduct, 3456)
	tLink := ofTask(TLinkProduct, 3457, "taskStatus", "1")
	devices := ofTask(LwM2MProduct, 3456, "isSelectDevice", "1")
	cases := []struct {
		op         string
		good       map[string]string
		name, bad  string // the parameter that is replaced
		code       int
		emptyIsBad bool
	}{
		{OpQueryTask, task, "id", "x", CodeParameter, true},
		{OpQueryTask, task, "id", "03456", CodeParameter, true},
		{OpQueryTask, task, "id", "1", CodeTaskMissing, true},
		{OpQueryTask, task, "productId", "1", CodeProductMissing, true},
		{OpQueryTask, task, "productId", "10005986", CodeTaskMissing, true},
		{OpQueryDetail, task, "id", "-1", CodeParameter, true},
		{OpTasks, map[string]string{"productId": "10005977"}, "productId", "1", CodeProductMissing, true},
		{OpTasks, map[string]string{"productId": "10005977"}, "pageNow", "0", CodeParameter, false},
		{OpTasks, map[string]string{"productId": "10005977"}, "pageSize", "x", CodeParameter, false},
		{OpSubtasks, task, "taskStatus", "12", CodeParameter, false},
		{OpSubtasks, task, "pageSize", "0", CodeParameter, false},
		{OpSubtasks, tLink, "taskStatus", "5", CodeParameter, true},
		{OpSubtasks, tLink, "taskStatus", "0", CodeParameter, true},
		{OpDevices, devices, "isSelectDevice", "3", CodeParameter, true},
		{OpDevices, devices, "id", "1", CodeTaskMissing, true},
		{OpDevices, devices, "deviceNoSearch", "1", CodeParameter, false},
		{OpDevices, ofTask(TLinkProduct, 3457, "isSelectDevice", "1"), "imeiSearch", "1", CodeParameter, false},
	}
	for _, tc := range cases {
		t.Run(tc.op+" "+tc.name+" "+tc.bad, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				startable(t, p, LwM2MProduct)
				startable(t, p, TLinkProduct)
				c.ok(tc.op, tc.good, "")
				with := func(value string) map[string]string {
					params := map[string]string{}
					for name, good := range tc.good {
						params[name] = good
					}
					params[tc.name] = value
					return params
				}
				c.refused(tc.code, tc.op, with(tc.bad), "")
				if tc.emptyIsBad {
					c.refused(CodeParameter, tc.op, with(""), "")
				} else {
					c.ok(tc.op, with(""), "")
				}
			})
		})
	}
}

func TestBodyWhereNoneBelongs(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		c.ok(OpTasks, map[string]string{"productId": "10005977"}, "")
		if a := c.call(OpTasks, map[string]string{"productId": "10005977"}, "{}"); a.status != http.StatusOK || a.Code != CodeParse {
			t.Errorf("HTTP %d %s", a.status, a.body)
		}
	})
}
