package campaign

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestCreateTakesOneLookAndOneCall(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		made, err := w.Runner.CreateTask(bg(), w.request("北向测试"))
		w.must(err)
		task, ok := w.shown(made.ID)
		if !ok || task.Name != "北向测试" || made.Protocol != w.protocol || made.Found || made.Adopted() {
			t.Errorf("got %+v of %+v", made, task)
		}
		w.wantCount(simulator.OpCreate, 1)
		w.wantCalls("a create", 2)
	})
}

func TestCreateFindsItsNameAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a&b=c+d%20e", "空格 中文", "🚀 emoji", "%", "_", `"quoted"\`, "a#b?c/d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, variants[0], setting{}, func(t *testing.T, w *world) {
				w.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate})
				made, err := w.Runner.CreateTask(bg(), w.request(name))
				w.must(err)
				if task, _ := w.shown(made.ID); task.Name != name || !made.Found {
					t.Errorf("got %+v of %+v", made, task)
				}
				w.wantCount(simulator.OpCreate, 1)
				w.wantSpent()
			})
		})
	}
}

func TestCreateWithALostAnswerMakesOneTask(t *testing.T) {
	t.Parallel()
	const op = simulator.OpCreate
	tests := map[string]struct {
		fault simulator.Fault
		posts int
	}{
		"connection refused": {simulator.Fault{Kind: simulator.ConnectionRefused}, 1},
		"reset before":       {simulator.Fault{Kind: simulator.ResetBefore}, 2},
		"reset after":        {simulator.Fault{Kind: simulator.ResetAfter}, 1},
		"500 before":         {simulator.Fault{Kind: simulator.StatusBefore, Status: 500}, 2},
		"500 after":          {simulator.Fault{Kind: simulator.StatusAfter, Status: 500}, 1},
		"502 page before":    {simulator.Fault{Kind: simulator.StatusBefore, Status: 502, HTML: true}, 2},
		"502 after":          {simulator.Fault{Kind: simulator.StatusAfter, Status: 502}, 1},
		"504 before":         {simulator.Fault{Kind: simulator.StatusBefore, Status: 504}, 2},
		"504 after":          {simulator.Fault{Kind: simulator.StatusAfter, Status: 504}, 1},
		"429 before":         {simulator.Fault{Kind: simulator.StatusBefore, Status: 429, RetryAfter: "30"}, 2},
		"truncated":          {simulator.Fault{Kind: simulator.TruncatedJSON}, 1},
		"null":               {simulator.Fault{Kind: simulator.NullBody}, 1},
		"no body":            {simulator.Fault{Kind: simulator.EmptyBody}, 1},
		"empty result":       {simulator.Fault{Kind: simulator.EmptyResult}, 1},
		"page with 200":      {simulator.Fault{Kind: simulator.HTMLPage}, 2},
		"hang before":        {simulator.Fault{Kind: simulator.HangBefore}, 2},
		"hang after":         {simulator.Fault{Kind: simulator.HangAfter}, 1},
		"carried out late":   {simulator.Fault{Kind: simulator.Late, Interval: 80 * time.Second}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{change: patientClock}, func(t *testing.T, w *world) {
				for range 9 { // others of the name that are none of ours
					_, err := w.Platform.CreateTask(simulator.TaskDraft{ProductID: w.product, FirmwareID: w.firmware, Name: "north 2"})
					w.must(err)
				}
				injected := test.fault
				injected.Operation = op
				w.Inject(injected)
				made, err := w.Runner.CreateTask(bg(), w.request("north"))
				w.must(err)
				if n := w.TasksEverCreated() - 9; n != 1 {
					t.Errorf("%d tasks were made", n)
				}
				if task, _ := w.shown(made.ID); task.Name != "north" {
					t.Errorf("got task %+v", task)
				}
				if n := w.Count(op) + w.RefusedDials(); n != test.posts && test.fault.Kind != simulator.ConnectionRefused {
					t.Errorf("%d creates were sent, want %d", n, test.posts)
				}
				w.wantSpent()
			})
		})
	}
}

