package campaign

import (
	"slices"
	"strconv"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// A selection by device or by subtask finds what it names, and reports what the task lacks.
func TestSelectNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 40}, func(t *testing.T, w *world) {
		all := w.devices(40)
		key := w.task(all[:30]...)
		named := deviceset.Of([]string{all[35], all[3], all[29], all[0], all[38]})
		got, err := w.Select(bg(), key, Selection{DeviceIDs: named})
		w.must(err)
		found, want := devicesOf(got.Subtasks), deviceset.Set{all[0], all[3], all[29]}
		if missing := deviceset.Set(got.Missing); !slices.Equal(found, want) || !slices.Equal(missing, named.Minus(want)) {
			t.Errorf("found %v, missing %v, want %v and %v", found, missing, want, named.Minus(want))
		}
		// For many devices the list is read.
		got, err = w.Select(bg(), key, Selection{DeviceIDs: all})
		w.must(err)
		if missing := deviceset.Set(got.Missing); !slices.Equal(missing, all[30:]) {
			t.Errorf("missing are %v, want %v", missing, all[30:])
		}
		id := got.Subtasks[0].ID
		got, err = w.Select(bg(), key, Selection{SubtaskIDs: []int64{id, 1}}, progress.Waiting)
		w.must(err)
		if len(got.Subtasks) != 1 || got.Subtasks[0].ID != id || !slices.Equal(got.Missing, []string{strconv.Itoa(1)}) {
			t.Errorf("got %+v, missing %v, want subtask %d and missing 1", got.Subtasks, got.Missing, id)
		}
	})
}
