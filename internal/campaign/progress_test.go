package campaign

import (
	"fmt"
	"reflect"
	"strings"
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

// rowsOf makes subtasks. A code may be followed by "v": another version after
// the upgrade; "s": the same version; "e": a time of finishing; "r": a time of
// finishing before the last change.
func rowsOf(codes ...string) []aep.Subtask {
	var rows []aep.Subtask
	for i, code := range codes {
		row := aep.Subtask{ID: int64(i + 1), VersionBefore: "1.0", UpdatedAt: time.Unix(2000, 0)}
		number := strings.TrimRight(code, "vser")
		_, _ = fmt.Sscan(number, &row.Code)
		switch strings.TrimPrefix(code, number) {
		case "v":
			row.VersionAfter = "1.1"
		case "s":
			row.VersionAfter = "1.0"
		case "e":
			row.FinishedAt = row.UpdatedAt
		case "r":
			row.FinishedAt = row.UpdatedAt.Add(-time.Hour)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTallyReportsNoSuccessThatIsNotProven(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		protocol aep.Protocol
		table    progress.CodeTable
		codes    []string
		want     progress.Histogram
	}{
		"nothing": {aep.LwM2M, progress.TableAuto, nil, progress.Histogram{Table: progress.TableAuto}},
		"a bare 3 is over, but how": {
			aep.LwM2M, progress.TableAuto,
			[]string{"3", "3"},
			progress.Histogram{Total: 2, Unknown: 2, UnknownCodes: codesOf(3), Undecided: true, Ended: 2, Table: progress.TableAuto},
		},
		"a 3 with a version": {aep.LwM2M, progress.TableAuto, []string{"3", "3v"}, progress.Histogram{Total: 2, Succeeded: 2, Table: progress.Table2022}},
		"a 3 beside an old code": {
			aep.LwM2M, progress.TableAuto,
			[]string{"3", "8"},
			progress.Histogram{Total: 2, Succeeded: 1, Failed: 1, Table: progress.Table2019},
		},
		"a 3 with a version beside an old code": {
			aep.LwM2M, progress.TableAuto,
			[]string{"3v", "6"},
			progress.Histogram{Total: 2, InProgress: 1, Failed: 1, Table: progress.Table2019},
		},
		"what the tables read differently": {
			aep.LwM2M, progress.TableAuto,
			[]string{"4", "5", "1", "0", "2"},
			progress.Histogram{
				Total: 5, Waiting: 1, InProgress: 1, Unknown: 3, UnknownCodes: codesOf(4, 5, 1), Undecided: true, Ended: 1, Table: progress.TableAuto,
			},
		},
		"a failure that has ended": {
			aep.LwM2M, progress.TableAuto,
			[]string{"4e", "5", "1", "3"},
			progress.Histogram{
				Total: 4, Waiting: 1, Failed: 1, Cancelled: 1, Unknown: 1, UnknownCodes: codesOf(3), Undecided: true, Ended: 1, Table: progress.Table2022,
			},
		},
		"a download after a retry": {
			aep.LwM2M, progress.TableAuto,
			[]string{"4r"},
			progress.Histogram{Total: 1, Unknown: 1, UnknownCodes: codesOf(4), Undecided: true, Table: progress.TableAuto},
		},
		"a 3 with the version of before": {
			aep.LwM2M, progress.TableAuto,
			[]string{"3s"},
			progress.Histogram{Total: 1, Unknown: 1, UnknownCodes: codesOf(3), Undecided: true, Ended: 1, Table: progress.TableAuto},
		},
		"old cancelling": {
			aep.LwM2M, progress.TableAuto,
			[]string{"9", "10", "11"},
			progress.Histogram{Total: 3, InProgress: 2, Cancelled: 1, Table: progress.Table2019},
		},
		"told to be old": {
			aep.LwM2M, progress.Table2019,
			[]string{"0", "1", "2", "3v", "4", "5"},
			progress.Histogram{Total: 6, Waiting: 1, InProgress: 2, Failed: 3, Table: progress.Table2019},
		},
		"told to be new": {
			aep.LwM2M, progress.Table2022,
			[]string{"0", "1", "2", "3", "4", "5"},
			progress.Histogram{Total: 6, Waiting: 2, InProgress: 1, Succeeded: 1, Failed: 1, Cancelled: 1, Table: progress.Table2022},
		},
		"an old code in the new table": {
			aep.LwM2M, progress.Table2022,
			[]string{"8"},
			progress.Histogram{Total: 1, Unknown: 1, UnknownCodes: codesOf(8), Table: progress.Table2022},
		},
		"a number of no table": {
			aep.LwM2M, progress.TableAuto,
			[]string{"12", "-1"},
			progress.Histogram{Total: 2, Unknown: 2, UnknownCodes: codesOf(12, -1), Table: progress.TableAuto},
		},
		"t_link": {
			aep.TLink, progress.TableAuto,
			[]string{"1", "2", "3", "4", "0", "5", "8"},
			progress.Histogram{Total: 7, Waiting: 1, InProgress: 1, Succeeded: 1, Failed: 1, Unknown: 3, UnknownCodes: codesOf(0, 5, 8), Table: progress.TableAuto},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(test.codes...)
			states := tallied(test.protocol, test.table, rows)
			if got := states.Histogram(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			sum := map[progress.Phase]int64{}
			for _, row := range rows {
				sum[states.Phase(row.Code)]++
			}
			for _, p := range progress.Phases {
				if sum[p] != test.want.Of(p) {
					t.Errorf("the reader has %d %s, want %d", sum[p], p, test.want.Of(p))
				}
			}
		})
	}
}

func codesOf(codes ...aep.SubtaskCode) []aep.SubtaskCode { return codes }

func TestPhaseOfASingleCode(t *testing.T) {
	t.Parallel()
	want2019 := []progress.Phase{
		progress.Waiting, progress.Failed, progress.InProgress, progress.Failed, progress.InProgress, progress.Failed, progress.InProgress, progress.Failed, progress.Succeeded, progress.InProgress,
		progress.Cancelled, progress.InProgress,
	}
	wantAuto := append([]progress.Phase{progress.Waiting, progress.Unknown, progress.InProgress, progress.Unknown, progress.Unknown, progress.Unknown}, want2019[6:]...)
	for code := range want2019 {
		if got := progress.PhaseOf(aep.LwM2M, aep.SubtaskCode(code), progress.Table2019); got != want2019[code] {
			t.Errorf("2019: %d is %s, want %s", code, got, want2019[code])
		}
		if got := progress.PhaseOf(aep.LwM2M, aep.SubtaskCode(code), progress.TableAuto); got != wantAuto[code] {
			t.Errorf("auto: %d is %s, want %s", code, got, wantAuto[code])
		}
	}
	for _, code := range []aep.SubtaskCode{-1, 12, 1 << 40} {
		for _, table := range progress.CodeTables {
			if got := progress.PhaseOf(aep.LwM2M, code, table); got != progress.Unknown || got.Final() {
				t.Errorf("%s: %d is %s", table, code, got)
			}
		}
	}
}

// The version that an upgrade brings must be the task's.
func TestAnotherVersionProvesNothing(t *testing.T) {
	t.Parallel()
	for firmware, want := range map[string]progress.Phase{"": progress.Succeeded, "1.1": progress.Succeeded, "2.0": progress.Unknown} {
		d := progress.NewDecoder(aep.LwM2M, progress.TableAuto)
		d.Firmware = firmware
		d.SeeRows(rowsOf("3v")...)
		if got := d.Phase(3); got != want {
			t.Errorf("a task that brings %q: %s, want %s", firmware, got, want)
		}
	}
}

// In a finished task the numbering that has a device under way is the wrong one.
func TestNothingOfAFinishedTaskIsUnderWay(t *testing.T) {
	t.Parallel()
	d := progress.NewDecoder(aep.LwM2M, progress.TableAuto)
	for code, running := range map[aep.SubtaskCode]bool{0: true, 1: true, 2: true, 3: false, 4: true, 5: false, 77: true} {
		d.Finished = false
		if got := d.MaybeActive(code); got != running {
			t.Errorf("code %d of a running task may be active: %t", code, got)
		}
		d.Finished = true
		if got, want := d.MaybeActive(code), running && code != 1 && code != 4; got != want {
			t.Errorf("code %d of a finished task may be active: %t", code, got)
		}
	}
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
				w.must(w.Runner.DeleteTask(bg(), key, false, 100)) // it is over, whatever came of it
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

func TestHistogramInWords(t *testing.T) {
	t.Parallel()
	tests := map[string]progress.Histogram{
		"0 devices":                                {},
		"1 device: 1 in progress":                  {Total: 1, InProgress: 1},
		"4,000 devices: 3,000 failed":              {Total: 4000, Failed: 3000},
		"2 devices: 2 unknown (state codes [3 7])": {Total: 2, Unknown: 2, UnknownCodes: codesOf(3, 7)},
	}
	for want, h := range tests {
		if h.String() != want {
			t.Errorf("got %q, want %q", h, want)
		}
	}
	for _, one := range []struct {
		h    progress.Histogram
		want float64
	}{
		{progress.Histogram{}, 0},
		{progress.Histogram{Total: 3, Succeeded: 1}, 33.33},
		{progress.Histogram{Total: 5, Succeeded: 4, Cancelled: 1}, 100},
		{progress.Histogram{Total: 100_000, Succeeded: 99_999}, 99.99},
		{progress.Histogram{Total: 2, Cancelled: 2}, 0},
	} {
		if p := one.h.SuccessPercent(); p != one.want {
			t.Errorf("%s: %v %%, want %v", one.h, p, one.want)
		}
	}
}
