package campaign

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// dealt deals versions to the generated devices of both products in turn.
func dealt(versions ...string) func(*simulator.Options) {
	return func(o *simulator.Options) {
		for i := range o.Products {
			o.Products[i].Versions = versions
		}
	}
}

// reporting returns the devices of ids that report a version.
func (w *world) reporting(ids deviceset.Set, version string) (set deviceset.Set) {
	for _, id := range ids {
		if d, _ := w.Device(w.product, id); d.FirmwareVersion == version {
			set = append(set, id)
		}
	}
	return set
}

func (w *world) current(key aep.TaskKey) string {
	task, err := w.ReadTask(bg(), key)
	w.must(err)
	return task.FirmwareVersion
}

// attachBy attaches devices with a filter.
func (w *world) attachBy(key aep.TaskKey, ids deviceset.Set, f VersionFilter, group string) (AttachResult, error) {
	return w.Attach(bg(), AttachRequest{
		Key: key, Protocol: w.protocol, DeviceIDs: ids, BatchSize: 100, Pending: true, Versions: f, GroupID: group,
	})
}

// wantSets compares sets of devices by name.
func wantSets(t *testing.T, got, want map[string]deviceset.Set) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !slices.Equal(got[name], want[name]) {
			t.Errorf("%s: got %d devices %v, want %d %v", name, len(got[name]), got[name], len(want[name]), want[name])
		}
	}
}

func (l LeftOut) named() map[string]deviceset.Set {
	return map[string]deviceset.Set{"other": l.Other, "current": l.Current, "no version": l.NoVersion, "not found": l.NotFound}
}

func TestAttachSelectsByVersion(t *testing.T) {
	t.Parallel()
	versions := []string{"1", "2", simulator.NoVersion, "1.3251", "10.3", " 1 "}
	firmware := map[aep.Protocol]string{aep.LwM2M: "1.3251", aep.TLink: "10.3"}
	for name, filter := range map[string]VersionFilter{
		"all":                               {},
		"unknown versions alone":            {SkipUnknown: true},
		"from one":                          {From: []string{"1"}},
		"from two":                          {From: []string{"2", "1"}},
		"from one, skip unknown":            {From: []string{"1"}, SkipUnknown: true},
		"skip current":                      {SkipCurrent: true},
		"skip current and unknown":          {SkipCurrent: true, SkipUnknown: true},
		"from some with the current":        {From: []string{"1", "1.3251", "10.3"}, SkipCurrent: true},
		"from a version that no device has": {From: []string{"3"}, SkipUnknown: true},
		"a part of a version is no version": {From: []string{"1.325"}, SkipUnknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{devices: 30, change: dealt(versions...)}, func(t *testing.T, w *world) {
				listed, current := w.devices(30), firmware[w.protocol]
				ghosts := deviceset.Set{"no-such-device"}
				filter := filter
				filter.Current = current
				want := map[string]deviceset.Set{}
				for _, id := range listed {
					d, _ := w.Device(w.product, id)
					version := strings.TrimSpace(d.FirmwareVersion)
					switch {
					case !filter.Selects():
					case version == "" && filter.SkipUnknown:
						want["no version"] = append(want["no version"], id)
					case version == "":
					case version == current && filter.SkipCurrent:
						want["current"] = append(want["current"], id)
					case len(filter.From) > 0 && !slices.Contains(filter.From, version):
						want["other"] = append(want["other"], id)
					}
				}
				for _, name := range []string{"no version", "current", "other", "not found"} {
					want[name] = append(deviceset.Set{}, want[name]...)
				}
				if filter.Selects() {
					want["not found"] = ghosts
				}
				key := w.task()
				got, err := w.attachBy(key, listed.Union(ghosts), filter, "")
				w.must(err)
				wantSets(t, got.LeftOut.named(), want)
				joined := listed.Minus(got.LeftOut.All())
				w.wantAttached(got, joined)
				w.wantJoinedOnce(key, joined)
				sent := len(got.Failures) > 0 && !strings.HasPrefix(got.Failures[0].Message, "not sent")
				if len(got.Failures) != 1 || got.Failures[0].DeviceID != ghosts[0] || sent != !filter.Selects() {
					t.Errorf("the failures are %v", got.Failures)
				}
			})
		})
	}
}

