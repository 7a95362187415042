package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestFaultsOfCreate sends POST /task once and compares what the client and
// the platform saw of it.
func TestFaultsOfCreate(t *testing.T) {
	t.Parallel()
	isReset := func(_ received, err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	body := func(want string) func(received, error) bool {
		return func(a received, err error) bool { return err == nil && a.status == 200 && string(a.body) == want }
	}
	cases := []struct {
		name    string
		fault   Fault
		client  func(received, error) bool
		tasks   int
		arrived int
	}{
		{"refused", Fault{Kind: ConnectionRefused}, func(_ received, err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }, 0, 0},
		{"reset before", Fault{Kind: ResetBefore}, isReset, 0, 1},
		{"reset after", Fault{Kind: ResetAfter}, isReset, 1, 1},
		{"status before", Fault{Kind: StatusBefore, Status: 503, RetryAfter: "30"}, func(a received, err error) bool {
			return err == nil && a.status == 503 && a.header.Get("Retry-After") == "30" && strings.Contains(string(a.body), `"error_code":"503"`)
		}, 0, 1},
		{"status after, HTML", Fault{Kind: StatusAfter, Status: 502, HTML: true}, func(a received, err error) bool {
			return err == nil && a.status == 502 && strings.HasPrefix(string(a.body), "<html>")
		}, 1, 1},
		{"status with a body in GBK", Fault{Kind: StatusBefore, Status: 500, Body: []byte{0xb4, 0xed}}, func(a received, err error) bool {
			return err == nil && a.status == 500 && string(a.body) == "\xb4\xed"
		}, 0, 1},
		{"truncated", Fault{Kind: TruncatedJSON}, func(a received, err error) bool {
			return err == nil && a.status == 200 && strings.HasPrefix(string(a.body), `{"code":0`) && a.body[len(a.body)-1] != '}'
		}, 1, 1},
		{"null", Fault{Kind: NullBody}, body("null"), 1, 1},
		{"empty", Fault{Kind: EmptyBody}, body(""), 1, 1},
		{"empty result", Fault{Kind: EmptyResult}, body(`{"code":0,"msg":"ok","result":null}`), 1, 1},
		{"rewritten", Fault{Kind: RewriteBody, Rewrite: func([]byte) []byte { return []byte("{}x") }}, body("{}x"), 1, 1},
		{"page", Fault{Kind: HTMLPage}, func(a received, err error) bool {
			return err == nil && a.status == 200 && strings.HasPrefix(string(a.body), "<html>")
		}, 0, 1},
		{"business error", Fault{Kind: BusinessError, Code: 1234, Message: "忙"}, func(a received, err error) bool {
			return err == nil && a.Code == 1234 && a.Msg == "忙"
		}, 0, 1},
		{"redirect", Fault{Kind: Redirect, Location: "http://elsewhere/"}, func(a received, err error) bool {
			return err == nil && a.status == 302 && a.header.Get("Location") == "http://elsewhere/"
		}, 0, 1},
		{"huge", Fault{Kind: HugeBody, Bytes: 1 << 20}, func(a received, err error) bool { return err == nil && len(a.body) > 1<<20 && a.Code == 0 }, 0, 1},
		{"bomb", Fault{Kind: GzipBomb, Bytes: 1 << 20}, func(a received, err error) bool { return err == nil && len(a.body) == 1<<20 }, 0, 1},
		{"deep", Fault{Kind: DeepJSON, Bytes: 500}, func(a received, err error) bool {
			return err == nil && strings.Count(string(a.body), "[") == 500 && strings.Count(string(a.body), "]") == 500
		}, 0, 1},
		{"custom", Fault{Kind: Custom, Handle: func(w http.ResponseWriter, _ *http.Request, process func() []byte) {
			process()
			w.WriteHeader(http.StatusTeapot)
		}}, func(a received, err error) bool { return err == nil && a.status == http.StatusTeapot }, 1, 1},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				c.list(OpTasks, map[string]string{"productId": "10005977"}) // leaves an idle connection
				tc.fault.Operation = OpCreate
				p.Inject(tc.fault)
				if a, err := c.try(OpCreate, nil, lwm2mBody); !tc.client(a, err) {
					t.Errorf("HTTP %d %.200s, %v", a.status, a.body, err)
				}
				if got := p.TasksEverCreated(); got != tc.tasks {
					t.Errorf("%d tasks, want %d", got, tc.tasks)
				}
				if got := p.Count(OpCreate); got != tc.arrived {
					t.Errorf("%d requests arrived, want %d", got, tc.arrived)
				}
				if tc.arrived == 1 {
					if last := p.Writes()[0]; last.Fault != tc.fault.Kind || last.Processed != (tc.tasks == 1) {
						t.Errorf("journal: fault %s, processed %v", last.Fault, last.Processed)
					}
				}
				if p.ArmedFaults() != 0 {
					t.Error("the fault is still armed")
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
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Hour {
					t.Errorf("%v after %v", err, time.Since(begun))
				}
				if got := p.TasksEverCreated(); got != tasks {
					t.Errorf("%d tasks, want %d", got, tasks)
				}
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
				if _, err := c.try(OpCreate, nil, lwm2mBody); err == nil || time.Since(begun) != time.Minute {
					t.Errorf("%v after %v", err, time.Since(begun))
				}
			})
		})
	}
}