// TestCreateLooksAgainAfterAFailedLook loses the response of a create, and lets the first looks for the task fail.
func TestCreateLooksAgainAfterAFailedLook(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{change: patientClock}, func(t *testing.T, w *world) {
		w.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate})
		w.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: 500, Operation: simulator.OpTasks, Skip: 1, Times: len(lookPauses)})
		made, err := w.Runner.CreateTask(bg(), w.request("north"))
		w.must(err)
		if !made.Found || w.TasksEverCreated() != 1 {
			t.Errorf("got %+v and %d tasks", made, w.TasksEverCreated())
		}
		w.wantCount(simulator.OpCreate, 1)
		w.wantSpent()
	})
}

func TestCreateToleratesAListThatLags(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{15 * time.Second, 30 * time.Second} {
		slow := func(o *simulator.Options) { o.Quirks.ListLag = lag }
		everywhere(t, setting{change: slow}, func(t *testing.T, w *world) {
			w.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate})
			made, err := w.Runner.CreateTask(bg(), w.request("north"))
			w.must(err)
			if !made.Found || w.TasksEverCreated() != 1 {
				t.Errorf("got %+v and %d tasks", made, w.TasksEverCreated())
			}
		})
	}
}

func TestCreateGivesUpWhenNoAnswerEverComes(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		w.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: 502, Operation: simulator.OpCreate, Times: -1})
		_, err := w.Runner.CreateTask(bg(), w.request("north"))
		if !aep.Ambiguous(err) || !strings.Contains(err.Error(), `pending task named "north"`) {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpCreate, createTries)
	})
}

func TestCreateRefusesAnOutcomeItCannotTell(t *testing.T) {
	t.Parallel()
	// What turns up seems to have been made before anybody asked for it.
	in(t, variants[0], setting{change: patientClock}, func(t *testing.T, w *world) {
		w.Inject(simulator.Fault{
			Kind: simulator.Custom, Operation: simulator.OpCreate,
			Handle: func(rw http.ResponseWriter, _ *http.Request, process func() []byte) {
				w.SetClockOffset(-10 * time.Minute)
				process()
				w.SetClockOffset(0)
				rw.WriteHeader(http.StatusBadGateway)
			},
		})
		_, err := w.Runner.CreateTask(bg(), w.request("north"))
		existing, ok := errors.AsType[*ExistingTaskError](err)
		if !ok || len(existing.Keys) != 1 || existing.Cause == nil || !strings.Contains(err.Error(), "502") {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpCreate, 1)
		w.wantSpent()
	})
}

func TestCreateRefusesSeveralCandidates(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		w.Inject(simulator.Fault{
			Kind: simulator.Custom, Operation: simulator.OpCreate,
			Handle: func(rw http.ResponseWriter, _ *http.Request, process func() []byte) {
				process()
				w.twin(w.request("north"))
				rw.WriteHeader(http.StatusGatewayTimeout)
			},
		})
		_, err := w.Runner.CreateTask(bg(), w.request("north"))
		if existing, ok := errors.AsType[*ExistingTaskError](err); !ok || len(existing.Keys) != 2 || !aep.Ambiguous(err) {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpCreate, 1)
	})
}

func TestCreateBesideAPendingTwin(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		twin := w.named("north")
		_, err := w.Runner.CreateTask(bg(), w.request("north"))
		existing, ok := errors.AsType[*ExistingTaskError](err)
		if !ok || len(existing.Keys) != 1 || existing.Keys[0] != twin || existing.Cause != nil {
			t.Fatalf("got %v", err)
		}
		if !strings.Contains(err.Error(), twin.String()) {
			t.Errorf("the error does not name the twin: %v", err)
		}
		q := w.request("north")
		q.Adopt = true
		made, err := w.Runner.CreateTask(bg(), q)
		w.must(err)
		if !made.Adopted() || made.ID != twin.TaskID {
			t.Errorf("got %+v", made)
		}
		w.wantCount(simulator.OpCreate, 0)
		// The twin has found its owner, so the next of the name is a new task.
		made, err = w.Runner.CreateTask(bg(), q)
		w.must(err)
		if made.Adopted() || made.ID == twin.TaskID {
			t.Errorf("got %+v", made)
		}
		w.wantCount(simulator.OpCreate, 1)
	})
}

