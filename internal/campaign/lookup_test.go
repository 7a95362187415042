package campaign

import (
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestMembersAreWhateverStateTheyAreIn(t *testing.T) {
	t.Parallel()
	leave := func(o *simulator.Options) {
		o.Quirks.FinishedLeaveJoined, o.Quirks.CancelledLeaveJoined, o.Quirks.TLinkCancelShowsFailed = true, true, true
	}
	everywhere(t, setting{devices: 30, change: leave}, func(t *testing.T, w *world) {
		all := w.devices(30)
		key := w.task(all[:20]...)
		w.must(w.cancelled(key, all[:5]...))
		w.must(w.Start(key.TaskID))
		w.must(w.Finish(key.TaskID))
		for _, asked := range []deviceset.Set{all, all[3:4], all[18:22], all[25:], nil} {
			got, err := w.FindMembers(bg(), MemberQuery{Key: key, Protocol: w.protocol, IDs: asked, Expected: 20, Pending: false})
			w.must(err)
			if want := asked.Minus(all[20:]); !slices.Equal(got.All, want) {
				t.Errorf("of %d devices %d are members, want %d", len(asked), len(got.All), len(want))
			}
		}
	})
}

func TestMembersAreNotTakenForOthersWithASimilarID(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 30}, func(t *testing.T, w *world) {
		all := w.devices(30)
		key := w.task(all[:2]...)
		w.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpDevices, Times: -1, Rewrite: func([]byte) []byte {
			return []byte(`{"code":0,"msg":"ok","result":{"total":1,"list":[{"deviceId":"` + all[0] + `","taskId":59}]}}`)
		}})
		got, err := w.FindMembers(bg(), MemberQuery{Key: key, Protocol: w.protocol, IDs: all[7:8], Expected: 1000, Pending: false})
		w.must(err)
		if len(got.All) > 0 {
			t.Errorf("%v is a member", got.All)
		}
	})
}
