package campaign

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

const (
	clockSlack     = 2 * time.Minute  // between the platform's clock and its createTime
	lookPatience   = 10 * time.Second // for looking after the caller has given up
	deletePatience = 30 * time.Second // for removing a task made in vain, even then
	createTries    = 3
	maxCandidates  = 10 // named in an error
)

// CreateRequest says which task to create.
type CreateRequest struct {
	aep.CreateTaskRequest
	// Adopt takes over a pending task of the same name and firmware that stands
	// there already, in place of refusing to make a second one.
	Adopt bool
}

// CreateResult is a task that this process has made or taken over.
type CreateResult struct {
	ID       int64
	Protocol aep.Protocol // 0 if the platform did not say
	Adopted  bool         // it stood there before
	// Found is true if the platform's answer was lost and the task was found by
	// looking for it.
	Found bool
}

// ExistingTaskError refuses to create a task beside pending ones of the same
// product, name and firmware: they may be what an earlier run left behind.
type ExistingTaskError struct {
	Request aep.CreateTaskRequest
	Keys    []aep.TaskKey
	Cause   error // why the outcome of a create is unknown; nil if none was sent
}

func (e *ExistingTaskError) Error() string {
	ids := make([]string, 0, len(e.Keys))
	for _, key := range e.Keys[:min(len(e.Keys), maxCandidates)] {
		ids = append(ids, key.String())
	}
	if more := len(e.Keys) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("and %d more", more))
	}
	tasks := "a pending task"
	if len(e.Keys) > 1 {
		tasks = fmt.Sprintf("%d pending tasks", len(e.Keys))
	}
	text := fmt.Sprintf("product %d already has %s named %q with firmware %d: %s",
		e.Request.ProductID, tasks, e.Request.Name, e.Request.FirmwareID, strings.Join(ids, ", "))
	if e.Cause != nil {
		text += fmt.Sprintf("; which of them is the one just asked for, if any, is not known: %v", e.Cause)
	}
	return text
}

func (e *ExistingTaskError) Unwrap() error { return e.Cause }

// creates serialises creates of one product and name, and remembers which tasks
// this process has made, so that no two resources take the same one.
type creates struct {
	mu      sync.Mutex
	busy    map[nameKey]chan struct{}
	claimed map[aep.TaskKey]bool
}

type nameKey struct {
	productID int64
	name      string
}

// CreateTask makes a task, and never two: before the call it looks for a
// pending task of the same name and firmware, the only trace that a killed run
// leaves; after an answer that was lost it looks whether the task is there
// before it sends again.
func (r *Runner) CreateTask(ctx context.Context, q CreateRequest) (CreateResult, error) {
	done, err := r.creates.enter(ctx, nameKey{q.ProductID, q.Name})
	if err != nil {
		return CreateResult{}, err
	}
	defer done()

	pending, err := r.pendingTwins(ctx, q.CreateTaskRequest)
	if err != nil {
		return CreateResult{}, err
	}
	switch {
	case len(pending) == 1 && q.Adopt:
		return r.claim(CreateResult{ID: pending[0].TaskID, Adopted: true}, q.ProductID), nil
	case len(pending) > 0:
		return CreateResult{}, &ExistingTaskError{Request: q.CreateTaskRequest, Keys: pending}
	}
	began := r.client.Now(ctx)
	for try := 1; ; try++ {
		made, err := r.client.CreateTask(ctx, q.CreateTaskRequest)
		r.tasks.forget(q.ProductID)
		if err == nil {
			return r.made(ctx, q.CreateTaskRequest, made)
		}
		if !aep.Ambiguous(err) {
			return CreateResult{}, err
		}
		found, certain, lookErr := r.lookFor(ctx, q.CreateTaskRequest, began)
		switch {
		case lookErr != nil:
			return CreateResult{}, unknownOutcome(q.CreateTaskRequest, err, lookErr)
		case certain:
			return r.claim(CreateResult{ID: found[0].TaskID, Found: true}, q.ProductID), nil
		case len(found) > 0:
			return CreateResult{}, &ExistingTaskError{Request: q.CreateTaskRequest, Keys: found, Cause: err}
		case try == createTries || context.Cause(ctx) != nil:
			return CreateResult{}, unknownOutcome(q.CreateTaskRequest, err, nil)
		}
	}
}

// made takes in a task that the platform has just created. One for a product of
// the other protocol is of no use, and removed again.
func (r *Runner) made(ctx context.Context, q aep.CreateTaskRequest, made aep.CreatedTask) (CreateResult, error) {
	wanted := aep.LwM2M
	if q.TimeoutHours != nil {
		wanted = aep.TLink
	}
	wrong := made.Protocol != wanted && (made.Protocol == aep.LwM2M || made.Protocol == aep.TLink)
	if wrong {
		return CreateResult{}, r.Discard(ctx, aep.TaskKey{ProductID: q.ProductID, TaskID: made.ID}, made.Protocol)
	}
	return r.claim(CreateResult{ID: made.ID, Protocol: made.Protocol}, q.ProductID), nil
}

