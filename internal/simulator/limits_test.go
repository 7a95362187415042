package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	badRequestBody = `{"error_code":"400","error_desc":"Request body exceeds 2 ids"}`
	timeoutBody    = `{"error_code":"504","error_desc":"Gateway Timeout"}`
	tooManyBody    = `{"code":2508,"msg":"单次操作设备数不能超过2","result":null}`
	successBody    = `{"code":0,"msg":"ok","result":"SUCCESS"}`
)

// tooManyCases has the response to three ids where two are the limit.
var tooManyCases = []struct {
	name   string
	quirks Quirks
	status int
	body   string
	served int // ids
	took   time.Duration
	// in the journal
	processed, succeeded bool
}{
	{"refused", Quirks{}, 200, tooManyBody, 0, time.Second, true, false},
	{"bad request", Quirks{TooManyIDs: TooManyIDsBadRequest}, 400, badRequestBody, 0, time.Second, false, false},
	{"timeout", Quirks{TooManyIDs: TooManyIDsTimeout}, 504, timeoutBody, 0, 2 * time.Second, false, false},
	{
		"timeout of a minute",
		Quirks{TooManyIDs: TooManyIDsTimeout, GatewayTimeout: time.Minute},
		504, timeoutBody, 0, time.Minute + time.Second, false, false,
	},
	{"truncated", Quirks{TooManyIDs: TooManyIDsTruncated}, 200, successBody, 2, time.Second, true, true},
	{"reported", Quirks{TooManyIDs: TooManyIDsReported}, 200, tooManyBody, 2, time.Second, true, false},
}

// batch is an operation with many ids, and the phases of a device before and
// after it. "" is the phase of a device that has not joined.
type batch struct {
	name          string
	product       int64
	before, after Phase
	body          func(job int64, ids []string) string
}

// onFirstSubtasks returns a body for the subtasks of the first devices of a
// product, which joined in their order.
func onFirstSubtasks(operation int) func(int64, []string) string {
	return func(job int64, ids []string) string {
		all := New(Options{}).DeviceIDs(LwM2MProduct)
		var subtasks []string
		for _, id := range ids {
			subtasks = append(subtasks, strconv.Itoa(firstSubtaskID+slices.Index(all, id)))
		}
		return onSubtasks(operation, LwM2MProduct, job, strings.Join(subtasks, ","))
	}
}

var batches = []batch{
	{"LwM2M join", LwM2MProduct, "", PhaseWaiting, func(job int64, ids []string) string { return lwm2mJoin(job, ids...) }},
	{"T-Link join", TLinkProduct, "", PhaseWaiting, func(job int64, ids []string) string {
		return tLinkJoin(job, strings.Join(ids, ","))
	}},
	{"cancel", LwM2MProduct, PhaseWaiting, PhaseCancelled, onFirstSubtasks(2)},
	{"retry", LwM2MProduct, PhaseFailed, PhaseSucceeded, onFirstSubtasks(3)},
}

// task makes a task whose devices are in the phase before the operation.
func (b batch) task(t *testing.T, p *Platform, ids []string) int64 {
	t.Helper()
	if b.before == "" {
		return startable(t, p, b.product)
	}
	job := startable(t, p, b.product, ids...)
	if b.before == PhaseFailed {
		must(t, p.Start(job))
	}
	return job
}

// phasesOf returns the phases of devices in a task.
func phasesOf(p *Platform, job int64, ids []string) []Phase {
	phases := make([]Phase, len(ids))
	for i, id := range ids {
		if s, there := p.Subtask(job, id); there {
			phases[i] = s.Phase
		}
	}
	return phases
}

// TestTooManyIDs sends three ids, and then two that none of the first calls
// has served.
func TestTooManyIDs(t *testing.T) {
	t.Parallel()
	for _, tc := range tooManyCases {
		for _, b := range batches {
			t.Run(tc.name+", "+b.name, func(t *testing.T) {
				t.Parallel()
				ids := New(Options{}).DeviceIDs(b.product)[:4]
				options := Options{Latency: time.Second, Upgrade: Upgrade{Fail: FailFirst(1, "8", ids...)}}
				inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
					job := b.task(t, p, ids)
					tc.quirks.MaxOperationalIDs = 2
					p.Configure(func(o *Options) { o.Quirks = tc.quirks })
					begun := time.Now()
					a := c.call(OpOperational, nil, b.body(job, ids[:3]))
					wantEqual(t, "duration", time.Since(begun), tc.took)
					wantEqual(t, "HTTP status", a.status, tc.status)
					wantEqual(t, "body", string(a.body), tc.body)
					want := []Phase{b.before, b.before, b.before, b.before}
					for i := range tc.served {
						want[i] = b.after
					}
					wantEqual(t, "phases", fmt.Sprintf("%q", phasesOf(p, job, ids)), fmt.Sprintf("%q", want))
					entry := p.Writes()[0]
					wantEqual(t, "journal: processed", entry.Processed, tc.processed)
					wantEqual(t, "journal: succeeded", entry.Succeeded, tc.succeeded)
					c.ok(OpOperational, nil, b.body(job, ids[2:]))
					want[2], want[3] = b.after, b.after
					wantEqual(t, "phases after two ids", fmt.Sprintf("%q", phasesOf(p, job, ids)), fmt.Sprintf("%q", want))
				})
			})
		}
	}
}

