package progress

import (
	"maps"
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

func TestCountsThatMayLackADevice(t *testing.T) {
	t.Parallel()
	running := Query{Protocol: aep.LwM2M, DeviceCount: 5}
	finished := Query{Protocol: aep.LwM2M, Finished: true}
	type counted = map[aep.SubtaskCode]int64
	for name, c := range map[string]struct {
		q       Query
		table   CodeTable
		counted counted
		want    bool
	}{
		"as many as the task shows":      {running, Table2019, counted{8: 3, 7: 2}, false},
		"fewer":                          {running, Table2019, counted{8: 3, 10: 1}, false},
		"more":                           {running, Table2019, counted{8: 3, 7: 3}, true},
		"cancelled":                      {running, Table2019, counted{8: 4, 10: 1}, true},
		"cancelled in one numbering":     {running, TableAuto, counted{3: 4, 5: 1}, true},
		"failed by the numbering in use": {running, Table2019, counted{8: 4, 5: 1}, false},
		"an active device":               {running, Table2019, counted{8: 4, 10: 1, 6: 1}, false},
		"perhaps an active device":       {running, TableAuto, counted{3: 5, 10: 1, 4: 1}, false},
		"number not known":               {Query{Protocol: aep.LwM2M}, Table2022, counted{3: 5}, true},
		"no devices":                     {Query{Protocol: aep.LwM2M}, Table2022, counted{3: 0}, false},
		"a finished task":                {finished, Table2019, counted{8: 4, 10: 1}, false},
		"t_link":                         {Query{Protocol: aep.TLink}, TableAuto, counted{3: 5, 4: 1}, false},
	} {
		s := NewCounts(c.q, c.table)
		for _, code := range slices.Sorted(maps.Keys(c.counted)) {
			s.Counted[code] = c.counted[code]
		}
		if got := s.MayLack(); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

// TestRoundsHaveEveryCodeOnce insists that no round has more codes than the default number of concurrent requests,
// and that a state which is active in a possible numbering is in no later round than a state which is final.
func TestRoundsHaveEveryCodeOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		protocol aep.Protocol
		table    CodeTable
		first    aep.SubtaskCode
		last     aep.SubtaskCode
	}{
		"auto": {aep.LwM2M, TableAuto, 0, 11}, "2019": {aep.LwM2M, Table2019, 0, 11}, "2022": {aep.LwM2M, Table2022, 0, 5},
		"t_link": {aep.TLink, TableAuto, 1, 4},
	} {
		var all []aep.SubtaskCode
		rest := false
		for _, round := range Rounds(c.protocol, c.table) {
			all = append(all, round...)
			active := slices.ContainsFunc(round, NewDecoder(c.protocol, c.table).MaybeActive)
			if len(round) > aep.DefaultMaxConcurrentRequests || rest && active {
				t.Errorf("%s: got the rounds %v", name, Rounds(c.protocol, c.table))
			}
			rest = rest || !active
		}
		if got := Codes(c.protocol, c.table); !slices.Equal(got, all) {
			t.Errorf("%s: got the codes %v, want %v", name, got, all)
		}
		slices.Sort(all)
		for i, code := range all {
			if code != c.first+aep.SubtaskCode(i) || all[len(all)-1] != c.last {
				t.Errorf("%s: got the codes %v, want %d to %d, each once", name, all, c.first, c.last)
				break
			}
		}
	}
}
