package provider

import (
	"slices"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// taskRegister records which tasks the plan of one walk destroys and creates. It needs no connection: it also
// serves plans whose provider configuration is not known yet. The zero value is ready for use.
type taskRegister struct {
	mu     sync.Mutex
	ended  []taskEnd
	coming []taskLikeness
}

// taskLikeness holds the values that decide whether a task repeats another task. They may be unknown.
type taskLikeness struct {
	productID, firmwareID types.Int64
	name                  types.String
}

// taskEnd is the planned destroy, or the planned change of the name, of a task that may have been started.
type taskEnd struct {
	key      aep.TaskKey
	like     taskLikeness
	evidence startEvidence
}

// startEvidence is the reason why a task counts as started.
type startEvidence int

const (
	seenStarted startEvidence = iota // the platform shows that it was started
	taskGone                         // the task does not exist any more
	taskNotRead                      // the task could not be read
	taskRenamed                      // the platform shows that it was started; the plan changes its name
)

// mayBe reports whether two tasks are alike, or may turn out to be alike.
func (l taskLikeness) mayBe(other taskLikeness) bool {
	number := func(a, b types.Int64) bool { return a.IsUnknown() || b.IsUnknown() || a.Equal(b) }
	return number(l.productID, other.productID) && number(l.firmwareID, other.firmwareID) &&
		(l.name.IsUnknown() || other.name.IsUnknown() || campaign.SameText(l.name.ValueString(), other.name.ValueString()))
}

// unknown returns the names of the arguments that are not known yet.
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

// ends records the end of a task. It returns a like task that the plan creates, if there is one.
func (r *taskRegister) ends(end taskEnd) (like taskLikeness, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, end)
	if n := slices.IndexFunc(r.coming, end.like.mayBe); n >= 0 {
		return r.coming[n], true
	}
	return taskLikeness{}, false
}

// comes records that the plan creates a task. It returns the end of a like task, if there is one.
func (r *taskRegister) comes(like taskLikeness) (end taskEnd, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = append(r.coming, like)
	if n := slices.IndexFunc(r.ended, func(e taskEnd) bool { return e.like.mayBe(like) }); n >= 0 {
		return r.ended[n], true
	}
	return taskEnd{}, false
}

// repeats returns the tasks that the plan destroys while it creates a task of the same product and firmware,
// under any name.
func (r *taskRegister) repeats() (keys []aep.TaskKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, end := range r.ended {
		if slices.ContainsFunc(r.coming, func(like taskLikeness) bool {
			like.name = end.like.name
			return end.like.mayBe(like)
		}) {
			keys = append(keys, end.key)
		}
	}
	return keys
}

// created records that an apply creates a task. A like task that the same walk destroys afterwards is its
// predecessor.
func (r *taskRegister) created(like taskLikeness) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = slices.DeleteFunc(r.coming, like.mayBe)
}
