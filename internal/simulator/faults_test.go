package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// faultCases has what the client sees of POST /task, how many tasks exist
// afterwards, and how many requests arrived.
var faultCases = []struct {
	name           string
	fault          Fault
	client         string
	tasks, arrived int
}{
	{"refused", Fault{Kind: ConnectionRefused}, "refused", 0, 0},
	{"reset before", Fault{Kind: ResetBefore}, "reset", 0, 1},
	{"reset after", Fault{Kind: ResetAfter}, "reset", 1, 1},
	{
		"status before",
		Fault{Kind: StatusBefore, Status: 503, RetryAfter: "30"},
		`503 Retry-After=30 {"error_code":"503","error_desc":"Service Unavailable"}`, 0, 1,
	},
	{
		"status after, HTML",
		Fault{Kind: StatusAfter, Status: 502, HTML: true},
		"502 <html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>", 1, 1,
	},
	{"status with a body in GBK", Fault{Kind: StatusBefore, Status: 500, Body: []byte{0xb4, 0xed}}, "500 \xb4\xed", 0, 1},
	{
		"truncated",
		Fault{Kind: TruncatedJSON},
		`200 {"code":0,"msg":"ok","result":{"jobId":3456,"productId":10005977,"tenantId":"10007905","jobName":"北向测试"`, 1, 1,
	},
	{"null", Fault{Kind: NullBody}, "200 null", 1, 1},
	{"empty", Fault{Kind: EmptyBody}, "200 ", 1, 1},
	{"empty result", Fault{Kind: EmptyResult}, `200 {"code":0,"msg":"ok","result":null}`, 1, 1},
	{"rewritten", Fault{Kind: RewriteBody, Rewrite: func([]byte) []byte { return []byte("{}x") }}, "200 {}x", 1, 1},
	{
		"page",
		Fault{Kind: HTMLPage},
		"200 <html><head><title>200 OK</title></head><body><h1>200 OK</h1><hr>nginx</body></html>", 0, 1,
	},
	{
		"business error",
		Fault{Kind: BusinessError, Code: 1234, Message: "忙"},
		`200 {"code":1234,"msg":"忙","result":null}`, 0, 1,
	},
	{
		"redirect",
		Fault{Kind: Redirect, Location: "http://elsewhere/"},
		`302 Location=http://elsewhere/ {"error_code":"302","error_desc":"Found"}`, 0, 1,
	},
	{
		"huge",
		Fault{Kind: HugeBody, Bytes: 1 << 20},
		`200 {"code":0,"msg":"ok","result":"xx, 1048609 bytes, valid JSON: true`, 0, 1,
	},
	{
		"bomb",
		Fault{Kind: GzipBomb, Bytes: 1 << 20},
		"200 " + strings.Repeat(" ", 33) + ", 1048576 bytes, valid JSON: false", 0, 1,
	},
	{
		"deep",
		Fault{Kind: DeepJSON, Bytes: 500},
		`200 {"code":0,"msg":"ok","result":[[[, 1031 bytes, valid JSON: true`, 0, 1,
	},
	{"custom", Fault{Kind: Custom, Handle: func(w http.ResponseWriter, _ *http.Request, process func() []byte) {
		process()
		w.WriteHeader(http.StatusTeapot)
	}}, "418 ", 1, 1},
}

// seen returns what a client sees of a call. It shortens a long body.
func seen(a received, err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case err != nil:
		return err.Error()
	}
	text := strconv.Itoa(a.status) + " "
	for _, name := range []string{"Retry-After", "Location"} {
		if value := a.header.Get(name); value != "" {
			text += name + "=" + value + " "
		}
	}
	if len(a.body) > 500 {
		return fmt.Sprintf("%s%.33s, %d bytes, valid JSON: %t", text, a.body, len(a.body), json.Valid(a.body))
	}
	return text + string(a.body)
}

func TestFaultsOfCreate(t *testing.T) {
	t.Parallel()
	for _, tc := range faultCases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				c.list(OpTasks, map[string]string{"productId": "10005977"}) // This leaves an idle connection.
				tc.fault.Operation = OpCreate
				p.Inject(tc.fault)
				wantEqual(t, "client", seen(c.try(OpCreate, nil, lwm2mBody)), tc.client)
				wantEqual(t, "tasks", p.TasksEverCreated(), tc.tasks)
				wantEqual(t, "arrived requests", p.Count(OpCreate), tc.arrived)
				wantEqual(t, "armed faults", p.ArmedFaults(), 0)
				for _, r := range p.Writes() {
					wantEqual(t, "journal: fault", r.Fault, tc.fault.Kind)
					wantEqual(t, "journal: processed", r.Processed, tc.tasks == 1)
				}
				c.ok(OpCreate, nil, lwm2mBody)
			})
		})
	}
}

