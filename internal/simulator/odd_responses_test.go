package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// taskObjects returns the objects that show a task: the result of POST /task,
// of /task, of /detail, and the row of /tasks.
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
			options := Options{Quirks: Quirks{OmitMembers: omitted, NullDescription: nulls}}
			inBubble(t, options, func(t *testing.T, _ *Platform, c *caller) {
				for i, o := range taskObjects(t, c, TLinkProduct) {
					for _, name := range []string{"jobId", "firmwareId", "jobName", "retryTimes", "jobDesc"} {
						_, shown := o[name]
						wantEqual(t, fmt.Sprintf("%v: object %d has %s", omitted, i, name), shown, !slices.Contains(omitted, name))
					}
				}
			})
		}
	}
}

func TestOutTimeEverywhere(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{false: "[0 0 0 129 129 129]", true: "[24 24 24 129 129 129]"} {
		inBubble(t, Options{Quirks: Quirks{OutTimeEverywhere: on}}, func(t *testing.T, _ *Platform, c *caller) {
			var times []any
			for _, product := range []int64{LwM2MProduct, TLinkProduct} {
				for _, o := range taskObjects(t, c, product)[1:] {
					times = append(times, o["outTime"])
				}
			}
			wantEqual(t, fmt.Sprintf("outTime with the switch %t", on), fmt.Sprint(times), want)
		})
	}
}

func TestNullOutage(t *testing.T) {
	t.Parallel()
	for result, want := range map[NullResponse]string{NullResponseNull: "null", NullResponseEmptyObject: "{}"} {
		inBubble(t, Options{Quirks: Quirks{NullReads: result}}, func(t *testing.T, p *Platform, c *caller) {
			ids := p.DeviceIDs(LwM2MProduct)
			job := startable(t, p, LwM2MProduct, ids[0])
			p.SetNullOutage(true)
			readInNullOutage(t, p, c, job, want)
			wantEqual(t, "result of a write", string(c.ok(OpOperational, nil, lwm2mJoin(job, ids[1])).Result), `"SUCCESS"`)
			forger := newCaller(t, p)
			forger.secret = "wrong"
			tasks := map[string]string{"productId": "10005977"}
			wantEqual(t, "HTTP status of a wrong signature", forger.call(OpTasks, tasks, "").status, http.StatusUnauthorized)
			p.SetNullOutage(false)
			wantEqual(t, "subtasks after the outage", c.list(OpSubtasks, ofTask(LwM2MProduct, job)).Total, 2)
			p.SetNullOutage(true)
			p.ClearFaults()
			wantMembers(t, c.object(OpQueryTask, ofTask(LwM2MProduct, job)), map[string]any{"jobId": 3456.0})
		})
	}
}

// readInNullOutage calls the reads and compares their results.
func readInNullOutage(t *testing.T, p *Platform, c *caller, job int64, want string) {
	t.Helper()
	for op, params := range map[string]map[string]string{
		OpQueryTask:   ofTask(LwM2MProduct, job),
		OpQueryDetail: ofTask(LwM2MProduct, 1), // missing
		OpTasks:       {"productId": "10005977"},
		OpSubtasks:    ofTask(LwM2MProduct, job),
		OpDevices:     ofTask(LwM2MProduct, job, "isSelectDevice", "2"),
	} {
		wantEqual(t, op, string(c.ok(op, params, "").Result), want)
	}
	for _, r := range p.Requests() {
		wantEqual(t, "fault of "+r.Operation, r.Fault, EmptyResult)
		wantEqual(t, r.Operation+" is processed", r.Processed, true)
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
						t.Errorf("%t: %s of task %q: got %d %s, want %s", on, op, id, a.Code, a.Msg, want)
					}
				}
			}
			candidates := map[string]string{"productId": "10005977", "isSelectDevice": "2"}
			wantEqual(t, "candidates", c.list(OpDevices, candidates).Total, DefaultDeviceCount)
		})
	}
}
