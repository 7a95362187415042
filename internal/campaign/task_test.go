package campaign

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"golang.org/x/text/unicode/norm"
)

var missings = map[string]simulator.Missing{
	"error": simulator.MissingError, "null": simulator.MissingNull,
	"empty object": simulator.MissingEmptyObject, "empty text": simulator.MissingEmptyText,
}

func TestTaskIsGoneHoweverThePlatformSaysSo(t *testing.T) {
	t.Parallel()
	for name, missing := range missings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{change: func(o *simulator.Options) { o.Quirks.Missing = missing }}, func(t *testing.T, w *world) {
				kept, key := w.named("kept"), w.named("deleted")
				w.must(w.Platform.DeleteTask(key.TaskID))
				for name, read := range map[string]func() (aep.Task, error){
					"Task":       func() (aep.Task, error) { return w.Runner.Task(bg(), key) },
					"ReadTask":   func() (aep.Task, error) { return w.ReadTask(bg(), key) },
					"TaskDetail": func() (aep.Task, error) { return w.TaskDetail(bg(), key) },
				} {
					_, err := read()
					gone, ok := errors.AsType[*GoneError](err)
					if !ok || gone.Key != key {
						t.Errorf("%s: got %v", name, err)
					}
				}
				task, err := w.Runner.Task(bg(), kept)
				w.must(err)
				if task.Name != "kept" {
					t.Errorf("got %+v", task)
				}
			})
		})
	}
}

func TestTaskThatIsListedIsNotGone(t *testing.T) {
	t.Parallel()
	for _, times := range []int{1, -1} {
		t.Run(fmt.Sprint("denied ", times), func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{}, func(t *testing.T, w *world) {
				key := w.named("x")
				w.Inject(simulator.Fault{Kind: simulator.BusinessError, Code: 2501, Operation: simulator.OpQueryTask, Times: times})
				task, err := w.ReadTask(bg(), key)
				switch {
				case isGone(err):
					t.Error("a task that is listed is taken to be gone")
				case times == 1 && (err != nil || task.ID != key.TaskID):
					t.Errorf("got %+v, %v", task, err)
				case times < 0 && (err == nil || !strings.Contains(err.Error(), "lists")):
					t.Errorf("got %v", err)
				}
				w.wantCount(simulator.OpQueryTask, 2)
			})
		})
	}
}

// answering is a fault that lets reads of an operation ("" for all) answer a result.
func answering(operation, result string) simulator.Fault {
	return simulator.Fault{
		Kind: simulator.RewriteBody, Operation: operation, Times: -1, When: simulator.IsRead,
		Rewrite: func([]byte) []byte { return []byte(`{"code":0,"msg":"ok","result":` + result + `}`) },
	}
}

func TestOnlyAListWithATotalProvesATaskGone(t *testing.T) {
	t.Parallel()
	for _, result := range []string{"null", "{}", `{"list":[]}`} {
		for name, c := range map[string]struct {
			faults []simulator.Fault
			gone   bool
		}{
			"every read":               {[]simulator.Fault{answering("", result)}, false},
			"the task and the list":    {[]simulator.Fault{answering(simulator.OpQueryTask, result), answering(simulator.OpTasks, result)}, false},
			"the list alone":           {[]simulator.Fault{answering(simulator.OpTasks, result)}, true}, // the task is refused in so many words
			"the list and the devices": {[]simulator.Fault{answering(simulator.OpTasks, result), answering(simulator.OpDevices, result)}, false},
		} {
			t.Run(result+" for "+name, func(t *testing.T) {
				t.Parallel()
				everywhere(t, setting{devices: 3}, func(t *testing.T, w *world) {
					key := w.named("x")
					w.must(w.Platform.DeleteTask(key.TaskID))
					w.Inject(c.faults...)
					if _, err := w.ReadTask(bg(), key); err == nil || isGone(err) != c.gone {
						t.Errorf("got %v", err)
					}
				})
			})
		}
	}
}

