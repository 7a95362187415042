package ownership

import (
	"errors"
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

var task = aep.TaskKey{ProductID: 1, TaskID: 7}

// listing is the claim of a set that lists devices.
func listing(name string, ids ...string) Claim {
	return Claim{Key: task, Name: name, Owner: "owner of " + name, Wants: deviceset.Set(ids), Known: true}
}

// leaving is the claim of a set that is destroyed.
func leaving(name string, ids ...string) Claim {
	return Claim{
		Key: task, Name: name, Owner: "owner of " + name, Known: true, Destroyed: true,
		Cancels: deviceset.Set(ids), Had: deviceset.Set(ids),
	}
}

func with(c Claim, changes ...func(*Claim)) Claim {
	for _, change := range changes {
		change(&c)
	}
	return c
}

func TestConflictsOfTwoSets(t *testing.T) {
	t.Parallel()
	without := func(c *Claim) { c.Owner = "" }
	cancels2 := func(c *Claim) { c.Cancels = deviceset.Set{"2"} }
	unknownTask := func(c *Claim) { c.Key.TaskID = 0 }
	maybeNew := func(c *Claim) { c.Key.TaskID, c.MayBeNew = 0, true }
	for name, c := range map[string]struct {
		a, b    Claim
		want    Conflict // "" for none
		devices deviceset.Set
	}{
		"different devices": {listing("a", "1"), listing("b", "2"), "", nil},
		"one device":        {listing("a", "1", "2"), listing("b", "2", "3"), ConflictOverlap, deviceset.Set{"2"}},
		"one name":          {listing("a", "1"), with(listing("a", "2"), without), ConflictName, nil},
		"another task":      {listing("a", "1"), with(listing("b", "1"), func(c *Claim) { c.Key.TaskID = 8 }), "", nil},
		"a new label":       {leaving("a", "1"), with(listing("a", "1"), without), ConflictAddress, deviceset.Set{"1"}},
		"a taken device":    {leaving("a", "1"), listing("b", "1"), ConflictAddress, deviceset.Set{"1"}},
		"two that leave":    {leaving("a", "1"), leaving("b", "1"), "", nil},
		"a hand-over":       {with(listing("a", "1"), cancels2), listing("b", "2"), ConflictHandOver, deviceset.Set{"2"}},
		"an unknown list": {
			with(listing("a", "1"), cancels2), with(listing("b"), func(c *Claim) { c.Known = false }), ConflictUnknown, nil,
		},
		"an exclusive set": {
			with(listing("a", "1"), func(c *Claim) { c.Exclusive = true }), listing("b", "2"), ConflictExclusive, nil,
		},
		"a set that exists": {
			with(listing("a", "1"), func(c *Claim) { c.Found = true }), with(listing("a", "1"), without), ConflictFound, nil,
		},
		"a set that cancels nothing": {
			with(listing("a", "1"), func(c *Claim) { c.Found, c.Keeps = true, true }), with(listing("a", "1"), without), "", nil,
		},
		"an unknown task": {
			with(listing("a", "1"), cancels2, unknownTask), listing("b", "2"), ConflictHandOver, deviceset.Set{"2"},
		},
		"a task that may be new": {leaving("a", "1"), with(listing("b", "1"), maybeNew), "", nil},
		"a task among candidates": {
			leaving("a", "1"), with(listing("b", "1"), maybeNew, func(c *Claim) { c.Candidates = []aep.TaskKey{task} }),
			ConflictAddress,
			deviceset.Set{"1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, order := range [][2]Claim{{c.a, c.b}, {c.b, c.a}} {
				var sets Sets
				if err := sets.Add(order[0]); err != nil {
					t.Fatal(err)
				}
				var got ConflictError
				if conflict, ok := errors.AsType[*ConflictError](sets.Add(order[1])); ok {
					got = *conflict
				}
				if got.Conflict != c.want || !slices.Equal(got.Devices, c.devices) {
					t.Errorf("%q after %q: got %q about %v, want %q about %v",
						order[1].Name, order[0].Name, got.Conflict, got.Devices, c.want, c.devices)
				}
			}
		})
	}
}