func TestGatewayTimeoutBeyondTheClients(t *testing.T) {
	t.Parallel()
	quirks := Quirks{MaxOperationalIDs: 1, TooManyIDs: TooManyIDsTimeout, GatewayTimeout: 2 * time.Minute}
	inBubble(t, Options{Quirks: quirks}, func(t *testing.T, p *Platform, c *caller) {
		ids := p.DeviceIDs(LwM2MProduct)[:2]
		job := startable(t, p, LwM2MProduct)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c.change = func(r *http.Request) { *r = *r.WithContext(ctx) }
		begun := time.Now()
		_, err := c.try(OpOperational, nil, lwm2mJoin(job, ids...))
		wantEqual(t, "the client's time has passed", errors.Is(err, context.DeadlineExceeded), true)
		wantEqual(t, "duration", time.Since(begun), time.Minute)
		time.Sleep(time.Hour)
		wantEqual(t, "subtasks", len(p.Subtasks(job)), 0)
		wantEqual(t, "journal: duration", p.Writes()[0].Elapsed, time.Minute)
	})
}

// TestBadIDsOfATruncatedBatch has the bad id within and beyond the limit of
// two ids.
func TestBadIDsOfATruncatedBatch(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name         string
		quirk        BadID
		code, joined int
	}{
		{"rejects", BadIDRejects, CodeDevice, 0},
		{"skipped", BadIDSkipped, 0, 1},
		{"reported", BadIDReported, CodeDevice, 1},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			quirks := Quirks{MaxOperationalIDs: 2, TooManyIDs: TooManyIDsTruncated, BadID: tc.quirk}
			inBubble(t, Options{Quirks: quirks}, func(t *testing.T, p *Platform, c *caller) {
				ids := p.DeviceIDs(LwM2MProduct)
				job := startable(t, p, LwM2MProduct)
				a := c.call(OpOperational, nil, lwm2mJoin(job, ids[0], "unknown", ids[1]))
				wantEqual(t, "code with the bad id within the limit", a.Code, tc.code)
				wantEqual(t, "subtasks", len(p.Subtasks(job)), tc.joined)
				c.ok(OpOperational, nil, lwm2mJoin(job, ids[2], ids[3], "unknown"))
				wantEqual(t, "subtasks", len(p.Subtasks(job)), tc.joined+2)
			})
		})
	}
}

// TestTooLargePages asks every list for one row more than the limit, and then
// for the limit.
func TestTooLargePages(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		tooLarge  PageTooLarge
		status    int
		body      string
		processed bool
	}{
		{
			"refused", PageTooLargeRefused,
			200, `{"code":8803,"msg":"参数校验失败: pageSize超出范围(1-40)","result":null}`, true,
		},
		{
			"bad request", PageTooLargeBadRequest,
			400, `{"error_code":"400","error_desc":"Query parameter 'pageSize' exceeds 40"}`, false,
		},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			paging := Paging{MaxPageSize: 40, TooLarge: tc.tooLarge}
			inBubble(t, Options{Paging: paging}, func(t *testing.T, p *Platform, c *caller) {
				ids := p.DeviceIDs(LwM2MProduct)
				of := ofTask(LwM2MProduct, startable(t, p, LwM2MProduct, ids[:50]...))
				for name, list := range map[string]struct {
					op, scope string
					rows      int
				}{
					"tasks": {OpTasks, "", 1}, "joined": {OpDevices, "1", 40},
					"candidates": {OpDevices, "2", 40}, "subtasks": {OpSubtasks, "", 40},
				} {
					params := map[string]string{"productId": of["productId"], "pageSize": "41"}
					if list.op != OpTasks {
						params["id"] = of["id"]
					}
					if list.scope != "" {
						params["isSelectDevice"] = list.scope
					}
					a := c.call(list.op, params, "")
					wantEqual(t, name+": HTTP status", a.status, tc.status)
					wantEqual(t, name+": body", string(a.body), tc.body)
					requests := p.Requests()
					wantEqual(t, name+": processed", requests[len(requests)-1].Processed, tc.processed)
					params["pageSize"] = "40"
					wantEqual(t, name+": rows", len(c.list(list.op, params).List), list.rows)
				}
			})
		})
	}
}