func TestCreateIgnoresTasksThatAreNoTwins(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 1}, func(t *testing.T, w *world) {
		running := w.named("north")
		w.must(w.SetTaskStatus(running.TaskID, simulator.Running))
		finished := w.named("north")
		w.must(w.SetTaskStatus(finished.TaskID, simulator.Finished))
		other := simulator.TaskDraft{ProductID: w.product, FirmwareID: w.firmware + 1, Name: "north"}
		_, err := w.Platform.CreateTask(other)
		w.must(err)
		w.named("northwest")
		q := w.request("north")
		q.Adopt = true
		made, err := w.Runner.CreateTask(bg(), q)
		w.must(err)
		if made.Adopted() || made.Found {
			t.Errorf("got %+v", made)
		}
		w.wantCount(simulator.OpCreate, 1)
	})
}

func TestCreatesOfOneNameEachGetTheirOwn(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		w.Inject(
			simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate, Times: 2},
			simulator.Fault{Kind: simulator.StatusBefore, Status: 502, Operation: simulator.OpCreate, Times: 2},
		)
		var (
			mu   sync.Mutex
			made = map[int64]bool{}
			all  sync.WaitGroup
		)
		const n = 4
		for range n {
			all.Go(func() {
				result, err := w.Runner.CreateTask(bg(), w.request("north"))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				made[result.ID] = true
			})
		}
		all.Wait()
		if len(made) != n || w.TasksEverCreated() != n {
			t.Errorf("%d creates got %d ids of %d tasks", n, len(made), w.TasksEverCreated())
		}
		w.wantSpent()
	})
}

func TestCreateThatIsInterruptedReturnsItsTask(t *testing.T) {
	t.Parallel()
	tests := map[string]simulator.Fault{
		"answered":           {Kind: simulator.Late, Interval: 5 * time.Second},
		"answer never comes": {Kind: simulator.HangAfter},
		"connection lost":    {Kind: simulator.ResetAfter},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{}, func(t *testing.T, w *world) {
				ctx, cancel := context.WithTimeout(bg(), 5*time.Minute)
				defer cancel()
				injected := fault
				injected.Operation = simulator.OpCreate
				w.Inject(injected)
				w.BeforeRequest(func(r simulator.Request) {
					if r.Operation == simulator.OpCreate {
						cancel()
					}
				})
				start := time.Now()
				made, err := w.Runner.CreateTask(ctx, w.request("north"))
				w.must(err)
				if _, ok := w.shown(made.ID); !ok {
					t.Errorf("got %+v", made)
				}
				if waited := time.Since(start); waited > 25*time.Second {
					t.Errorf("it went on for %s after the interruption", waited)
				}
				w.wantCount(simulator.OpCreate, 1)
			})
		})
	}
}

func TestCreateThatIsInterruptedInAnOutageEndsSoon(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(bg(), time.Hour)
		defer cancel()
		w.Inject(simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate})
		w.AfterProcessed(func(r simulator.Request) {
			if r.Operation == simulator.OpCreate {
				w.SetOutage(true)
				time.AfterFunc(time.Minute, cancel)
			}
		})
		start := time.Now()
		_, err := w.Runner.CreateTask(ctx, w.request("north"))
		if !aep.Ambiguous(err) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited > time.Minute+15*time.Second {
			t.Errorf("it went on for %s", waited)
		}
	})
}

