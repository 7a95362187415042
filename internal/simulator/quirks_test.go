package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// quirkCases has what each step shows with the switch off and on.
var quirkCases = []struct {
	name    string
	quirk   Quirks
	do      step
	off, on string
}{
	{"JobStatus", Quirks{JobStatus: JobStatusCodes{7, 8, 9}}, member("jobStatus"), "2", "8"},
	{"RefuseModifyStarted", Quirks{RefuseModifyStarted: true}, modify(`"jobName":"x"`), "0", fmt.Sprint(CodeTaskState)},
	{
		"DeleteRunningCancels",
		Quirks{DeleteRunning: DeleteRunningCancels},
		then(callCode(OpDelete, runningID, nil), join(pendingTask, 1)),
		fmt.Sprint(CodeTaskState, CodeDevice), "0 0",
	},
	{
		"DeleteRunningAllowed",
		Quirks{DeleteRunning: DeleteRunningAllowed},
		then(callCode(OpDelete, runningID, nil), join(pendingTask, 1)),
		fmt.Sprint(CodeTaskState, CodeDevice), fmt.Sprint(0, CodeDevice),
	},
	{
		"RefuseDeleteWaiting",
		Quirks{RefuseDeleteWaiting: true},
		callCode(OpDelete, pendingID, nil), "0", fmt.Sprint(CodeTaskState),
	},
	{
		"AcceptDeleteMissing",
		Quirks{AcceptDeleteMissing: true},
		callCode(OpDelete, missingID, nil), fmt.Sprint(CodeTaskMissing), "0",
	},
	{"RefuseJoinRunning", Quirks{RefuseJoinRunning: true}, join(runningTask, 2), "0", fmt.Sprint(CodeTaskState)},
	{"AcceptSecondStart", Quirks{AcceptSecondStart: true}, start, fmt.Sprint(CodeTaskState), "0"},
	{
		"AcceptEmptyStart",
		Quirks{AcceptEmptyStart: true},
		startEmpty, fmt.Sprint(CodeNoDevices, int(Pending)), fmt.Sprint(0, int(Finished)),
	},
	{
		"MaxOperationalIDs",
		Quirks{MaxOperationalIDs: 2},
		then(join(pendingTask, 2, 3), join(pendingTask, 4, 5, 6)), "0 0", fmt.Sprint(0, CodeTooManyIDs),
	},
	{
		"BadIDSkipped",
		Quirks{BadID: BadIDSkipped},
		then(join(pendingTask, 1, 2), join(pendingTask, 2)), fmt.Sprint(CodeDevice, 0), "0 0",
	},
	{"IgnoreRejoin", Quirks{IgnoreRejoin: true}, join(pendingTask, 0), fmt.Sprint(CodeDevice), "0"},
	{"IgnoreRejoin within a batch", Quirks{IgnoreRejoin: true}, join(pendingTask, 2, 2), fmt.Sprint(CodeDevice), "0"},
	{
		"IgnoreCancelFinal",
		Quirks{IgnoreCancelFinal: true},
		then(finish, cancelOverAPI), fmt.Sprint("finish ", CodeSubtask), "finish 0",
	},
	{
		"FinishedLeaveJoined",
		Quirks{FinishedLeaveJoined: true},
		then(countJoined, finish, countJoined), "1 finish 1", "1 finish 0",
	},
	{
		"FinishedLeaveJoined keeps cancelled",
		Quirks{FinishedLeaveJoined: true},
		then(cancel, countJoined), "cancel 1", "cancel 1",
	},
	{
		"CancelledLeaveJoined",
		Quirks{CancelledLeaveJoined: true},
		then(countJoined, cancel, countJoined), "1 cancel 1", "1 cancel 0",
	},
	{
		"UniqueNames",
		Quirks{UniqueNames: true},
		then(create(`"firmwareId":3297,"retryTimes":1`), create(`"firmwareId":3297,"retryTimes":1`)),
		"0 0", fmt.Sprint(0, CodeNameTaken),
	},
	{
		"UniqueNames with the task's own name",
		Quirks{UniqueNames: true},
		then(modify(`"jobName":"own"`), modify(`"jobName":"own"`)), "0 0", "0 0",
	},
	{"AnyFirmware", Quirks{AnyFirmware: true}, create(`"firmwareId":1,"retryTimes":1`), fmt.Sprint(CodeFirmwareMissing), "0"},
	{
		"IgnoreWrongArgument",
		Quirks{IgnoreWrongArgument: true},
		create(`"firmwareId":3297,"outTime":"24"`), fmt.Sprint(CodeProtocol), "0",
	},
	{
		"IgnoreEmptyDescription",
		Quirks{IgnoreEmptyDescription: true},
		then(modify(`"jobDesc":"d"`), modify(`"jobDesc":""`), member("jobDesc")), `0 0 ""`, `0 0 "d"`,
	},
	{"NullDescription", Quirks{NullDescription: true}, member("jobDesc"), `""`, "null"},
	{
		"Normalize",
		Quirks{Normalize: strings.TrimSpace},
		then(modify(`"jobName":" x "`), member("jobName")), `0 " x "`, `0 "x"`,
	},
	{"MissingNull", Quirks{Missing: MissingNull}, readMissing, fmt.Sprint(CodeTaskMissing, " null"), "0 null"},
	{"MissingEmptyObject", Quirks{Missing: MissingEmptyObject}, readMissing, fmt.Sprint(CodeTaskMissing, " null"), "0 {}"},
	{"MissingEmptyText", Quirks{Missing: MissingEmptyText}, readMissing, fmt.Sprint(CodeTaskMissing, " null"), `0 ""`},
	{
		"ReadLag",
		Quirks{ReadLag: time.Minute},
		then(modify(`"jobName":"x"`), member("jobName"), wait, member("jobName")), `0 "x" wait "x"`, `0 "n" wait "x"`,
	},
	{"ListLag", Quirks{ListLag: time.Minute}, then(countTasks, wait, countTasks), "2 wait 2", "0 wait 2"},
	{"NumericCodes", Quirks{NumericCodes: true}, codeTypes, `["6","-1",60]`, `[6,-1,"60"]`},
}