// versionCalls returns how many calls have read versions: from the list of candidates, and from the service for devices.
func (w *world) versionCalls() (candidates, byID int) {
	for _, r := range w.Requests() {
		if r.Operation == simulator.OpDevices && r.Query.Get("isSelectDevice") == "2" {
			candidates++
		}
	}
	return candidates, w.Count(simulator.OpDevicesByID)
}

// TestVersionsTakeTheFewestCalls counts the calls that read versions. A product has 2,000 devices, in pages of 100 rows.
func TestVersionsTakeTheFewestCalls(t *testing.T) {
	t.Parallel()
	const some, group = 2000, "21001" // the group has every third device
	for _, c := range []struct {
		name                        string
		listed                      int
		group                       bool
		unsubscribed, silent, hides bool
		candidates, byID            int
	}{
		{name: "no device", listed: 0},
		{name: "one device", listed: 1, candidates: 1},
		{name: "one device, not subscribed", listed: 1, candidates: 1, unsubscribed: true},
		{name: "two devices", listed: 2, candidates: 1, byID: 1},
		{name: "two devices, not subscribed", listed: 2, candidates: 1 + 2, byID: 1, unsubscribed: true},
		{name: "150 devices", listed: 150, candidates: 1, byID: 2},
		{name: "150 devices, not subscribed", listed: 150, candidates: 1 + 20, byID: 1, unsubscribed: true},
		{name: "1,000 devices", listed: 1000, candidates: 1, byID: 10},
		{name: "all devices", listed: some, candidates: 20},
		{name: "all devices, not subscribed", listed: some, candidates: 20, unsubscribed: true},
		{name: "a group", listed: some / 3, group: true, candidates: 7},
		{name: "a group, not subscribed", listed: some / 3, group: true, candidates: 7, unsubscribed: true},
		{name: "a share of a group", listed: 10, group: true, candidates: 2, byID: 1},
		{name: "the service knows no version", listed: 150, candidates: 1 + 20, byID: 2, silent: true},
		{name: "no version is known", listed: 150, candidates: 1 + 20, byID: 2, silent: true, hides: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in(t, variants[0], setting{devices: some, change: func(o *simulator.Options) {
				dealt("1", "2")(o)
				o.Paging.MaxPageSize = 100
				if c.unsubscribed {
					o.LookUps.Unsubscribed = map[string]simulator.Unsubscribed{simulator.DeviceService: simulator.Unsubscribed403}
				}
				if c.silent {
					o.LookUps.HideVersions = simulator.Percent(100)
				}
				if c.hides {
					o.Quirks.HideVersions = simulator.Percent(100)
				}
			}}, func(t *testing.T, w *world) {
				ids, groupID := w.DeviceIDs(w.product), ""
				if c.group {
					groupID = group
					ids = slices.DeleteFunc(ids, func(id string) bool {
						d, _ := w.Device(w.product, id)
						return d.GroupID != group
					})
				}
				listed := deviceset.Of(ids[len(ids)-c.listed:]) // the list begins with other devices
				got, err := w.attachBy(w.task(), listed, VersionFilter{From: []string{"1"}, SkipUnknown: true}, groupID)
				w.must(err)
				if candidates, byID := w.versionCalls(); candidates != c.candidates || byID != c.byID {
					t.Errorf("%d calls of the list and %d of the service, want %d and %d", candidates, byID, c.candidates, c.byID)
				}
				want := w.reporting(listed, "1")
				if c.hides {
					want = nil
				}
				w.wantAttached(got, want)
			})
		})
	}
}

// A service that is not subscribed is asked once in a run.
func TestDeviceServiceIsAskedOnceIfItRefuses(t *testing.T) {
	t.Parallel()
	for _, way := range []simulator.Unsubscribed{
		simulator.Unsubscribed403, simulator.Unsubscribed401, simulator.Unsubscribed404, simulator.Unsubscribed400,
		simulator.UnsubscribedBusiness,
	} {
		t.Run(fmt.Sprint(way), func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{devices: 200, change: func(o *simulator.Options) {
				dealt("1", "2")(o)
				o.LookUps.Unsubscribed = map[string]simulator.Unsubscribed{simulator.DeviceService: way}
			}}, func(t *testing.T, w *world) {
				ids := w.devices(90)
				filter := VersionFilter{From: []string{"1"}, SkipUnknown: true}
				for part := range slices.Chunk(ids, 30) {
					key := w.task()
					got, err := w.attachBy(key, part, filter, "")
					w.must(err)
					w.wantAttached(got, w.reporting(part, "1"))
				}
				refusals := 1
				if way == simulator.Unsubscribed401 {
					refusals = w.Count(simulator.OpDevicesByID) // the clock is measured again
				}
				w.wantCount(simulator.OpDevicesByID, refusals)
				if n := w.Count(simulator.OpDevicesByID); n > 3 {
					t.Errorf("the service was asked %d times", n)
				}
			})
		})
	}
}

