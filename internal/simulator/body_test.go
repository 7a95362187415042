package simulator

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// The bodies that the platform accepts. DEVICE is the id of a device.
const (
	bodyCreate      = `{"createBy":"h","firmwareId":3297,"jobDesc":"d","jobName":"n","productId":10005977,"retryTimes":1}`
	bodyTLinkCreate = `{"createBy":"h","firmwareId":3275,"jobName":"n","productId":10005986,"outTime":"129"}`
	bodyModify      = `{"updateBy":"h","jobDesc":"d","jobName":"n","productId":10005977,"retryTimes":1}`
	bodyControl     = `{"productId":10005977,"runStatus":2}`
	bodyJoin        = `{"createBy":"h","deviceInfoList":[{"deviceId":"DEVICE"}],"jobId":3456,"operational":1,"productId":10005977}`
	bodyTLinkJoin   = `{"createBy":"h","deviceIdList":"DEVICE","jobId":3457,"operational":1,"productId":10005986}`
	bodyCancel      = `{"createBy":"h","taskIdList":"59","jobId":3456,"operational":2,"productId":10005977}`
)

// bodyCases has one change of an accepted body each, and the code of the
// refusal.
var bodyCases = []struct {
	op, good, old, new string // old is replaced by new in the good body
	code               int
}{
	{OpCreate, bodyCreate, bodyCreate, `{`, CodeParse},
	{OpCreate, bodyCreate, bodyCreate, `[]`, CodeParse},
	{OpCreate, bodyCreate, `}`, `} {}`, CodeParse},
	{OpCreate, bodyCreate, `"createBy":"h"`, `"createBy":"h","createBy":"h"`, CodeParse},
	{OpCreate, bodyCreate, `"jobDesc"`, `"jobdesc"`, CodeParameter},
	{OpCreate, bodyCreate, `"d"`, `null`, CodeParameter},
	{OpCreate, bodyCreate, `"d"`, `1`, CodeParameter},
	{OpCreate, bodyCreate, `"n"`, `""`, CodeParameter},
	{OpCreate, bodyCreate, `"jobName":"n",`, ``, CodeParameter},
	{OpCreate, bodyCreate, `3297`, `"3297"`, CodeParameter},
	{OpCreate, bodyCreate, `3297`, `3297.0`, CodeParameter},
	{OpCreate, bodyCreate, `3297`, `1`, CodeFirmwareMissing},
	{OpCreate, bodyCreate, `3297`, `3275`, CodeFirmwareMissing},
	{OpCreate, bodyCreate, `10005977`, `1`, CodeProductMissing},
	{OpCreate, bodyCreate, `"firmwareId":3297,`, ``, CodeParameter},
	{OpCreate, bodyCreate, `"productId":10005977,`, ``, CodeParameter},
	{OpCreate, bodyCreate, `"retryTimes":1`, `"retryTimes":4`, CodeParameter},
	{OpCreate, bodyCreate, `"retryTimes":1`, `"retryTimes":-1`, CodeParameter},
	{OpCreate, bodyCreate, `"retryTimes":1`, `"retryTimes":"1"`, CodeParameter},
	{OpCreate, bodyCreate, `,"retryTimes":1`, ``, CodeProtocol},
	{OpCreate, bodyCreate, `"retryTimes":1`, `"outTime":"24"`, CodeProtocol},
	{OpCreate, bodyCreate, `"retryTimes":1`, `"retryTimes":1,"outTime":"24"`, CodeProtocol},
	{OpCreate, bodyTLinkCreate, `"129"`, `129`, CodeParameter},
	{OpCreate, bodyTLinkCreate, `"129"`, `"0"`, CodeParameter},
	{OpCreate, bodyTLinkCreate, `"129"`, `"169"`, CodeParameter},
	{OpCreate, bodyTLinkCreate, `"129"`, `"1h"`, CodeParameter},
	{OpCreate, bodyTLinkCreate, `,"outTime":"129"`, ``, CodeProtocol},
	{OpCreate, bodyTLinkCreate, `"outTime":"129"`, `"retryTimes":1`, CodeProtocol},
	{OpModify, bodyModify, `"updateBy"`, `"createBy"`, CodeParameter},
	{OpModify, bodyModify, `"updateBy":"h"`, `"firmwareId":3298`, CodeParameter},
	{OpModify, bodyModify, `"n"`, `""`, CodeParameter},
	{OpModify, bodyModify, `"retryTimes":1`, `"outTime":"24"`, CodeProtocol},
	{OpModify, bodyModify, `"productId":10005977,`, ``, CodeParameter},
	{OpModify, bodyModify, `10005977`, `10005986`, CodeTaskMissing},
	{OpControl, bodyControl, `2`, `1`, CodeParameter},
	{OpControl, bodyControl, `,"runStatus":2`, ``, CodeParameter},
	{OpControl, bodyControl, `}`, `,"id":3456}`, CodeParameter},
	{OpOperational, bodyJoin, `"createBy":"h",`, ``, CodeParameter},
	{OpOperational, bodyJoin, `"h"`, `""`, CodeParameter},
	{OpOperational, bodyJoin, `"operational":1,`, ``, CodeParameter},
	{OpOperational, bodyJoin, `"operational":1`, `"operational":4`, CodeParameter},
	{OpOperational, bodyJoin, `[{"deviceId":"DEVICE"}]`, `[]`, CodeParameter},
	{OpOperational, bodyJoin, `[{"deviceId":"DEVICE"}]`, `["DEVICE"]`, CodeParameter},
	{OpOperational, bodyJoin, `"DEVICE"}`, `"DEVICE","x":1}`, CodeParameter},
	{OpOperational, bodyJoin, `"deviceInfoList":[{"deviceId":"DEVICE"}]`, `"deviceIdList":"DEVICE"`, CodeParameter},
	{OpOperational, bodyJoin, `"jobId"`, `"taskIdList":"59","jobId"`, CodeParameter},
	{OpOperational, bodyJoin, `DEVICE`, `unknown`, CodeDevice},
	{OpOperational, bodyJoin, `3456`, `3400`, CodeTaskMissing},
	{OpOperational, bodyTLinkJoin, `"DEVICE"`, `["DEVICE"]`, CodeParameter},
	{OpOperational, bodyTLinkJoin, `"DEVICE"`, `"DEVICE,"`, CodeParameter},
	{OpOperational, bodyTLinkJoin, `"deviceIdList":"DEVICE"`, `"deviceInfoList":[{"deviceId":"DEVICE"}]`, CodeParameter},
	{OpOperational, bodyCancel, `"59"`, `59`, CodeParameter},
	{OpOperational, bodyCancel, `"59"`, `"x"`, CodeParameter},
	{OpOperational, bodyCancel, `"59"`, `"60"`, CodeSubtask},
	{OpOperational, bodyCancel, `"taskIdList":"59",`, ``, CodeParameter},
	{OpOperational, bodyCancel, `"taskIdList"`, `"deviceIdList":"x","taskIdList"`, CodeParameter},
}