// A task that stands in the list is read by itself if its row is broken.
func TestTaskBehindABrokenRow(t *testing.T) {
	t.Parallel()
	slow := func(o *simulator.Options) { o.Latency = 40 * time.Millisecond }
	in(t, variants[0], setting{change: slow}, func(t *testing.T, w *world) {
		keys := []aep.TaskKey{w.named("x"), w.named("y"), w.named("z")}
		w.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpTasks, Times: -1, Rewrite: func(body []byte) []byte {
			return []byte(strings.ReplaceAll(string(body), `"firmwareId"`, `"fw"`))
		}})
		var all sync.WaitGroup
		for _, key := range keys {
			all.Go(func() {
				if task, err := w.Runner.Task(bg(), key); err != nil || task.FirmwareID != w.firmware {
					t.Errorf("got %+v, %v", task, err)
				}
			})
		}
		all.Wait()
		if w.Count(simulator.OpTasks) == 0 {
			t.Error("the list was not read")
		}
		// The row tells at least that the task is there.
		w.Inject(simulator.Fault{Kind: simulator.BusinessError, Code: 2501, Operation: simulator.OpQueryTask, Times: -1})
		if _, err := w.ReadTask(bg(), keys[0]); err == nil || isGone(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTaskThatAnotherDeletesBehindAFreshListIsGone(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.named("x")
		_, err := w.listTasks(bg(), w.product, allPages)
		w.must(err)
		w.must(w.Platform.DeleteTask(key.TaskID))
		if _, err := w.ReadTask(bg(), key); !isGone(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTaskBehindAFailureIsNotGone(t *testing.T) {
	t.Parallel()
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusInternalServerError, http.StatusServiceUnavailable,
	} {
		for _, op := range []string{simulator.OpQueryTask, simulator.OpTasks} {
			t.Run(fmt.Sprint(status, " ", op), func(t *testing.T) {
				t.Parallel()
				everywhere(t, setting{}, func(t *testing.T, w *world) {
					key := w.named("x")
					w.must(w.Platform.DeleteTask(key.TaskID))
					w.Inject(simulator.Fault{Kind: simulator.StatusBefore, Status: status, Operation: op, Times: -1})
					if _, err := w.ReadTask(bg(), key); err == nil || isGone(err) {
						t.Errorf("got %v", err)
					}
					w.ClearFaults()
					time.Sleep(time.Minute)
					if _, err := w.ReadTask(bg(), key); !isGone(err) {
						t.Errorf("got %v, though the list says that it is gone", err)
					}
				})
			})
		}
	}
}

// A platform that miscounts its tasks still shows each of them.
func TestTasksBehindAListThatNeverComesOutWhole(t *testing.T) {
	t.Parallel()
	wrong := func(o *simulator.Options) { o.Latency, o.Paging.TotalOffset = 40*time.Millisecond, 1 }
	in(t, variants[0], setting{change: wrong}, func(t *testing.T, w *world) {
		w.readAll([]aep.TaskKey{w.named("x"), w.named("y"), w.named("z")})
		if n := w.Count(simulator.OpTasks); n == 0 {
			t.Error("the list was not read")
		}
	})
}

// readAll reads tasks, ten at a time as Terraform does, and returns the errors.
func (w *world) readAll(keys []aep.TaskKey) {
	w.t.Helper()
	queue := make(chan aep.TaskKey)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for key := range queue {
				if task, err := w.Runner.Task(bg(), key); err != nil || task.ID != key.TaskID {
					w.t.Errorf("%s: got task %d, %v", key, task.ID, err)
				}
			}
		})
	}
	for _, key := range keys {
		queue <- key
	}
	close(queue)
	all.Wait()
}

func TestTasksOfAProductAreReadTogether(t *testing.T) {
	t.Parallel()
	slow := func(o *simulator.Options) { o.Latency = 40 * time.Millisecond }
	in(t, variants[0], setting{change: slow}, func(t *testing.T, w *world) {
		var keys []aep.TaskKey
		for i := range 1000 {
			keys = append(keys, w.named(fmt.Sprint("task ", i)))
		}
		w.readAll(keys)
		w.wantCalls("reading 1,000 tasks", 3)
		w.wantCount(simulator.OpTasks, 1)
	})
}

func TestListOfTasksIsReadIfItIsWorthIt(t *testing.T) {
	t.Parallel()
	slow := func(o *simulator.Options) { o.Latency = 40 * time.Millisecond }
	for _, c := range []struct{ tasks, read, calls int }{
		{100, 2, 2},        // the list is one page
		{2000, 2, 3},       // the first page has told that the list is not worth it
		{2000, 2000, 24},   // it was not for the second read, but for the fourth
		{100_000, 30, 31},  // never
		{10_000, 500, 130}, // once reading alone has cost a fifth as much
	} {
		t.Run(fmt.Sprint(c.read, " of ", c.tasks), func(t *testing.T) {
			t.Parallel()
			pages := func(c *aep.Config) { c.PageSize = 100 }
			in(t, variants[0], setting{change: slow, config: pages}, func(t *testing.T, w *world) {
				var keys []aep.TaskKey
				for i := range c.tasks {
					keys = append(keys, w.named(fmt.Sprint(i)))
				}
				w.readAll(keys[:c.read]) // the first page has the latest
				w.wantCalls("reading them", c.calls)
			})
		})
	}
}