// A device that another task has is not offered for an upgrade. The service for devices still knows its version.
func TestVersionsOfDevicesThatAreNotOffered(t *testing.T) {
	t.Parallel()
	for name, subscribed := range map[string]bool{"subscribed": true, "not subscribed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, setting{devices: 200, change: func(o *simulator.Options) {
				dealt("1", "2")(o)
				if !subscribed {
					o.LookUps.Unsubscribed = map[string]simulator.Unsubscribed{simulator.DeviceService: simulator.Unsubscribed403}
				}
			}}, func(t *testing.T, w *world) {
				ids := w.devices(20)
				busy := ids[:4]
				w.task(busy...)
				got, err := w.attachBy(w.task(), ids, VersionFilter{From: []string{"1"}, SkipUnknown: true}, "")
				w.must(err)
				w.wantAttached(got, w.reporting(ids[4:], "1"))
				want := map[string]deviceset.Set{"other": w.reporting(ids[4:], "2"), "not found": busy}
				if subscribed {
					want = map[string]deviceset.Set{"other": w.reporting(ids, "2"), "not found": nil}
				}
				wantSets(t, got.LeftOut.named(), want)
			})
		})
	}
}

// Cancelled devices are decided about like others. A device that does not join again stays a cancelled member.
func TestCancelledDevicesJoinAgainByVersion(t *testing.T) {
	t.Parallel()
	leave := func(o *simulator.Options) {
		dealt("1", "2")(o)
		o.Quirks.CancelledLeaveJoined, o.Quirks.TLinkCancelShowsFailed = true, true
	}
	everywhere(t, setting{devices: 10, change: leave}, func(t *testing.T, w *world) {
		ids := w.devices(8)
		key := w.task(ids[:6]...)
		w.must(w.cancelled(key, ids[:6]...))
		result, err := w.ChangeSet(bg(), SetChange{
			Key: key, Protocol: w.protocol, Name: "s", Pending: true, Wants: ids, Versions: VersionFilter{From: []string{"1"}},
		})
		w.must(err)
		old, fresh := w.reporting(ids[:6], "2"), w.reporting(ids[6:], "2")
		wantSets(t, map[string]deviceset.Set{
			"members": result.Members.All, "cancelled": result.Members.Cancelled, "skipped": result.Members.Skipped,
			"left out": result.LeftOut.All(),
		}, map[string]deviceset.Set{
			"members": w.reporting(ids, "1").Union(old), "cancelled": old, "skipped": fresh, "left out": fresh,
		})
		if len(result.Dead)+len(result.Missing) > 0 {
			t.Errorf("failures: %v %v", result.Dead, result.Missing)
		}
		for _, id := range ids {
			want := 1
			if w.reporting(ids[:6], "1").Contains(id) {
				want = 2
			}
			if fresh.Contains(id) {
				want = 0
			}
			if n := w.JoinCount(key.TaskID, id); n != want {
				t.Errorf("device %s was joined %d times, want %d", id, n, want)
			}
		}
	})
}

// A cancelled device that another task has is not offered for an upgrade. The list of its own task has its version.
func TestVersionOfACancelledDeviceThatIsNotOffered(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 10, change: dealt("1", "2")}, func(t *testing.T, w *world) {
		one, two := w.reporting(w.devices(10), "1"), w.reporting(w.devices(10), "2")
		for _, n := range []int{1, 3} {
			key := w.task(one[n : n+1].Union(two[:n])...)
			w.must(w.cancelled(key, two[:n]...))
			other := w.task(two[:n]...)
			got, err := w.attachBy(key, two[:n], VersionFilter{From: []string{"1"}}, "")
			w.must(err)
			wantSets(t, map[string]deviceset.Set{"cancelled": got.StayCancelled, "attached": got.Attached, "left out": got.LeftOut.All()},
				map[string]deviceset.Set{"cancelled": two[:n], "attached": two[:n], "left out": nil})
			if len(got.Failures)+len(got.Cancelled) > 0 {
				t.Errorf("failures: %v %v", got.Failures, got.Cancelled)
			}
			w.must(w.Platform.DeleteTask(other.TaskID))
		}
	})
}

