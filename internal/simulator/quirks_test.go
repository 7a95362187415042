package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestQuirks runs each case with the switch off and on, so that every switch
// has its positive control.
func TestQuirks(t *testing.T) {
	t.Parallel()
	type state struct {
		c       *caller
		p       *Platform
		ids     []string
		pending int64 // holds ids[0]
		running int64 // holds ids[1]
	}
	code := func(op string, params func(state) map[string]string, body func(state) string) func(state) string {
		return func(s state) string {
			var content string
			if body != nil {
				content = body(s)
			}
			var query map[string]string
			if params != nil {
				query = params(s)
			}
			return strconv.Itoa(s.c.call(op, query, content).Code)
		}
	}
	pendingID := func(s state) map[string]string { return ofTask(LwM2MProduct, s.pending) }
	runningID := func(s state) map[string]string { return ofTask(LwM2MProduct, s.running) }
	onRunning := func(s state) map[string]string { return only(s.running) }
	join := func(job func(state) int64, ids ...int) func(state) string {
		return code(OpOperational, nil, func(s state) string {
			var chosen []string
			for _, i := range ids {
				chosen = append(chosen, s.ids[i])
			}
			return lwm2mJoin(job(s), chosen...)
		})
	}
	pending := func(s state) int64 { return s.pending }
	running := func(s state) int64 { return s.running }
	modify := func(members string) func(state) string {
		return func(state) string { return `{"productId":10005977,` + members + `}` }
	}
	read := func(name string) func(state) string {
		return func(s state) string {
			value, _ := json.Marshal(s.c.object(OpQueryTask, runningID(s))[name])
			return string(value)
		}
	}
	then := func(steps ...func(state) string) func(state) string {
		return func(s state) string {
			var all []string
			for _, step := range steps {
				all = append(all, step(s))
			}
			return strings.Join(all, " ")
		}
	}
	missing := func(s state) string {
		a := s.c.call(OpQueryDetail, ofTask(LwM2MProduct, 1), "")
		return strconv.Itoa(a.Code) + " " + string(a.Result)
	}
	joined := func(s state) string {
		return strconv.Itoa(s.c.list(OpDevices, ofTask(LwM2MProduct, s.running, "isSelectDevice", "1")).Total)
	}
	finish := func(s state) string { must(s.c.t, s.p.Finish(s.running)); return "finish" }
	cancel := func(s state) string { must(s.c.t, s.p.Cancel(s.running, s.ids[1])); return "cancel" }
	list := func(s state) string {
		return strconv.Itoa(s.c.list(OpTasks, map[string]string{"productId": "10005977"}).Total)
	}
	wait := func(state) string { time.Sleep(time.Minute); return "wait" }
	create := func(members string) func(state) string {
		return code(OpCreate, nil, func(state) string {
			return `{"firmwareId":3297,"jobName":"new","productId":10005977,` + members + `}`
		})
	}
	number := strconv.Itoa
	cases := []struct {
		name     string
		quirk    Quirks
		do       func(state) string
		off, on  string
		nameless bool
	}{
		{"JobStatus", Quirks{JobStatus: JobStatusCodes{7, 8, 9}}, read("jobStatus"), "2", "8", false},
		{"RefuseModifyStarted", Quirks{RefuseModifyStarted: true}, code(OpModify, onRunning, modify(`"jobName":"x"`)), "0", number(CodeTaskState), false},
		{"DeleteRunningAllowed", Quirks{DeleteRunning: DeleteRunningAllowed}, code(OpDelete, runningID, nil), number(CodeTaskState), "0", false},
		{"DeleteRunningCancels", Quirks{DeleteRunning: DeleteRunningCancels}, then(code(OpDelete, runningID, nil), join(pending, 1)), number(CodeTaskState) + " " + number(CodeDevice), "0 0", false},
		{"DeleteRunningAllowed lets devices go on", Quirks{DeleteRunning: DeleteRunningAllowed}, then(code(OpDelete, runningID, nil), join(pending, 1)), number(CodeTaskState) + " " + number(CodeDevice), "0 " + number(CodeDevice), false},
		{"RefuseDeleteWaiting", Quirks{RefuseDeleteWaiting: true}, code(OpDelete, pendingID, nil), "0", number(CodeTaskState), false},
		{"AcceptDeleteMissing", Quirks{AcceptDeleteMissing: true}, code(OpDelete, func(state) map[string]string { return ofTask(LwM2MProduct, 1) }, nil), number(CodeTaskMissing), "0", false},
		{"RefuseJoinRunning", Quirks{RefuseJoinRunning: true}, join(running, 2), "0", number(CodeTaskState), false},
		{"AcceptSecondStart", Quirks{AcceptSecondStart: true}, code(OpControl, onRunning, func(state) string { return controlBody(LwM2MProduct) }), number(CodeTaskState), "0", false},
		{"AcceptEmptyStart", Quirks{AcceptEmptyStart: true}, func(s state) string {
			empty := startable(s.c.t, s.p, LwM2MProduct)
			a := s.c.call(OpControl, only(empty), controlBody(LwM2MProduct))
			task, _ := s.p.Task(empty)
			return number(a.Code) + " " + number(int(task.Status))
		}, number(CodeNoDevices) + " 0", "0 2", false},
		{"MaxOperationalIDs", Quirks{MaxOperationalIDs: 2}, then(join(pending, 2, 3), join(pending, 4, 5, 6)), "0 0", "0 " + number(CodeTooManyIDs), false},
		{"BadIDSkipped", Quirks{BadID: BadIDSkipped}, then(join(pending, 1, 2), join(pending, 2)), number(CodeDevice) + " 0", "0 0", false},
		{"IgnoreRejoin", Quirks{IgnoreRejoin: true}, join(pending, 0), number(CodeDevice), "0", false},
		{"IgnoreRejoin within a batch", Quirks{IgnoreRejoin: true}, join(pending, 2, 2), number(CodeDevice), "0", false},
		{"IgnoreCancelFinal", Quirks{IgnoreCancelFinal: true}, then(finish, code(OpOperational, nil, func(s state) string { return onSubtasks(2, LwM2MProduct, s.running, "60") })), "finish " + number(CodeSubtask), "finish 0", false},
		{"FinishedLeaveJoined", Quirks{FinishedLeaveJoined: true}, then(joined, finish, joined), "1 finish 1", "1 finish 0", false},
		{"FinishedLeaveJoined keeps cancelled", Quirks{FinishedLeaveJoined: true}, then(cancel, joined), "cancel 1", "cancel 1", false},
		{"CancelledLeaveJoined", Quirks{CancelledLeaveJoined: true}, then(joined, cancel, joined), "1 cancel 1", "1 cancel 0", false},
		{"UniqueNames", Quirks{UniqueNames: true}, func(s state) string {
			_, err := s.p.CreateTask(TaskDraft{ProductID: LwM2MProduct, FirmwareID: LwM2MFirmware, Name: "second"})
			must(s.c.t, err)
			return create(`"retryTimes":1`)(s) + " " + create(`"retryTimes":1`)(s)
		}, "0 0", "0 " + number(CodeNameTaken), true},
		{"AnyFirmware", Quirks{AnyFirmware: true}, code(OpCreate, nil, func(state) string {
			return `{"firmwareId":1,"jobName":"new","productId":10005977,"retryTimes":1}`
		}), number(CodeFirmwareMissing), "0", false},
		{"IgnoreWrongArgument", Quirks{IgnoreWrongArgument: true}, create(`"outTime":"24"`), number(CodeProtocol), "0", false},
		{"IgnoreEmptyDescription", Quirks{IgnoreEmptyDescription: true}, then(
			code(OpModify, onRunning, modify(`"jobDesc":"d"`)), code(OpModify, onRunning, modify(`"jobDesc":""`)), read("jobDesc"),
		), `0 0 ""`, `0 0 "d"`, false},
		{"NullDescription", Quirks{NullDescription: true}, read("jobDesc"), `""`, "null", false},
		{"Normalize", Quirks{Normalize: strings.TrimSpace}, then(code(OpModify, onRunning, modify(`"jobName":" x "`)), read("jobName")), `0 " x "`, `0 "x"`, false},
		{"MissingNull", Quirks{Missing: MissingNull}, missing, number(CodeTaskMissing) + " null", "0 null", false},
		{"MissingEmptyObject", Quirks{Missing: MissingEmptyObject}, missing, number(CodeTaskMissing) + " null", "0 {}", false},
		{"MissingEmptyText", Quirks{Missing: MissingEmptyText}, missing, number(CodeTaskMissing) + " null", `0 ""`, false},
		{"ReadLag", Quirks{ReadLag: time.Minute}, then(code(OpModify, onRunning, modify(`"jobName":"x"`)), read("jobName"), wait, read("jobName")), `0 "x" wait "x"`, `0 "n" wait "x"`, false},
		{"ListLag", Quirks{ListLag: time.Minute}, then(list, wait, list), "2 wait 2", "0 wait 2", false},
		{"NumericCodes", Quirks{NumericCodes: true}, func(s state) string {
			row, _ := json.Marshal(s.c.list(OpSubtasks, runningID(s)).List[0])
			return number(strings.Count(string(row), `"taskState":6`)) + number(strings.Count(string(row), `"resultCode":-1`)) + number(strings.Count(string(row), `"taskId":"60"`))
		}, "000", "111", false},
	}
	for _, tc := range cases {
		for _, on := range []bool{false, true} {
			t.Run(tc.name+" "+strconv.FormatBool(on), func(t *testing.T) {
				t.Parallel()
				options, want := Options{Upgrade: Upgrade{Hang: func(string) bool { return true }}}, tc.off
				if on {
					options.Quirks, want = tc.quirk, tc.on
				}
				inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
					s := state{c: c, p: p, ids: p.DeviceIDs(LwM2MProduct)}
					if !tc.nameless {
						s.pending = startable(t, p, LwM2MProduct, s.ids[0])
						s.running = startable(t, p, LwM2MProduct, s.ids[1])
						must(t, p.Start(s.running))
					}
					if got := tc.do(s); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				})
			})
		}
	}
}