func TestLateCreateOutlivesTheClient(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		p.Inject(Fault{Kind: Late, Interval: 70 * time.Second})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := c.send(c.request(OpCreate, nil, lwm2mBody).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if got := p.TasksEverCreated(); got != 0 {
			t.Errorf("%d tasks after a minute", got)
		}
		time.Sleep(11 * time.Second)
		if got := p.TasksEverCreated(); got != 1 {
			t.Errorf("%d tasks after 71 s", got)
		}
	})
}

func TestSlowBodyComesByteByByte(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		p.Inject(Fault{Kind: SlowBody})
		begun := time.Now()
		a := c.ok(OpTasks, map[string]string{"productId": "10005977"}, "")
		if want := time.Duration(len(a.body)-1) * time.Second; time.Since(begun) < want {
			t.Errorf("%d bytes in %v", len(a.body), time.Since(begun))
		}
	})
}

func TestRefusedConnectionIsNeverSent(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		sent := func() (wrote bool, err error) {
			r := c.request(OpTasks, map[string]string{"productId": "10005977"}, "")
			trace := &httptrace.ClientTrace{WroteHeaders: func() { wrote = true }}
			_, err = c.send(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
			return wrote, err
		}
		if wrote, err := sent(); !wrote || err != nil {
			t.Fatalf("positive control: %v, %v", wrote, err)
		}
		p.Inject(Fault{Kind: ConnectionRefused})
		wrote, err := sent()
		var dial *net.OpError
		if wrote || !errors.As(err, &dial) || dial.Op != "dial" || p.RefusedDials() != 1 {
			t.Errorf("wrote %v, %v", wrote, err)
		}
	})
}

func TestFaultsAreSelected(t *testing.T) {
	t.Parallel()
	tasks := map[string]string{"productId": "10005977"}
	cases := []struct {
		name  string
		fault Fault
		want  string // of six alternating reads and writes: . served, X met
	}{
		{"by nothing", Fault{}, "X....."},
		{"by index", Fault{When: AtIndex(2)}, "..X..."},
		{"by operation", Fault{Operation: OpCreate}, ".X...."},
		{"writes, for ever", Fault{When: func(r Request) bool { return r.Write }, Times: -1}, ".X.X.X"},
		{"reads, twice", Fault{When: IsRead, Times: 2}, "X.X..."},
		{"after skipping", Fault{Operation: OpCreate, Skip: 1, Times: 2}, "...X.X"},
	}
	for _, tc := range cases {
		for _, kind := range []FaultKind{StatusBefore, ConnectionRefused} {
			t.Run(tc.name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
					fault := tc.fault
					fault.Kind, fault.Status = kind, 503
					p.Inject(fault)
					got := ""
					for i := range 6 {
						echo, _ := http.NewRequest(http.MethodGet, BaseURL+"/echo", nil)
						if a, err := c.send(echo); err != nil || a.status != 200 {
							t.Fatalf("an echo met the fault: %d %v", a.status, err)
						}
						a, err := c.try([]string{OpTasks, OpCreate}[i%2], []map[string]string{tasks, nil}[i%2], []string{"", lwm2mBody}[i%2])
						if err != nil || a.status != 200 {
							got += "X"
						} else {
							got += "."
						}
					}
					if got != tc.want {
						t.Errorf("met %s, want %s", got, tc.want)
					}
				})
			})
		}
	}
}

func TestOutage(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		tasks := map[string]string{"productId": "10005977"}
		p.SetOutage(true)
		for range 3 {
			if a := c.call(OpTasks, tasks, ""); a.status != http.StatusServiceUnavailable {
				t.Errorf("HTTP %d", a.status)
			}
		}
		p.SetOutageRefused(true)
		if _, err := c.try(OpTasks, tasks, ""); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
		p.SetOutageRefused(false)
		c.ok(OpTasks, tasks, "")
	})
}

func TestHooksActInTheMiddle(t *testing.T) {
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
		if !slices.Equal(order, want) {
			t.Errorf("order %q", order)
		}
	})
}

func TestRealListenerResets(t *testing.T) {
	t.Parallel()
	for _, encrypted := range []bool{false, true} {
		p := New(Options{})
		server := httptest.NewUnstartedServer(p)
		if encrypted {
			server.StartTLS()
		} else {
			server.Start()
		}
		dialled := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		c := &caller{t: t, http: dialled, secret: DefaultAppSecret}
		c.change = func(r *http.Request) {
			r.URL.Host = server.Listener.Addr().String()
			if encrypted {
				r.URL.Scheme = "https"
			}
		}
		c.lwm2mTask()
		p.Inject(Fault{Kind: ResetAfter})
		if _, err := c.try(OpCreate, nil, lwm2mBody); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("TLS %v: %v", encrypted, err)
		}
		if got := p.TasksEverCreated(); got != 2 {
			t.Errorf("%d tasks", got)
		}
		dialled.CloseIdleConnections()
		p.Close()
		server.Close()
	}
}

func TestServeEndsWithClose(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := New(Options{})
	ended := make(chan error, 1)
	go func() { ended <- p.Serve(listener) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/echo")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	p.Close()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func TestClosedPlatformRefuses(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		tasks := map[string]string{"productId": "10005977"}
		c.ok(OpTasks, tasks, "")
		p.Close()
		if _, err := c.try(OpTasks, tasks, ""); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
	})
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