// TestVersionsAreDecidedOnce changes a set again and again, while its devices change their versions.
func TestVersionsAreDecidedOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 20, change: dealt("1", "2")}, func(t *testing.T, w *world) {
		ids, key := w.devices(12), w.task()
		change := SetChange{
			Key: key, Protocol: w.protocol, Owner: "o", Name: "s", Pending: true, Wants: ids[:10], Versions: VersionFilter{From: []string{"1"}},
		}
		one, two := w.reporting(ids[:10], "1"), w.reporting(ids[:10], "2")
		step := func(what string, members, skipped deviceset.Set) {
			t.Helper()
			result, err := w.ChangeSet(bg(), change)
			w.must(err)
			change.Members = result.Members
			wantSets(t, map[string]deviceset.Set{"members " + what: result.Members.All, "skipped " + what: result.Members.Skipped},
				map[string]deviceset.Set{"members " + what: members, "skipped " + what: skipped})
			w.wantJoinedOnce(key, members)
		}
		step("at first", one, two)
		w.must(w.SetDeviceVersion(w.product, "3", one...))
		w.must(w.SetDeviceVersion(w.product, "1", two...))
		w.ResetJournal()
		step("after their versions have changed", one, two)
		w.wantCount(simulator.OpOperational, 0)
		w.wantCalls("a change of nothing", 0)

		w.must(w.SetDeviceVersion(w.product, "3", ids[10]))
		w.must(w.SetDeviceVersion(w.product, "1", ids[11]))
		change.Wants = ids
		step("with two more devices", one.Union(ids[11:]), two.Union(ids[10:11]))

		change.Wants = ids.Minus(two[:1]).Minus(ids[10:11])
		step("without two devices that were left out", one.Union(ids[11:]), two[1:])
		change.Wants = ids
		step("with these devices again", one.Union(ids[11:]).Union(two[:1]), two[1:].Union(ids[10:11]))

		change.Versions = VersionFilter{From: []string{"3"}}
		step("with another filter", one.Union(ids[11:]).Union(two[:1]), two[1:].Union(ids[10:11]))
		change.Finished, change.Versions = true, VersionFilter{}
		step("once the task has finished", one.Union(ids[11:]).Union(two[:1]), two[1:].Union(ids[10:11]))
		change.Finished = false
		step("without a filter", ids, nil)
	})
}

// Devices that have joined in a run that was interrupted are members of the next one, whatever they report now.
func TestInterruptedAttachKeepsWhatHasJoined(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 20, change: dealt("1", "2")}, func(t *testing.T, w *world) {
		ids := w.devices(20)
		one := w.reporting(ids, "1")
		key := w.task(one[:5]...)
		w.must(w.SetDeviceVersion(w.product, "3", one[:5]...))
		w.must(w.SetDeviceVersion(w.product, "3", one[5]))
		got, err := w.attachBy(key, ids, VersionFilter{From: []string{"1"}, SkipUnknown: true}, "")
		w.must(err)
		w.wantAttached(got, one.Minus(one[5:6]))
		w.wantJoinedOnce(key, one.Minus(one[5:6]))
	})
}

// versionFaults are responses of a platform that does not show the versions.
var versionFaults = map[string]simulator.Fault{
	"refused": {Kind: simulator.BusinessError, Code: 9001}, "HTTP 500": {Kind: simulator.StatusBefore, Status: 500},
	"HTTP 403": {Kind: simulator.StatusBefore, Status: 403}, "null": {Kind: simulator.NullBody}, "empty": {Kind: simulator.EmptyResult},
}

// If versions can't be read, no device joins: a device without a known version might be upgraded by mistake.
func TestNoDeviceJoinsIfVersionsCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, fault := range versionFaults {
		for _, n := range []int{1, 2, 40} {
			t.Run(fmt.Sprint(name, ", ", n, " devices"), func(t *testing.T) {
				t.Parallel()
				everywhere(t, setting{devices: 100, change: dealt("1", "2")}, func(t *testing.T, w *world) {
					key, fault := w.task(), fault
					fault.Times = 1000
					fault.When = func(r simulator.Request) bool {
						return r.Operation == simulator.OpDevices && r.Query.Get("isSelectDevice") == "2" || r.Operation == simulator.OpDevicesByID
					}
					w.Inject(fault)
					got, err := w.attachBy(key, w.devices(n), VersionFilter{From: []string{"2"}}, "")
					if err == nil || len(got.Attached)+len(got.LeftOut.All()) > 0 {
						t.Errorf("got %d attached, %d left out, error %v", len(got.Attached), len(got.LeftOut.All()), err)
					}
					w.wantCount(simulator.OpOperational, 0)
				})
			})
		}
	}
}