// ProtocolError says that a product does not speak the protocol that the task's
// settings are for.
type ProtocolError struct {
	Key     aep.TaskKey
	Product aep.Protocol // what the product speaks
	Left    error        // why the task, which is of no use, could not be removed; nil if it was
}

func (e *ProtocolError) Error() string {
	text := fmt.Sprintf("product %d speaks %s", e.Key.ProductID, e.Product)
	if e.Left != nil {
		return fmt.Sprintf("%s, and task %d, made in vain, could not be deleted: %v", text, e.Key.TaskID, e.Left)
	}
	return text
}

func (e *ProtocolError) Unwrap() error { return e.Left }

// Discard deletes a task that was just made for a product of another protocol,
// and returns the *ProtocolError that says so. The delete is not given up when
// the caller is interrupted: nothing would remember the task.
func (r *Runner) Discard(ctx context.Context, key aep.TaskKey, product aep.Protocol) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deletePatience)
	defer cancel()
	return &ProtocolError{Key: key, Product: product, Left: r.DeleteTask(ctx, key, false, 1)}
}

func unknownOutcome(q aep.CreateTaskRequest, err, lookErr error) error {
	err = fmt.Errorf("it is not known whether the platform has created the task: %w", err)
	if lookErr != nil {
		err = fmt.Errorf("%w; looking for it failed too: %w", err, lookErr)
	}
	return fmt.Errorf("%w. The next apply looks for a pending task named %q before it creates one", err, q.Name)
}

// pendingTwins lists the pending tasks of the request's name and firmware that
// this process has not made.
func (r *Runner) pendingTwins(ctx context.Context, q aep.CreateTaskRequest) ([]aep.TaskKey, error) {
	list, err := r.client.Tasks(ctx, aep.TaskQuery{ProductID: q.ProductID, NameContains: q.Name}, 0)
	var twins []aep.TaskKey
	for _, t := range list.Rows {
		if r.matches(t, q) {
			twins = append(twins, t.Key())
		}
	}
	return twins, err
}

// matches reports whether a task may be the outcome of this request.
func (r *Runner) matches(t aep.Task, q aep.CreateTaskRequest) bool {
	return t.Name == q.Name && t.FirmwareID == q.FirmwareID && t.Status == aep.TaskPending && !r.creates.isClaimed(t.Key())
}

// lookPauses are the waits between looks for a task that is not there (yet): a
// request that its caller has given up may still be on its way, and a list may
// lag behind. Only then is it sent again.
var lookPauses = []time.Duration{2 * time.Second, 8 * time.Second, 20 * time.Second}

// lookFor looks for the task that a lost create may have made. certain is true
// if there is one, made since the request began; any other, for there was none
// before, is too much to create beside, and too little to take. It goes on for a
// moment when the caller gives up: what is found now need not be searched for later.
func (r *Runner) lookFor(ctx context.Context, q aep.CreateTaskRequest, began time.Time) (found []aep.TaskKey, certain bool, err error) {
	look, cancel := outliving(ctx, lookPatience)
	defer cancel()
	for n := 0; ; n++ {
		list, err := r.client.Tasks(look, aep.TaskQuery{ProductID: q.ProductID, NameContains: q.Name}, 0)
		if err != nil {
			return nil, false, err
		}
		recent := true
		for _, t := range list.Rows {
			if r.matches(t, q) {
				found = append(found, t.Key())
				recent = t.CreatedAt.IsZero() || !t.CreatedAt.Before(began.Add(-clockSlack))
			}
		}
		if len(found) > 0 || n == len(lookPauses) || pause(ctx, lookPauses[n]) != nil {
			return found, len(found) == 1 && recent, nil
		}
	}
}

// outliving returns a context that ends a grace after ctx does.
func outliving(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel() }
}

func (r *Runner) claim(result CreateResult, productID int64) CreateResult {
	r.creates.mu.Lock()
	defer r.creates.mu.Unlock()
	if r.creates.claimed == nil {
		r.creates.claimed = make(map[aep.TaskKey]bool)
	}
	r.creates.claimed[aep.TaskKey{ProductID: productID, TaskID: result.ID}] = true
	return result
}

func (c *creates) isClaimed(key aep.TaskKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.claimed[key]
}

// enter waits until no other create of the same name is under way.
func (c *creates) enter(ctx context.Context, name nameKey) (done func(), err error) {
	for {
		c.mu.Lock()
		busy, ok := c.busy[name]
		if !ok {
			if c.busy == nil {
				c.busy = make(map[nameKey]chan struct{})
			}
			busy = make(chan struct{})
			c.busy[name] = busy
			c.mu.Unlock()
			return func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				delete(c.busy, name)
				close(busy)
			}, nil
		}
		c.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func isGone(err error) bool {
	_, gone := errors.AsType[*GoneError](err)
	return gone
}