func TestCreateForTheOtherProtocolLeavesNothing(t *testing.T) {
	t.Parallel()
	lenient := func(o *simulator.Options) { o.Quirks.IgnoreWrongArgument = true }
	everywhere(t, setting{change: lenient}, func(t *testing.T, w *world) {
		q := w.request("north")
		if q.RetryTimes, q.TimeoutHours = nil, ptr[int64](24); w.protocol == aep.TLink {
			q.RetryTimes, q.TimeoutHours = ptr[int64](1), nil
		}
		_, err := w.Runner.CreateTask(bg(), q)
		wrong, ok := errors.AsType[*ProtocolError](err)
		if !ok || wrong.Product != w.protocol || wrong.Left != nil {
			t.Errorf("got %v", err)
		}
		if n := len(w.Platform.Tasks(w.product)); n != 0 || w.TasksEverCreated() != 1 {
			t.Errorf("%d tasks are left of %d", n, w.TasksEverCreated())
		}
	})
}

// A rival's task of the same name with other settings is not what was asked for.
func TestCreateComparesTheSettingsOfWhatItFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		processed bool // the create itself is carried out
		spoil     func(*simulator.Task)
		found     bool
	}{
		"another description":          {false, func(task *simulator.Task) { task.Description = "rival" }, false},
		"another number of tries":      {false, func(task *simulator.Task) { task.RetryTimes, task.TimeoutHours = 3, 99 }, false},
		"the same settings":            {false, nil, true},
		"a rival beside the one meant": {true, func(task *simulator.Task) { task.Description = "rival" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{change: patientClock}, func(t *testing.T, w *world) {
				q := w.request("north")
				q.Description = "ours"
				var rival aep.TaskKey
				w.Inject(simulator.Fault{
					Kind: simulator.Custom, Operation: simulator.OpCreate,
					Handle: func(rw http.ResponseWriter, _ *http.Request, process func() []byte) {
						if c.processed {
							process()
						}
						rival = w.twin(q)
						if c.spoil != nil {
							w.must(w.Platform.ModifyTask(rival.TaskID, c.spoil))
						}
						rw.WriteHeader(http.StatusBadGateway)
					},
				})
				made, err := w.Runner.CreateTask(bg(), q)
				existing, refused := errors.AsType[*ExistingTaskError](err)
				switch {
				case c.found && (err != nil || !made.Found || c.processed == (made.ID == rival.TaskID)):
					t.Errorf("got %+v, %v", made, err)
				case !c.found && (!refused || !slices.Contains(existing.Keys, rival) || existing.Cause == nil):
					t.Errorf("got %+v, %v", made, err)
				}
				w.wantCount(simulator.OpCreate, 1)
			})
		})
	}
}

// twin makes at the console what a request asks for.
func (w *world) twin(q CreateRequest) aep.TaskKey {
	w.t.Helper()
	draft := simulator.TaskDraft{
		ProductID: q.ProductID, FirmwareID: q.FirmwareID, Name: q.Name, Description: q.Description, RetryTimes: 1, TimeoutHours: 24,
	}
	id, err := w.Platform.CreateTask(draft)
	w.must(err)
	return aep.TaskKey{ProductID: w.product, TaskID: id}
}

func TestCreateTellsOfASecondCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  simulator.Fault
		resent bool
	}{
		"not carried out": {simulator.Fault{Kind: simulator.ResetBefore}, true},
		"carried out":     {simulator.Fault{Kind: simulator.ResetAfter}, false},
		"refused":         {simulator.Fault{Kind: simulator.StatusBefore, Status: 429}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{}, func(t *testing.T, w *world) {
				fault := c.fault
				fault.Operation = simulator.OpCreate
				w.Inject(fault)
				made, err := w.Runner.CreateTask(bg(), w.request("north"))
				w.must(err)
				if made.Resent != c.resent {
					t.Errorf("got %+v", made)
				}
			})
		})
	}
}

