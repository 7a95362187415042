package campaign

import (
	"context"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// purpose is what a procedure does with the devices of a task for a while.
type purpose int

const (
	reading    purpose = iota // of lists, which must not change meanwhile
	joining                   // several sets may let devices join at a time
	cancelling                // one procedure at a time
	starting                  // one procedure at a time
)

// rooms let procedures that work on one task in together only if they get on
// with each other: a list that grows while it is read never comes out whole.
// Several sets of one task so join their devices first, and then share one
// reading of the list. The zero value is ready.
type rooms struct {
	mu     sync.Mutex
	byTask map[aep.TaskKey]*room
}

type room struct {
	purpose purpose
	inside  int
	waiting []*visitor
}

type visitor struct {
	purpose purpose
	let     chan struct{} // closed once the visitor is in
}

// visit does something once the room of a task is free for it.
func (r *rooms) visit(ctx context.Context, key aep.TaskKey, p purpose, do func() error) error {
	v := r.knock(key, p)
	select {
	case <-v.let:
	case <-ctx.Done():
		r.giveUp(key, v)
		return context.Cause(ctx)
	}
	defer r.leave(key)
	return do()
}

func (r *rooms) knock(key aep.TaskKey, p purpose) *visitor {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byTask == nil {
		r.byTask = make(map[aep.TaskKey]*room)
	}
	it := r.byTask[key]
	if it == nil {
		it = &room{}
		r.byTask[key] = it
	}
	v := &visitor{purpose: p, let: make(chan struct{})}
	it.waiting = append(it.waiting, v)
	it.admit()
	return v
}

func (r *rooms) leave(key aep.TaskKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out(key)
}

// giveUp takes back a knock, whether or not it was answered meanwhile.
func (r *rooms) giveUp(key aep.TaskKey, v *visitor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	it := r.byTask[key]
	for i, other := range it.waiting {
		if other == v {
			it.waiting = append(it.waiting[:i:i], it.waiting[i+1:]...)
			return
		}
	}
	r.out(key)
}

func (r *rooms) out(key aep.TaskKey) {
	it := r.byTask[key]
	it.inside--
	it.admit()
	if it.inside == 0 {
		delete(r.byTask, key)
	}
}

// admit lets in whoever may enter now: into an empty room the first who waits,
// and then all who come for the same.
func (it *room) admit() {
	waiting := it.waiting
	it.waiting = nil
	for _, v := range waiting {
		if it.inside > 0 && (v.purpose != it.purpose || v.purpose >= cancelling) {
			it.waiting = append(it.waiting, v)
			continue
		}
		it.purpose = v.purpose
		it.inside++
		close(v.let)
	}
}