func TestSkipCurrentNeedsTheVersionOfTheTask(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 10}, func(t *testing.T, w *world) {
		key := w.task()
		_, err := w.attachBy(key, w.devices(5), VersionFilter{SkipCurrent: true, Current: " "}, "")
		if _, ok := errors.AsType[*NoFirmwareVersionError](err); !ok {
			t.Errorf("got error %v", err)
		}
		w.wantCount(simulator.OpOperational, 0)
		if w.current(key) == "" {
			t.Error("the platform gives no version")
		}
	})
}

// The limit of a run counts the devices that join.
func TestLimitCountsSelectedDevices(t *testing.T) {
	t.Parallel()
	limit := int64(5)
	everywhere(t, setting{devices: 20, change: dealt("1", "2"), options: Options{MaxDevices: &limit}}, func(t *testing.T, w *world) {
		ids := w.devices(20)
		one := w.reporting(ids, "1")
		first := ids[:slices.Index(ids, one[5])] // five devices of version 1
		got, err := w.attachBy(w.task(), first, VersionFilter{From: []string{"1"}}, "")
		w.must(err)
		w.wantAttached(got, one[:5])
		key := w.task()
		_, err = w.attachBy(key, one[5:6], VersionFilter{From: []string{"1"}}, "")
		if e, ok := errors.AsType[*LimitError](err); !ok || e.Excess != 1 {
			t.Errorf("got error %v", err)
		}
		w.wantJoinedOnce(key, nil)
	})
}

// A platform may compare ids without regard to case. The version decides before the spelling is reported.
func TestVersionOfADeviceInAnotherSpelling(t *testing.T) {
	t.Parallel()
	fold := func(o *simulator.Options) {
		dealt("1", "2")(o)
		o.Quirks.FoldIDs = true
	}
	in(t, variants[0], setting{devices: 20, change: fold}, func(t *testing.T, w *world) {
		for _, n := range []int{1, 6} {
			var ids deviceset.Set
			for _, id := range w.reporting(w.devices(20), "2")[:n] {
				ids = append(ids, strings.ToUpper(id))
			}
			ids = deviceset.Of(ids)
			got, err := w.attachBy(w.task(), ids, VersionFilter{From: []string{"1"}}, "")
			w.must(err)
			wantSets(t, got.LeftOut.named(), map[string]deviceset.Set{"other": ids})
			w.wantCount(simulator.OpOperational, 0)
			bad, err := w.NotCandidates(bg(), w.task(), ids)
			w.must(err)
			wantSets(t, map[string]deviceset.Set{"no candidates": bad}, map[string]deviceset.Set{"no candidates": ids})
		}
	})
}

// The service for devices knows devices that the platform does not offer for an upgrade.
func TestNotCandidatesTrustsTheListOnly(t *testing.T) {
	t.Parallel()
	everywhere(t, setting{devices: 200, change: func(o *simulator.Options) { o.Paging.MaxPageSize = 20 }}, func(t *testing.T, w *world) {
		ids := w.devices(40)
		w.task(ids[3])
		bad, err := w.NotCandidates(bg(), w.task(), ids)
		w.must(err)
		if !slices.Equal(bad, ids[3:4]) {
			t.Errorf("got %v, want the busy device %s", bad, ids[3])
		}
		w.wantCount(simulator.OpDevicesByID, 0)
	})
}

func TestRowWithoutAVersionReplacesNone(t *testing.T) {
	t.Parallel()
	versions := newDeviceVersions()
	versions.add(deviceset.Set{"a", "b"}, []aep.DeviceVersion{{ID: "a", Version: "1"}, {ID: "a"}, {ID: "b"}, {ID: "b", Version: " 2 "}})
	if want := map[string]string{"a": "1", "b": "2"}; !maps.Equal(versions.exact, want) {
		t.Errorf("got %v, want %v", versions.exact, want)
	}
}