func TestTaskIsNeverOlderThanAWrite(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.named("before")
		_, err := w.listTasks(bg(), w.product, allPages) // a reader of the whole configuration
		w.must(err)
		_, err = w.Runner.Task(bg(), key)
		w.must(err)
		w.wantCount(simulator.OpQueryTask, 0)
		q := w.modification(key, "after")
		if task, err := w.Runner.ModifyTask(bg(), q); err != nil || task.Name != "after" {
			t.Errorf("got %+v, %v", task, err)
		}
		task, err := w.Runner.Task(bg(), key)
		w.must(err)
		if task.Name != "after" {
			t.Errorf("read %q after the write", task.Name)
		}
	})
}

func (w *world) modification(key aep.TaskKey, name string) aep.ModifyTaskRequest {
	q := w.request(name)
	return aep.ModifyTaskRequest{Key: key, Name: name, RetryTimes: q.RetryTimes, TimeoutHours: q.TimeoutHours}
}

func TestModifyTaskWaitsUntilItShows(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 3 * time.Second, time.Hour} {
		t.Run(lag.String(), func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{change: func(o *simulator.Options) { o.Quirks.ReadLag = lag }}, func(t *testing.T, w *world) {
				key := w.named("before")
				task, err := w.Runner.ModifyTask(bg(), w.modification(key, "after"))
				w.must(err)
				if shows := task.Name == "after"; shows != (lag < time.Hour) {
					t.Errorf("got %+v", task)
				}
				w.wantCount(simulator.OpModify, 1)
				if n := w.Count(simulator.OpQueryTask); n > 1+len(showPauses) || lag == 0 && n != 1 {
					t.Errorf("the task was read %d times", n)
				}
			})
		})
	}
}

// A platform may trim texts or compose their characters in another way.
func TestModifyTaskTakesATransformedTextAsWritten(t *testing.T) {
	t.Parallel()
	transform := func(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }
	everywhere(t, setting{change: func(o *simulator.Options) { o.Quirks.Normalize = transform }}, func(t *testing.T, w *world) {
		q := w.modification(w.named("before"), "cafe\u0301")
		q.Description = "by heredoc\n"
		began := time.Now()
		task, err := w.Runner.ModifyTask(bg(), q)
		w.must(err)
		if task.Name != "caf\u00e9" || task.Description != "by heredoc" {
			t.Errorf("got %+v", task)
		}
		w.wantCount(simulator.OpModify, 1)
		w.wantCount(simulator.OpQueryTask, 1)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestModifyTaskOfOneThatIsGone(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.named("x")
		w.AfterProcessed(func(r simulator.Request) {
			if r.Operation == simulator.OpModify {
				w.must(w.Platform.DeleteTask(key.TaskID))
			}
		})
		if _, err := w.Runner.ModifyTask(bg(), w.modification(key, "y")); !isGone(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestDeleteTaskThatIsEmpty(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.task()
		w.must(w.Runner.DeleteTask(bg(), key, false))
		w.wantCount(simulator.OpDelete, 1)
		w.wantCalls("deleting an empty task", map[aep.Protocol]int{aep.LwM2M: 3, aep.TLink: 7}[w.protocol])
		w.must(w.Runner.DeleteTask(bg(), key, false)) // gone already
		w.wantCount(simulator.OpDelete, 1)
	})
}

func TestDeleteTaskGuardsActiveDevices(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 330}, func(t *testing.T, w *world) {
		key := w.task(w.devices(330)...)
		err := w.Runner.DeleteTask(bg(), key, false)
		active, ok := errors.AsType[*ActiveDevicesError](err)
		if !ok || active.Histogram.Waiting != 330 || !strings.Contains(err.Error(), "330 waiting") {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpDelete, 0)
		w.wantCount(simulator.OpOperational, 0)
		w.must(w.Runner.DeleteTask(bg(), key, true))
		w.wantCount(simulator.OpDelete, 1)
		w.wantCount(simulator.OpOperational, 3)
		if _, ok := w.shown(key.TaskID); ok {
			t.Error("the task is still there")
		}
	})
}

func TestDeleteTaskGuardsDevicesInAStateThatNobodyKnows(t *testing.T) {
	t.Parallel()
	for _, v := range variants[:2] {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			in(t, v, setting{devices: 1}, func(t *testing.T, w *world) {
				key := w.task(w.devices(1)...)
				w.must(w.SetSubtaskCode(key.TaskID, w.devices(1)[0], 42))
				if _, ok := errors.AsType[*ActiveDevicesError](w.Runner.DeleteTask(bg(), key, false)); !ok {
					t.Error("a task with a device in an unknown state was deleted")
				}
				w.wantCount(simulator.OpDelete, 0)
			})
		})
	}
}

