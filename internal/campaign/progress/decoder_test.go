package progress

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

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
		table    CodeTable
		codes    []string
		want     Histogram
	}{
		"nothing": {aep.LwM2M, TableAuto, nil, Histogram{Table: TableAuto}},
		"a bare 3 is over, but how": {
			aep.LwM2M, TableAuto,
			[]string{"3", "3"},
			Histogram{Total: 2, Unknown: 2, UnknownCodes: codesOf(3), Undecided: true, Ended: 2, Table: TableAuto},
		},
		"a 3 with a version": {aep.LwM2M, TableAuto, []string{"3", "3v"}, Histogram{Total: 2, Succeeded: 2, Table: Table2022}},
		"a 3 beside an old code": {
			aep.LwM2M, TableAuto,
			[]string{"3", "8"},
			Histogram{Total: 2, Succeeded: 1, Failed: 1, Table: Table2019},
		},
		"a 3 with a version beside an old code": {
			aep.LwM2M, TableAuto,
			[]string{"3v", "6"},
			Histogram{Total: 2, InProgress: 1, Failed: 1, Table: Table2019},
		},
		"what the tables read differently": {
			aep.LwM2M, TableAuto,
			[]string{"4", "5", "1", "0", "2"},
			Histogram{
				Total: 5, Waiting: 1, InProgress: 1, Unknown: 3, UnknownCodes: codesOf(4, 5, 1), Undecided: true, Ended: 1, Table: TableAuto,
			},
		},
		"a failure that has ended": {
			aep.LwM2M, TableAuto,
			[]string{"4e", "5", "1", "3"},
			Histogram{
				Total: 4, Waiting: 1, Failed: 1, Cancelled: 1, Unknown: 1, UnknownCodes: codesOf(3), Undecided: true, Ended: 1, Table: Table2022,
			},
		},
		"a download after a retry": {
			aep.LwM2M, TableAuto,
			[]string{"4r"},
			Histogram{Total: 1, Unknown: 1, UnknownCodes: codesOf(4), Undecided: true, Table: TableAuto},
		},
		"a 3 with the version of before": {
			aep.LwM2M, TableAuto,
			[]string{"3s"},
			Histogram{Total: 1, Unknown: 1, UnknownCodes: codesOf(3), Undecided: true, Ended: 1, Table: TableAuto},
		},
		"old cancelling": {
			aep.LwM2M, TableAuto,
			[]string{"9", "10", "11"},
			Histogram{Total: 3, InProgress: 2, Cancelled: 1, Table: Table2019},
		},
		"configured to be old": {
			aep.LwM2M, Table2019,
			[]string{"0", "1", "2", "3v", "4", "5"},
			Histogram{Total: 6, Waiting: 1, InProgress: 2, Failed: 3, Table: Table2019},
		},
		"configured to be new": {
			aep.LwM2M, Table2022,
			[]string{"0", "1", "2", "3", "4", "5"},
			Histogram{Total: 6, Waiting: 2, InProgress: 1, Succeeded: 1, Failed: 1, Cancelled: 1, Table: Table2022},
		},
		"an old code in the new table": {
			aep.LwM2M, Table2022,
			[]string{"8"},
			Histogram{Total: 1, Unknown: 1, UnknownCodes: codesOf(8), Table: Table2022},
		},
		"a number of no table": {
			aep.LwM2M, TableAuto,
			[]string{"12", "-1"},
			Histogram{Total: 2, Unknown: 2, UnknownCodes: codesOf(12, -1), Table: TableAuto},
		},
		"t_link": {
			aep.TLink, TableAuto,
			[]string{"1", "2", "3", "4", "0", "5", "8"},
			Histogram{Total: 7, Waiting: 1, InProgress: 1, Succeeded: 1, Failed: 1, Unknown: 3, UnknownCodes: codesOf(0, 5, 8), Table: TableAuto},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(test.codes...)
			states := Counts{Decoder: *NewDecoder(test.protocol, test.table)}.Tally(rows)
			if got := states.Histogram(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			sum := map[Phase]int64{}
			for _, row := range rows {
				sum[states.Phase(row.Code)]++
			}
			for _, p := range Phases {
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
	want2019 := []Phase{
		Waiting, Failed, InProgress, Failed, InProgress, Failed, InProgress, Failed, Succeeded, InProgress,
		Cancelled, InProgress,
	}
	wantAuto := append([]Phase{Waiting, Unknown, InProgress, Unknown, Unknown, Unknown}, want2019[6:]...)
	for code := range want2019 {
		if got := PhaseOf(aep.LwM2M, aep.SubtaskCode(code), Table2019); got != want2019[code] {
			t.Errorf("2019: %d is %s, want %s", code, got, want2019[code])
		}
		if got := PhaseOf(aep.LwM2M, aep.SubtaskCode(code), TableAuto); got != wantAuto[code] {
			t.Errorf("auto: %d is %s, want %s", code, got, wantAuto[code])
		}
	}
	for _, code := range []aep.SubtaskCode{-1, 12, 1 << 40} {
		for _, table := range CodeTables {
			if got := PhaseOf(aep.LwM2M, code, table); got != Unknown || got.Final() {
				t.Errorf("%s: %d is %s", table, code, got)
			}
		}
	}
}

// The version that an upgrade brings must be the task's.
func TestAnotherVersionProvesNothing(t *testing.T) {
	t.Parallel()
	for firmware, want := range map[string]Phase{"": Succeeded, "1.1": Succeeded, "2.0": Unknown} {
		d := NewDecoder(aep.LwM2M, TableAuto)
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
	d := NewDecoder(aep.LwM2M, TableAuto)
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