func TestAClaimReplacesThatOfItsOwner(t *testing.T) {
	t.Parallel()
	var sets Sets
	for _, c := range []Claim{listing("a", "1", "2"), listing("a", "2"), listing("b", "1")} {
		if err := sets.Add(c); err != nil {
			t.Error(err)
		}
	}
	if got, want := sets.Listed(task, "owner of b"), (deviceset.Set{"2"}); !slices.Equal(got, want) {
		t.Errorf("the other sets list %v, want %v", got, want)
	}
}

func TestTasksThatStayLeaveAndCome(t *testing.T) {
	t.Parallel()
	other := aep.TaskKey{ProductID: 2, TaskID: 3}
	var tasks Tasks
	tasks.MarkFound(task)
	if !tasks.IsLeaving(task) || tasks.IsStaying(task) || tasks.IsLeaving(other) {
		t.Error("a task that was read and not planned counts as leaving, and no other task does")
	}
	tasks.MarkStaying(task)
	tasks.MarkStaying(other)
	if tasks.IsLeaving(task) || !tasks.IsStaying(task) {
		t.Error("a task that a plan keeps stays")
	}
	if got, want := tasks.Staying(0), []aep.TaskKey{task, other}; !slices.Equal(got, want) {
		t.Errorf("staying are %v, want %v", got, want)
	}
	tasks.MarkLeaving(task)
	if !tasks.IsLeaving(task) || len(tasks.Staying(1)) > 0 {
		t.Error("a task that a plan destroys leaves")
	}
	tasks.MarkComing(1)
	if !tasks.IsComing(1) || tasks.IsComing(2) {
		t.Error("a task of product 1 comes, and none of product 2")
	}
	tasks.MarkComing(0)
	if !tasks.IsComing(2) {
		t.Error("a task of an unknown product may be of product 2")
	}
}

func TestOriginOfATaskOnlyRises(t *testing.T) {
	t.Parallel()
	var tasks Tasks
	tasks.MarkWanted(task)
	if !tasks.Manage(task) {
		t.Error("a managed task that another plan wants is contested")
	}
	tasks.MarkAdopted(task)
	if tasks.Manage(task) || !tasks.Adopted(task) || !tasks.Owns(task) || tasks.IsForeign(task) {
		t.Error("an adopted task stays adopted, and is not contested")
	}
	tasks.Vacate(task)
	if got := tasks.Vacated(1); !slices.Equal(got, []aep.TaskKey{task}) {
		t.Errorf("vacated are %v, want %v", got, task)
	}
	tasks.MarkDeleting(task)
	if got := tasks.Vacated(1); len(got) > 0 {
		t.Errorf("vacated are %v after the delete has begun", got)
	}
}

// A change that was broken off may not have cancelled the devices that left its set.
func TestDevicesOfASetThatWasChanged(t *testing.T) {
	t.Parallel()
	c := with(listing("a", "1", "2"), func(c *Claim) { c.Cancels, c.LeftOut = deviceset.Set{"3"}, deviceset.Set{"2"} })
	var sets Sets
	if err := sets.Add(c); err != nil {
		t.Fatal(err)
	}
	if got, want := DevicesOf([]Claim{c}), (deviceset.Set{"1", "3"}); !slices.Equal(got, want) {
		t.Errorf("before the change: got %v, want %v", got, want)
	}
	sets.MarkApplied(task, c.Owner, c.Name, Change{Active: deviceset.Set{"1"}, LeftOut: c.LeftOut})
	if got, want := DevicesOf(sets.byTask[task]), (deviceset.Set{"1"}); !slices.Equal(got, want) {
		t.Errorf("after the change: got %v, want %v", got, want)
	}
}