func TestAdoptionTellsWhatItTakesOver(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 3}, func(t *testing.T, w *world) {
		key := w.task(w.devices(3)...)
		q := w.request("seeded")
		q.Adopt = true
		planned, err := w.PlanAdoption(bg(), q.CreateTaskRequest, aep.TaskKey{})
		w.must(err)
		made, err := w.Runner.CreateTask(bg(), q)
		w.must(err)
		for _, twin := range []*Twin{planned, made.Twin} {
			if twin == nil || twin.Task.Key() != key || twin.Active != 3 {
				t.Errorf("got %+v", twin)
			}
		}
		if !made.Adopted() || !w.Adopted(key) || !w.Owns(key) {
			t.Errorf("got %+v", made)
		}
		other := w.named("other")
		w.Manage(other)
		if w.Adopted(other) || w.Owns(other) {
			t.Error("a task that is merely managed counts as made by this run")
		}
	})
}

// Devices that somebody attached under other settings are not taken over.
func TestAdoptionOfAFullTaskWithOtherSettings(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 3}, func(t *testing.T, w *world) {
		key := w.task(w.devices(3)...)
		q := w.request("seeded")
		q.Adopt, q.Description = true, "ours"
		_, planned := w.PlanAdoption(bg(), q.CreateTaskRequest, aep.TaskKey{})
		_, err := w.Runner.CreateTask(bg(), q)
		for _, err := range []error{planned, err} {
			if full, ok := errors.AsType[*FullTaskError](err); !ok || full.Twin.Task.Key() != key || full.Twin.Active != 3 {
				t.Errorf("got %v", err)
			}
		}
		w.must(w.Platform.Cancel(key.TaskID, w.devices(3)...))
		made, err := w.Runner.CreateTask(bg(), q)
		if w.protocol == aep.TLink && err != nil {
			return // a cancelled device may show as failed, which proves less
		}
		if err != nil || !made.Adopted() || made.Twin.Active != 0 {
			t.Errorf("got %+v, %v", made, err)
		}
	})
}

func TestAdoptionLeavesManagedTasksAlone(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.named("north")
		q := w.request("north")
		q.Adopt = true
		w.Manage(key)
		_, err := w.PlanAdoption(bg(), q.CreateTaskRequest, aep.TaskKey{})
		if managed, ok := errors.AsType[*ManagedTaskError](err); !ok || managed.Key != key {
			t.Errorf("got %v", err)
		}
		// A resource that is replaced plans to create beside its own task.
		if twin, err := w.PlanAdoption(bg(), q.CreateTaskRequest, key); twin != nil || err != nil {
			t.Errorf("got %+v, %v", twin, err)
		}
		made, err := w.Runner.CreateTask(bg(), q)
		w.must(err)
		if made.Adopted() || made.ID == key.TaskID {
			t.Errorf("got %+v", made)
		}
	})
	// The other way round: the plan to adopt comes first.
	in(t, variants[0], setting{}, func(t *testing.T, w *world) {
		key := w.named("north")
		_, err := w.PlanAdoption(bg(), w.request("north").CreateTaskRequest, aep.TaskKey{})
		w.must(err)
		if !w.Manage(key) || w.Manage(w.named("south")) {
			t.Error("a managed task that a plan wants to adopt goes unnoticed")
		}
	})
}

// patientClock lets the platform carry out what was signed a while ago.
func patientClock(o *simulator.Options) { o.TimestampWindow = time.Hour }

// shown is the platform's view of a task; world has two methods named Task.
func (w *world) shown(id int64) (simulator.Task, bool) { return w.Platform.Task(id) }

// named makes a task of a name at the console.
func (w *world) named(name string) aep.TaskKey {
	w.t.Helper()
	id, err := w.Platform.CreateTask(simulator.TaskDraft{ProductID: w.product, FirmwareID: w.firmware, Name: name})
	w.must(err)
	return aep.TaskKey{ProductID: w.product, TaskID: id}
}
