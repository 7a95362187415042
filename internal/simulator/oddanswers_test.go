package simulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// taskObjects returns every object that shows a task: the answer of POST
// /task first, then /task, /detail and the row of /tasks.
func taskObjects(t *testing.T, c *caller, product int64) []map[string]any {
	t.Helper()
	body := lwm2mBody
	if product == TLinkProduct {
		body = tLinkBody
	}
	created := object(t, c.ok(OpCreate, nil, body).Result)
	id, _ := created["jobId"].(float64)
	of := ofTask(product, int64(id))
	listed := c.list(OpTasks, map[string]string{"productId": of["productId"]}).List
	return []map[string]any{created, c.object(OpQueryTask, of), c.object(OpQueryDetail, of), listed[0]}
}

func TestOmitMembers(t *testing.T) {
	t.Parallel()
	for _, omitted := range [][]string{nil, {"firmwareId"}, {"jobName", "retryTimes"}, {"jobDesc"}} {
		for _, nulls := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v %t", omitted, nulls), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{Quirks: Quirks{OmitMembers: omitted, NullDescription: nulls}}, func(t *testing.T, _ *Platform, c *caller) {
					for i, o := range taskObjects(t, c, TLinkProduct) {
						for _, name := range []string{"jobId", "firmwareId", "jobName", "retryTimes", "jobDesc"} {
							_, shown := o[name]
							if left := strings.Contains(fmt.Sprint(omitted), name); shown == left {
								t.Errorf("object %d: %s is shown: %t", i, name, shown)
							}
						}
					}
				})
			})
		}
	}
}

func TestOutTimeEverywhere(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{false: "[0 0 0] [129 129 129]", true: "[24 24 24] [129 129 129]"} {
		inBubble(t, Options{Quirks: Quirks{OutTimeEverywhere: on}}, func(t *testing.T, _ *Platform, c *caller) {
			var got []string
			for _, product := range []int64{LwM2MProduct, TLinkProduct} {
				var times []any
				for _, o := range taskObjects(t, c, product)[1:] {
					times = append(times, o["outTime"])
				}
				got = append(got, fmt.Sprint(times))
			}
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%t: outTime %s, want %s", on, got, want)
			}
		})
	}
}

func TestNullOutage(t *testing.T) {
	t.Parallel()
	for answer, want := range map[NullResponse]string{NullResponseNull: "null", NullResponseEmptyObject: "{}"} {
		inBubble(t, Options{Quirks: Quirks{NullReads: answer}}, func(t *testing.T, p *Platform, c *caller) {
			ids := p.DeviceIDs(LwM2MProduct)
			job := startable(t, p, LwM2MProduct, ids[0])
			reads := map[string]map[string]string{
				OpQueryTask:   ofTask(LwM2MProduct, job),
				OpQueryDetail: ofTask(LwM2MProduct, 1), // missing
				OpTasks:       {"productId": "10005977"},
				OpSubtasks:    ofTask(LwM2MProduct, job),
				OpDevices:     ofTask(LwM2MProduct, job, "isSelectDevice", "2"),
			}
			p.SetNullOutage(true)
			for op, params := range reads {
				if got := string(c.ok(op, params, "").Result); got != want {
					t.Errorf("%s: %s, want %s", op, got, want)
				}
			}
			for _, r := range p.Requests() {
				if r.Fault != EmptyResult || !r.Processed {
					t.Errorf("%s: fault %q, processed %t", r.Operation, r.Fault, r.Processed)
				}
			}
			c.ok(OpOperational, nil, lwm2mJoin(job, ids[1]))
			forger := newCaller(t, p)
			forger.secret = "wrong"
			if a := forger.call(OpTasks, reads[OpTasks], ""); a.status != 401 {
				t.Errorf("a wrong signature was answered with HTTP %d", a.status)
			}
			p.SetNullOutage(false)
			if got := c.list(OpSubtasks, reads[OpSubtasks]).Total; got != 2 {
				t.Errorf("%d subtasks after the outage", got)
			}
			p.SetNullOutage(true)
			p.ClearFaults()
			var task struct{ JobID json.Number }
			if raw := c.ok(OpQueryTask, reads[OpQueryTask], "").Result; json.Unmarshal(raw, &task) != nil || task.JobID != "3456" {
				t.Errorf("after ClearFaults: %s", raw)
			}
		})
	}
}

func TestStrictTaskID(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{false: "8803 参数校验失败", true: "2501 任务不存在"} {
		inBubble(t, Options{Quirks: Quirks{StrictTaskID: on}}, func(t *testing.T, p *Platform, c *caller) {
			code, text, _ := strings.Cut(want, " ")
			for _, id := range []string{"", "0"} {
				for op, params := range map[string]map[string]string{
					OpDevices:  {"id": id, "productId": "10005977", "isSelectDevice": "1"},
					OpSubtasks: {"id": id, "productId": "10005977"},
				} {
					a := c.call(op, params, "")
					if strconv.Itoa(a.Code) != code || !strings.HasPrefix(a.Msg, text) {
						t.Errorf("%t: %s of task %q: %d %s, want %s", on, op, id, a.Code, a.Msg, want)
					}
				}
			}
			candidates := map[string]string{"productId": "10005977", "isSelectDevice": "2"}
			if got := c.list(OpDevices, candidates).Total; got != DefaultDeviceCount {
				t.Errorf("%t: %d candidates", on, got)
			}
		})
	}
}
