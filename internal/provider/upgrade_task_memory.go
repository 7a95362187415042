package provider

import (
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// taskMemory is what the tasks of one walk must know of each other. It needs no
// connection, so that it also works while the provider configuration is not known.
// The zero value is ready.
type taskMemory struct {
	mu     sync.Mutex
	ended  []taskEnd
	coming []taskLikeness
}

// taskLikeness is what two tasks have in common of which one is the other again. Its
// values may be unknown.
type taskLikeness struct {
	productID, firmwareID types.Int64
	name                  types.String
}

// taskEnd is the planned destroy of a task that was started, or may have been; or the
// change of its name.
type taskEnd struct {
	key      aep.TaskKey
	like     taskLikeness
	evidence startEvidence
}

// startEvidence is how a plan knows that a task may have been started.
type startEvidence int

const (
	seenStarted startEvidence = iota // the platform shows it
	taskGone                         // the platform does not have the task any more
	taskNotRead                      // the provider configuration is not known yet
	taskRenamed                      // the platform shows it; the task stays under another name
)

// mayBe reports whether two tasks are alike, or may turn out to be.
func (l taskLikeness) mayBe(other taskLikeness) bool {
	number := func(a, b types.Int64) bool { return a.IsUnknown() || b.IsUnknown() || a.Equal(b) }
	return number(l.productID, other.productID) && number(l.firmwareID, other.firmwareID) &&
		(l.name.IsUnknown() || other.name.IsUnknown() || campaign.SameText(l.name.ValueString(), other.name.ValueString()))
}

// unknown returns the arguments that are not known.
func (l taskLikeness) unknown() (arguments []string) {
	for _, one := range []struct {
		argument string
		unknown  bool
	}{
		{"product_id", l.productID.IsUnknown()}, {"firmware_id", l.firmwareID.IsUnknown()}, {"name", l.name.IsUnknown()},
	} {
		if one.unknown {
			arguments = append(arguments, one.argument)
		}
	}
	return arguments
}

// ends records that a plan destroys a task. The result is a task that the plan creates
// and that may be its like, if there is one.
func (m *taskMemory) ends(end taskEnd) (like taskLikeness, again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = append(m.ended, end)
	if n := slices.IndexFunc(m.coming, end.like.mayBe); n >= 0 {
		return m.coming[n], true
	}
	return taskLikeness{}, false
}

// comes records that a plan creates a task. The result is a task that the plan destroys
// and that may be its like, if there is one.
func (m *taskMemory) comes(like taskLikeness) (end taskEnd, again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coming = append(m.coming, like)
	if n := slices.IndexFunc(m.ended, func(e taskEnd) bool { return e.like.mayBe(like) }); n >= 0 {
		return m.ended[n], true
	}
	return taskEnd{}, false
}

// repeats returns the tasks that the plan destroys while it creates one of the same
// product and firmware, under whatever name.
func (m *taskMemory) repeats() (keys []aep.TaskKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, end := range m.ended {
		if slices.ContainsFunc(m.coming, func(like taskLikeness) bool {
			like.name = end.like.name
			return end.like.mayBe(like)
		}) {
			keys = append(keys, end.key)
		}
	}
	return keys
}

// made records that a task was created. What is destroyed after it in the same walk is
// its predecessor.
func (m *taskMemory) made(like taskLikeness) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coming = slices.DeleteFunc(m.coming, like.mayBe)
}