func TestHangs(t *testing.T) {
	t.Parallel()
	for kind, tasks := range map[FaultKind]int{HangBefore: 0, HangAfter: 1} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				p.Inject(Fault{Kind: kind})
				ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
				defer cancel()
				begun := time.Now()
				_, err := c.send(c.request(OpCreate, nil, lwm2mBody).WithContext(ctx))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error: got %v, want the client's deadline", err)
				}
				wantEqual(t, "time", time.Since(begun), time.Hour)
				wantEqual(t, "tasks", p.TasksEverCreated(), tasks)
			})
		})
		t.Run(string(kind)+" released by Close", func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				p.Inject(Fault{Kind: kind})
				go func() {
					time.Sleep(time.Minute)
					p.Close()
				}()
				begun := time.Now()
				if a, err := c.try(OpCreate, nil, lwm2mBody); err == nil {
					t.Errorf("got HTTP %d, want an error", a.status)
				}
				wantEqual(t, "time", time.Since(begun), time.Minute)
			})
		})
	}
}

func TestLateCreateAfterTheClientsDeadline(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		p.Inject(Fault{Kind: Late, Interval: 70 * time.Second})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := c.send(c.request(OpCreate, nil, lwm2mBody).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error: got %v, want the client's deadline", err)
		}
		wantEqual(t, "tasks after a minute", p.TasksEverCreated(), 0)
		time.Sleep(11 * time.Second)
		wantEqual(t, "tasks after 71 s", p.TasksEverCreated(), 1)
	})
}

func TestSlowBody(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		p.Inject(Fault{Kind: SlowBody})
		begun := time.Now()
		a := c.ok(OpTasks, map[string]string{"productId": "10005977"}, "")
		if want := time.Duration(len(a.body)-1) * time.Second; time.Since(begun) < want {
			t.Errorf("%d bytes: got %v, want at least %v", len(a.body), time.Since(begun), want)
		}
	})
}

// selectionCases has which of six requests, alternately reads and writes, a
// fault applies to (X).
var selectionCases = []struct {
	name  string
	fault Fault
	want  string
}{
	{"by nothing", Fault{}, "X....."},
	{"by index", Fault{When: AtIndex(2)}, "..X..."},
	{"by operation", Fault{Operation: OpCreate}, ".X...."},
	{"writes, without limit", Fault{When: func(r Request) bool { return r.Write }, Times: -1}, ".X.X.X"},
	{"reads, twice", Fault{When: IsRead, Times: 2}, "X.X..."},
	{"after skipping", Fault{Operation: OpCreate, Skip: 1, Times: 2}, "...X.X"},
}

func TestFaultsAreSelected(t *testing.T) {
	t.Parallel()
	for _, tc := range selectionCases {
		for _, kind := range []FaultKind{StatusBefore, ConnectionRefused} {
			t.Run(tc.name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
					fault := tc.fault
					fault.Kind, fault.Status = kind, 503
					p.Inject(fault)
					wantEqual(t, "selected", selected(t, c), tc.want)
				})
			})
		}
	}
}

// selected sends six requests and returns an X for each that fails. An echo
// before each request must succeed.
func selected(t *testing.T, c *caller) string {
	t.Helper()
	got := ""
	for i := range 6 {
		echo, _ := http.NewRequest(http.MethodGet, BaseURL+"/echo", nil)
		wantEqual(t, "echo", seen(c.send(echo)), "200 {}")
		op, params, body := OpTasks, map[string]string{"productId": "10005977"}, ""
		if i%2 == 1 {
			op, params, body = OpCreate, nil, lwm2mBody
		}
		if a, err := c.try(op, params, body); err != nil || a.status != http.StatusOK {
			got += "X"
		} else {
			got += "."
		}
	}
	return got
}

func TestOutage(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		tasks := map[string]string{"productId": "10005977"}
		p.SetOutage(true)
		for range 3 {
			wantEqual(t, "HTTP status", c.call(OpTasks, tasks, "").status, http.StatusServiceUnavailable)
		}
		p.SetOutageRefused(true)
		wantEqual(t, "client", seen(c.try(OpTasks, tasks, "")), "refused")
		p.SetOutageRefused(false)
		c.ok(OpTasks, tasks, "")
	})
}

func TestHooks(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		var order []string
		p.BeforeRequest(func(r Request) {
			order = append(order, "before "+r.Operation)
		})
		p.AfterProcessed(func(r Request) {
			order = append(order, "after "+r.Operation)
			if r.Operation == OpCreate {
				if err := p.DeleteTask(p.Tasks(LwM2MProduct)[0].ID); err != nil {
					t.Error(err)
				}
			}
		})
		job := c.lwm2mTask()
		c.refused(CodeTaskMissing, OpQueryTask, ofTask(LwM2MProduct, job), "")
		want := []string{"before " + OpCreate, "after " + OpCreate, "before " + OpQueryTask, "after " + OpQueryTask}
		wantEqual(t, "order", fmt.Sprint(order), fmt.Sprint(want))
	})
}
