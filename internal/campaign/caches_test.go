package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// cachedReads are all reads that the caches may answer, as text.
func cachedReads(r *Runner, key aep.TaskKey, protocol aep.Protocol) map[string]string {
	reads := make(map[string]string)
	record := func(name string, value any, err error) {
		text, _ := json.Marshal(value)
		reads[name] = fmt.Sprintf("%s, %v", text, err)
	}
	r.RememberProtocol(key, protocol)
	list, err := r.listTasks(bg(), key.ProductID, allPages)
	record("task list", list.tasks[key.TaskID], err)
	task, err := r.Task(bg(), key)
	record("task", task, err)
	detail, err := r.SharedDetail(bg(), key)
	record("detail", detail, err)
	counts, err := r.StateCounts(bg(), aep.Task{ProductID: key.ProductID, ID: key.TaskID, KnownProtocol: protocol})
	record("counts", counts.Histogram(), err)
	joined, err := r.Joined(bg(), key, 0)
	record("joined", joined, err)
	subtasks, err := r.Subtasks(bg(), key, protocol)
	record("subtasks", subtasks, err)
	for scope, name := range map[aep.DeviceScope]string{aep.Joined: "joined devices", aep.Candidates: "candidates"} {
		devices, err := r.firstDevices(bg(), aep.DeviceQuery{Key: key, Scope: scope}, 0)
		record(name, devices, err)
	}
	return reads
}

// TestNoReadIsOlderThanAWrite fills every cache, writes, and compares each read with
// that of a Runner without caches.
func TestNoReadIsOlderThanAWrite(t *testing.T) {
	t.Parallel()
	writes := map[string]func(w *world, key aep.TaskKey) error{
		"modify": func(w *world, key aep.TaskKey) error {
			_, err := w.Runner.ModifyTask(bg(), w.modification(key, "another name"))
			return err
		},
		"join": func(w *world, key aep.TaskKey) error {
			_, err := w.attach(key, w.devices(4)[3:], 10)
			return err
		},
		"cancel": func(w *world, key aep.TaskKey) error {
			_, err := w.Detach(bg(), DetachRequest{Key: key, Protocol: w.protocol, DeviceIDs: w.devices(4)[:1], BatchSize: 10})
			return err
		},
		"start": func(w *world, key aep.TaskKey) error {
			_, err := w.Runner.StartTask(bg(), key, nil)
			return err
		},
		"delete": func(w *world, key aep.TaskKey) error { return w.Runner.DeleteTask(bg(), key, true) },
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{devices: 4}, func(t *testing.T, w *world) {
				key := w.named("a task")
				w.must(w.Join(key.TaskID, w.devices(4)[:3]...))
				before := cachedReads(w.Runner, key, w.protocol)
				w.must(write(w, key))
				after, want := cachedReads(w.Runner, key, w.protocol), cachedReads(newRunner(t, w.Platform, setting{}), key, w.protocol)
				changed := 0
				for read := range want {
					if after[read] != want[read] {
						t.Errorf("%s after a write:\n got %s\nwant %s", read, after[read], want[read])
					}
					if want[read] != before[read] {
						changed++
					}
				}
				if changed == 0 {
					t.Error("the write changed nothing that is read")
				}
			})
		})
	}
}

// TestCreateDropsTheTaskList insists that a task shows in the list of its product at
// once, where it is looked for by readers of other tasks.
func TestCreateDropsTheTaskList(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		_, err := w.listTasks(bg(), w.product, allPages)
		w.must(err)
		made, err := w.Runner.CreateTask(bg(), w.request("new"))
		w.must(err)
		list, err := w.listTasks(bg(), w.product, allPages)
		w.must(err)
		if _, listed := list.tasks[made.ID]; !listed {
			t.Errorf("task %d is not in the list that follows its create", made.ID)
		}
	})
}

// TestWatchersSeeCurrentCounts insists that a caller that watches a task gets counts
// of this moment, and that no later reader gets older ones.
func TestWatchersSeeCurrentCounts(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 4}, func(t *testing.T, w *world) {
		key := w.task(w.devices(4)[:3]...)
		task, err := w.TaskDetail(bg(), key)
		w.must(err)
		_, err = w.StateCounts(bg(), task)
		w.must(err)
		w.must(w.Join(key.TaskID, w.devices(4)[3]))
		seen, err := w.Observe(bg(), key)
		w.must(err)
		later, err := w.StateCounts(bg(), task)
		w.must(err)
		if seen.Histogram.Total != 4 || later.Histogram().Total != 4 {
			t.Errorf("the watcher counts %d devices, a later reader %d, want 4", seen.Histogram.Total, later.Histogram().Total)
		}
	})
}

// TestReadersAtOneMomentShareACall insists that the number of joined devices is asked
// for once by readers at one moment, and again afterwards.
func TestReadersAtOneMomentShareACall(t *testing.T) {
	t.Parallel()
	in(t, variants[0], setting{devices: 2}, func(t *testing.T, w *world) {
		key := w.task(w.devices(2)[0])
		_, n, err := w.TaskAndCount(context.Background(), key)
		w.must(err)
		w.must(w.Join(key.TaskID, w.devices(2)[1]))
		_, m, err := w.TaskAndCount(context.Background(), key)
		w.must(err)
		if n != 1 || m != 2 {
			t.Errorf("counted %d and then %d devices, want 1 and 2", n, m)
		}
	})
}

// TestNoReaderSharesALoadFromBeforeAWrite lets a reader come while the load of an
// earlier one is under way, and a write has happened since.
func TestNoReaderSharesALoadFromBeforeAWrite(t *testing.T) {
	t.Parallel()
	slow := func(o *simulator.Options) { o.Latency = time.Second }
	in(t, variants[0], setting{devices: 1, change: slow}, func(t *testing.T, w *world) {
		key := w.task(w.devices(1)...)
		before := w.Count(simulator.OpDevices)
		var early sync.WaitGroup
		early.Go(func() { _, _, _ = w.TaskAndCount(bg(), key) })
		time.Sleep(time.Second / 2)
		w.invalidate(key)
		_, _, err := w.TaskAndCount(bg(), key)
		w.must(err)
		early.Wait()
		if n := w.Count(simulator.OpDevices) - before; n != 2 {
			t.Errorf("two readers, one of them after a write, took %d calls, want 2", n)
		}
	})
}

// TestACachedListProvesNoTaskToExist reads a task that was deleted after the list of
// its product was read.
func TestACachedListProvesNoTaskToExist(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{}, func(t *testing.T, w *world) {
		key := w.named("deleted elsewhere")
		_, err := w.listTasks(bg(), w.product, allPages)
		w.must(err)
		w.must(w.Platform.DeleteTask(key.TaskID))
		if _, err := w.ReadTask(bg(), key); !isGone(err) {
			t.Errorf("got %v, want a *GoneError", err)
		}
	})
}