func TestBodiesAreStrict(t *testing.T) {
	t.Parallel()
	for _, tc := range bodyCases {
		t.Run(fmt.Sprintf("%s %s to %s", tc.op, tc.old, tc.new), func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				device := p.DeviceIDs(LwM2MProduct)[1]
				job := startable(t, p, LwM2MProduct, p.DeviceIDs(LwM2MProduct)[0])
				startable(t, p, TLinkProduct)
				if strings.Contains(tc.good, `"productId":10005986`) {
					device = p.DeviceIDs(TLinkProduct)[1]
				}
				var params map[string]string
				if tc.op == OpModify || tc.op == OpControl {
					params = only(job)
				}
				bad := strings.Replace(tc.good, tc.old, tc.new, 1)
				if bad == tc.good {
					t.Fatal("the case changes nothing")
				}
				c.refused(tc.code, tc.op, params, strings.ReplaceAll(bad, "DEVICE", device))
				refused := p.Writes()[0]
				wantEqual(t, "journal: processed", refused.Processed, true)
				wantEqual(t, "journal: succeeded", refused.Succeeded, false)
				wantEqual(t, "journal: code", refused.Code, tc.code)
				c.ok(tc.op, params, strings.ReplaceAll(tc.good, "DEVICE", device))
			})
		})
	}
}

// The query parameters that the platform accepts.
var (
	queryProduct = map[string]string{"productId": "10005977"}
	queryTask    = ofTask(LwM2MProduct, 3456)
	queryTLink   = ofTask(TLinkProduct, 3457, "taskStatus", "1")
	queryDevices = ofTask(LwM2MProduct, 3456, "isSelectDevice", "1")
)

// queryCases has one bad parameter each, and the code of the refusal.
var queryCases = []struct {
	op         string
	good       map[string]string
	name, bad  string // the parameter that is replaced
	code       int
	emptyIsBad bool
}{
	{OpQueryTask, queryTask, "id", "x", CodeParameter, true},
	{OpQueryTask, queryTask, "id", "03456", CodeParameter, true},
	{OpQueryTask, queryTask, "id", "1", CodeTaskMissing, true},
	{OpQueryTask, queryTask, "productId", "1", CodeProductMissing, true},
	{OpQueryTask, queryTask, "productId", "10005986", CodeTaskMissing, true},
	{OpQueryDetail, queryTask, "id", "-1", CodeParameter, true},
	{OpTasks, queryProduct, "productId", "1", CodeProductMissing, true},
	{OpTasks, queryProduct, "pageNow", "0", CodeParameter, false},
	{OpTasks, queryProduct, "pageSize", "x", CodeParameter, false},
	{OpSubtasks, queryTask, "taskStatus", "12", CodeParameter, false},
	{OpSubtasks, queryTask, "pageSize", "0", CodeParameter, false},
	{OpSubtasks, queryTLink, "taskStatus", "5", CodeParameter, true},
	{OpSubtasks, queryTLink, "taskStatus", "0", CodeParameter, true},
	{OpDevices, queryDevices, "isSelectDevice", "3", CodeParameter, true},
	{OpDevices, queryDevices, "id", "1", CodeTaskMissing, true},
	{OpDevices, queryDevices, "deviceNoSearch", "1", CodeParameter, false},
	{OpDevices, ofTask(TLinkProduct, 3457, "isSelectDevice", "1"), "imeiSearch", "1", CodeParameter, false},
}

func TestQueriesAreStrict(t *testing.T) {
	t.Parallel()
	for _, tc := range queryCases {
		t.Run(tc.op+" "+tc.name+" "+tc.bad, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				startable(t, p, LwM2MProduct)
				startable(t, p, TLinkProduct)
				c.ok(tc.op, tc.good, "")
				with := func(value string) map[string]string {
					params := maps.Clone(tc.good)
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

func TestBodyOfARead(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		c.ok(OpTasks, map[string]string{"productId": "10005977"}, "")
		c.refused(CodeParse, OpTasks, map[string]string{"productId": "10005977"}, "{}")
	})
}