func TestDeleteTaskThatCannotBeCleared(t *testing.T) {
	t.Parallel()
	in(t, variants[0], setting{devices: 2}, func(t *testing.T, w *world) {
		key := w.task(w.devices(2)...)
		stuck := simulator.Among(w.devices(2)[0])
		w.Configure(func(o *simulator.Options) { o.Upgrade.CancelFails = stuck })
		err := w.Runner.DeleteTask(bg(), key, true)
		what := fmt.Sprintf("task %d of product %d was not deleted", key.TaskID, key.ProductID)
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), w.devices(2)[0]) {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpDelete, 0)
	})
}

func TestDeleteTaskThatThePlatformRefuses(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 1}, func(t *testing.T, w *world) {
		key := w.task(w.devices(1)...)
		w.must(w.Start(key.TaskID))
		w.must(w.Finish(key.TaskID))
		w.must(w.SetTaskStatus(key.TaskID, simulator.Running))
		if err := w.Runner.DeleteTask(bg(), key, false); !aep.IsRefused(err) {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpDelete, 1)
	})
}

func TestDeleteTaskWithALostAnswer(t *testing.T) {
	t.Parallel()
	for _, fault := range attachFaults {
		t.Run(fmt.Sprint(fault.Kind, " ", fault.Status), func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{}, func(t *testing.T, w *world) {
				key := w.task()
				injected := fault
				injected.Operation = simulator.OpDelete
				w.Inject(injected)
				w.must(w.Runner.DeleteTask(bg(), key, false))
				if _, ok := w.shown(key.TaskID); ok {
					t.Error("the task is still there")
				}
				w.wantSpent()
			})
		})
	}
}

func TestDeleteTaskGivesUpWhenNoAnswerEverComes(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.task()
		w.Inject(simulator.Fault{Kind: simulator.ResetBefore, Operation: simulator.OpDelete, Times: -1})
		if err := w.Runner.DeleteTask(bg(), key, false); !aep.Ambiguous(err) {
			t.Errorf("got %v", err)
		}
		w.wantCount(simulator.OpDelete, 1+len(deletePauses))
	})
}

// A platform may leave outTime out, or show it for LwM2M. Only retries prove a protocol; otherwise the list of
// subtasks does.
func TestSettleProtocolNeedsProof(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*simulator.Options)
		most   int // calls of the proof
	}{
		"both shown":         {func(*simulator.Options) {}, 1},
		"outTime everywhere": {func(o *simulator.Options) { o.Quirks.OutTimeEverywhere = true }, 1},
		"no outTime":         {func(o *simulator.Options) { o.Quirks.OmitMembers = []string{"outTime"} }, 3},
		"neither":            {func(o *simulator.Options) { o.Quirks.OmitMembers = []string{"outTime", "retryTimes"} }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{change: c.change}, func(t *testing.T, w *world) {
				key := w.named("imported")
				for range 2 {
					w.wantSettled(key)
				}
				if n := w.Count(simulator.OpSubtasks); n > c.most {
					t.Errorf("the proof took %d calls, want at most %d", n, c.most)
				}
			})
		})
	}
}

// One refusal of the list is no proof where nothing of the task speaks for T-Link.
func TestOneRefusalProvesNoProtocol(t *testing.T) {
	t.Parallel()
	omit := func(o *simulator.Options) { o.Quirks.OmitMembers = []string{"outTime", "retryTimes"} }
	everywhere(t, setting{change: omit}, func(t *testing.T, w *world) {
		key := w.named("imported")
		w.Inject(simulator.Fault{Kind: simulator.BusinessError, Code: 1500, Message: "系统繁忙", Operation: simulator.OpSubtasks})
		w.wantSettled(key)
		w.wantSpent()
	})
}

// wantSettled insists that the protocol of a task is found.
func (w *world) wantSettled(key aep.TaskKey) {
	w.t.Helper()
	task, err := w.TaskDetail(bg(), key)
	w.must(err)
	task, err = w.SettleProtocol(bg(), task)
	if err != nil || task.Protocol() != w.protocol {
		w.t.Errorf("got %s, %v, want %s", task.Protocol(), err, w.protocol)
	}
}