func TestBadIDReportedServesTheGoodOnes(t *testing.T) {
	t.Parallel()
	for quirk, joined := range map[BadID]int{BadIDRejects: 0, BadIDReported: 2} {
		inBubble(t, Options{Quirks: Quirks{BadID: quirk}}, func(t *testing.T, p *Platform, c *caller) {
			ids := p.DeviceIDs(TLinkProduct)
			job := c.tLinkTask()
			c.refused(CodeDevice, OpOperational, nil, tLinkJoin(job, ids[0]+",nobody,"+ids[1]))
			if got := len(p.Subtasks(job)); got != joined {
				t.Errorf("quirk %d: %d joined, want %d", quirk, got, joined)
			}
			if got := p.JoinCount(job, ids[0]); got != joined/2 {
				t.Errorf("quirk %d: joined %d times", quirk, got)
			}
		})
	}
}

func TestRejoinAfterCancelCounts(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Quirks: Quirks{CancelledLeaveJoined: true}}, func(t *testing.T, p *Platform, c *caller) {
		id := p.DeviceIDs(LwM2MProduct)[0]
		job := startable(t, p, LwM2MProduct, id)
		must(t, p.Cancel(job, id))
		c.ok(OpOperational, nil, lwm2mJoin(job, id))
		if got := p.JoinCount(job, id); got != 2 {
			t.Errorf("joined %d times", got)
		}
		if got := c.list(OpSubtasks, ofTask(LwM2MProduct, job)); got.Total != 1 || got.List[0]["taskId"] != 60.0 {
			t.Errorf("subtasks %v", got)
		}
		must(t, p.DeleteTask(job))
		if got := p.JoinCount(job, id); got != 2 {
			t.Errorf("joined %d times after deletion", got)
		}
	})
}

