package campaign

import (
	"reflect"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestProgressTakesFewCalls(t *testing.T) {
	t.Parallel()
	most := map[string]int{"lwm2m 2019": 12, "lwm2m 2022": 12, "t_link": 4}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			in(t, v, setting{devices: 500}, func(t *testing.T, w *world) {
				key := w.task(w.devices(500)...)
				h := w.histogram(key, 500)
				if h.Total != 500 || h.Waiting != 500 || h.Active() != 500 || h.Final() != 0 {
					t.Errorf("got %+v", h)
				}
				w.wantCalls("counting", most[v.name])
				w.wantCount(simulator.OpSubtasks, w.calls())
			})
		})
	}
}

func TestProgressAgreesWithTheRowsAndThePlatform(t *testing.T) {
	t.Parallel()
	steps := func(o *simulator.Options) {
		o.Upgrade = simulator.Upgrade{
			Table: o.Upgrade.Table, WaitingTime: time.Minute, UpgradeTime: time.Hour, Spread: time.Hour,
			Fail: simulator.FailPercent(20, "7"),
		}
		o.Quirks.NumericCodes = true
	}
	everywhere(t, setting{devices: 60, change: steps}, func(t *testing.T, w *world) {
		key := w.task(w.devices(60)...)
		w.must(w.Start(key.TaskID))
		time.Sleep(90 * time.Minute)
		w.must(w.cancelled(key, activeOf(w, key)...))
		h := w.histogram(key, 0)
		truth := map[simulator.Phase]int64{}
		for _, s := range w.Platform.Subtasks(key.TaskID) {
			truth[s.Phase]++
		}
		if w.protocol != aep.TLink && h.Cancelled != truth[simulator.PhaseCancelled] {
			t.Errorf("got %s, want %v", h, truth)
		}
		if h.Succeeded != truth[simulator.PhaseSucceeded] || h.Failed != truth[simulator.PhaseFailed] ||
			h.InProgress != truth[simulator.PhaseInProgress] || h.Unknown != 0 {
			t.Errorf("got %+v, want %v", h, truth)
		}
		if h.Succeeded == 0 || h.Failed == 0 || h.InProgress == 0 {
			t.Errorf("the task is not mixed: %s", h)
		}
		rows, err := w.Runner.Subtasks(bg(), key, w.protocol)
		w.must(err)
		tally := tallied(w.protocol, w.Table(), rows).Histogram()
		if !reflect.DeepEqual(tally, h) {
			t.Errorf("the rows say %+v, the counts %+v", tally, h)
		}
	})
}

// activeOf are three devices of a task that are in progress.
func activeOf(w *world, key aep.TaskKey) []string {
	var ids []string
	for _, s := range w.Platform.Subtasks(key.TaskID) {
		if s.Phase == simulator.PhaseInProgress && len(ids) < 3 {
			ids = append(ids, s.DeviceID)
		}
	}
	return ids
}

// tallied counts rows that are all of a task.
func tallied(protocol aep.Protocol, table progress.CodeTable, rows []aep.Subtask) progress.Counts {
	return progress.Counts{Decoder: *progress.NewDecoder(protocol, table)}.Tally(rows)
}

// A page of rows decides the numbering where the first row does not.
func TestCountsLookAtMoreThanOneRow(t *testing.T) {
	t.Parallel()
	in(t, variants[1], setting{devices: 5}, func(t *testing.T, w *world) {
		all := w.devices(5)
		key := w.task(all...)
		for i, id := range all {
			w.must(w.SetSubtaskCode(key.TaskID, id, 3))
			w.must(w.SetSubtaskResult(key.TaskID, id, "0", map[bool]string{true: "1.3251"}[i == 4]))
		}
		w.ResetJournal()
		if h := w.histogram(key, 5); h.Succeeded != 5 || h.Unknown != 0 {
			t.Errorf("got %+v", h)
		}
		w.wantCalls("counting", 12)
	})
}

func TestProgressOfAPlatformThatDoesNotProveItsSuccesses(t *testing.T) {
	t.Parallel()
	silent := func(o *simulator.Options) { o.Upgrade.NoUpgradedVersion = true }
	for _, table := range []progress.CodeTable{progress.TableAuto, progress.Table2022} {
		t.Run(string(table), func(t *testing.T) {
			t.Parallel()
			in(t, variants[1], setting{devices: 5, change: silent, options: Options{Table: table}}, func(t *testing.T, w *world) {
				key := w.task(w.devices(5)...)
				w.must(w.Start(key.TaskID))
				w.must(w.Finish(key.TaskID))
				h := w.histogram(key, 5)
				proven := table == progress.Table2022
				if (h.Succeeded == 5) != proven || h.Undecided == proven || h.MaybeActive() != 0 {
					t.Errorf("got %+v", h)
				}
				w.must(w.Runner.DeleteTask(bg(), key, false)) // it is over, whatever came of it
			})
		})
	}
}

func TestProgressDoesNotMissWhatItCannotAskFor(t *testing.T) {
	t.Parallel()
	for _, v := range variants[:2] {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			in(t, v, setting{devices: 5}, func(t *testing.T, w *world) {
				all := w.devices(5)
				key := w.task(all...)
				w.must(w.SetSubtaskCode(key.TaskID, all[0], 77))
				h := w.histogram(key, 5)
				if h.Total != 5 || h.Unknown != 1 || h.Active() != 5 {
					t.Errorf("got %+v", h)
				}
			})
		})
	}
}

func TestProgressOfAPlatformThatHeedsNoState(t *testing.T) {
	t.Parallel()
	in(t, variants[1], setting{devices: 5}, func(t *testing.T, w *world) {
		key := w.task(w.devices(5)...)
		all := rewriteStates(t)
		w.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpSubtasks, Times: -1, Rewrite: all})
		h := w.histogram(key, 5)
		if h.Succeeded != 0 || h.Final() != 0 || h.Waiting != 5 {
			t.Errorf("got %+v", h)
		}
	})
}

// rewriteStates answers every question with the same row in state 0.
func rewriteStates(t *testing.T) func([]byte) []byte {
	t.Helper()
	return func([]byte) []byte {
		return []byte(`{"code":0,"msg":"ok","result":{"pageNum":1,"pageSize":1,"total":5,"list":[{"taskId":59,"deviceId":"a","taskState":"0"}]}}`)
	}
}