// TestQuirks runs each case with the switch off and on. The run with the
// switch off is the control.
func TestQuirks(t *testing.T) {
	t.Parallel()
	for _, tc := range quirkCases {
		for on, want := range map[bool]string{false: tc.off, true: tc.on} {
			t.Run(fmt.Sprint(tc.name, " ", on), func(t *testing.T) {
				t.Parallel()
				options := Options{Upgrade: Upgrade{Hang: func(string) bool { return true }}}
				inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
					r := quirkRun{c: c, p: p, ids: p.DeviceIDs(LwM2MProduct)}
					r.pending = startable(t, p, LwM2MProduct, r.ids[0])
					r.running = startable(t, p, LwM2MProduct, r.ids[1])
					must(t, p.Start(r.running))
					if on {
						p.Configure(func(o *Options) { o.Quirks = tc.quirk })
					}
					wantEqual(t, "steps", tc.do(r), want)
				})
			})
		}
	}
}

func TestBadIDReportedServesTheGoodIDs(t *testing.T) {
	t.Parallel()
	for quirk, joined := range map[BadID]int{BadIDRejects: 0, BadIDStops: 1, BadIDReported: 2} {
		inBubble(t, Options{Quirks: Quirks{BadID: quirk}}, func(t *testing.T, p *Platform, c *caller) {
			ids := p.DeviceIDs(TLinkProduct)
			job := c.tLinkTask()
			c.refused(CodeDevice, OpOperational, nil, tLinkJoin(job, ids[0]+",unknown,"+ids[1]))
			wantEqual(t, fmt.Sprintf("quirk %d: subtasks", quirk), len(p.Subtasks(job)), joined)
			wantEqual(t, fmt.Sprintf("quirk %d: joins of a device", quirk), p.JoinCount(job, ids[0]), min(joined, 1))
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
		wantEqual(t, "joins", p.JoinCount(job, id), 2)
		rows := c.list(OpSubtasks, ofTask(LwM2MProduct, job))
		wantEqual(t, "subtasks", rows.Total, 1)
		wantMembers(t, rows.List[0], map[string]any{"taskId": 60.0})
		must(t, p.DeleteTask(job))
		wantEqual(t, "joins after the deletion", p.JoinCount(job, id), 2)
	})
}

func TestIgnoredArgumentLeavesTheProductsProtocol(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Quirks: Quirks{IgnoreWrongArgument: true}}, func(t *testing.T, p *Platform, c *caller) {
		created := object(t, c.ok(OpCreate, nil, `{"firmwareId":3275,"jobName":"n","productId":10005986,"retryTimes":1}`).Result)
		wantMembers(t, created, map[string]any{"productProtocol": 1.0, "retryTimes": 0.0})
		wantEqual(t, "timeout", p.Tasks(TLinkProduct)[0].TimeoutHours, defaultTimeoutHours)
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
		wantEqual(t, "state with retryTimes, as LwM2M", codesOf(p, job), "8")
		job = c.made(`{"firmwareId":6,"jobName":"n","productId":5,"outTime":"24"}`)
		must(t, p.Join(job, p.DeviceIDs(5)[1]))
		must(t, p.Start(job))
		wantEqual(t, "state with outTime, as T-Link", codesOf(p, job), "3")
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
					wantEqual(t, "HTTP status", a.status, tc.status)
					wantEqual(t, "code", a.Code, tc.code)
					wantEqual(t, "Retry-After", a.header.Get("Retry-After"), tc.retryAfter)
					time.Sleep(time.Second)
				}
				wantEqual(t, "tasks", p.TasksEverCreated(), 0)
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
		wantEqual(t, "time of five concurrent calls", time.Since(begun), time.Second)
		wantEqual(t, "calls in flight", p.MaxInFlight(), 5)
	})
}