func TestIgnoredArgumentLeavesTheProductsProtocol(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Quirks: Quirks{IgnoreWrongArgument: true}}, func(t *testing.T, p *Platform, c *caller) {
		created := object(t, c.ok(OpCreate, nil, `{"firmwareId":3275,"jobName":"n","productId":10005986,"retryTimes":1}`).Result)
		wantMembers(t, created, map[string]any{"productProtocol": 1.0, "retryTimes": 0.0})
		if task := p.Tasks(TLinkProduct)[0]; task.TimeoutHours != defaultTimeoutHours {
			t.Errorf("task %+v", task)
		}
	})
}

func TestOtherProtocolsFollowTheArgument(t *testing.T) {
	t.Parallel()
	options := Options{Products: []ProductSeed{{
		ID: 5, Name: "mqtt", Protocol: 2, DeviceCount: 3, Firmware: []FirmwareSeed{{ID: 6, Version: "2"}},
	}}}
	inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
		job := c.made(`{"firmwareId":6,"jobName":"n","productId":5,"retryTimes":1}`)
		must(t, p.Join(job, p.DeviceIDs(5)[0]))
		must(t, p.Start(job))
		if got := codesOf(p, job); got != "8" {
			t.Errorf("like LwM2M: %s", got)
		}
		job = c.made(`{"firmwareId":6,"jobName":"n","productId":5,"outTime":"24"}`)
		must(t, p.Join(job, p.DeviceIDs(5)[1]))
		must(t, p.Start(job))
		if got := codesOf(p, job); got != "3" {
			t.Errorf("like T-Link: %s", got)
		}
		c.refused(CodeProtocol, OpCreate, nil, `{"firmwareId":6,"jobName":"n","productId":5}`)
	})
}

func TestFlowControl(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name         string
		flow         FlowControl
		status, code int
		retryAfter   string
	}{
		{"429", FlowControl{Response: FlowStatus429}, 429, 0, "1"},
		{"429 without header", FlowControl{Response: FlowStatus429, RetryAfter: "-"}, 429, 0, ""},
		{"503", FlowControl{Response: FlowStatus503, RetryAfter: "5"}, 503, 0, "5"},
		{"business", FlowControl{Response: FlowBusiness}, 200, CodeFlow, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.flow.PerSecond = 2
			inBubble(t, Options{Flow: tc.flow}, func(t *testing.T, p *Platform, c *caller) {
				tasks := map[string]string{"productId": "10005977"}
				for range 2 {
					c.ok(OpTasks, tasks, "")
					c.ok(OpTasks, tasks, "")
					a := c.call(OpCreate, nil, lwm2mBody)
					if a.status != tc.status || a.Code != tc.code || a.header.Get("Retry-After") != tc.retryAfter {
						t.Errorf("HTTP %d %s, Retry-After %q", a.status, a.body, a.header.Get("Retry-After"))
					}
					time.Sleep(time.Second)
				}
				if got := p.TasksEverCreated(); got != 0 {
					t.Errorf("%d tasks were made", got)
				}
			})
		})
	}
}

func TestLatencyAndInFlight(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Latency: time.Second}, func(t *testing.T, p *Platform, c *caller) {
		begun := time.Now()
		done := make(chan struct{})
		for range 5 {
			go func() {
				_, _ = c.try(OpTasks, map[string]string{"productId": "10005977"}, "")
				done <- struct{}{}
			}()
		}
		for range 5 {
			<-done
		}
		if got := time.Since(begun); got != time.Second {
			t.Errorf("five calls side by side took %v", got)
		}
		if got := p.MaxInFlight(); got != 5 {
			t.Errorf("%d in flight", got)
		}
	})
}
