package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

const (
	deletePatience = 30 * time.Second // for deleting a task of the wrong protocol, also after an interrupt
	createTries    = 3
)

// CreateRequest says which task to create.
type CreateRequest struct {
	aep.CreateTaskRequest
	// Adopt permits to adopt a pending task of the same name and firmware. Without it, such a task is an
	// *ExistingTaskError.
	Adopt bool
}

// CreateResult is a task that this run has created or adopted.
type CreateResult struct {
	ID       int64
	Protocol aep.Protocol // 0 if the platform did not return it
	// Twin is an adopted task as it was before; nil for a new task.
	Twin *Twin
	// Found is true if the response was lost and a look-up found the task.
	Found bool
	// Resent is true if the create was sent again after a lost response. The platform may still carry out the
	// first request; then there are two tasks.
	Resent bool
}

// Adopted reports whether the task existed before.
func (r CreateResult) Adopted() bool { return r.Twin != nil }

// CreateTask creates a task, and never two. Before the call it looks for a pending task of the same name and
// firmware, which a killed run may have left. After a lost response it looks for the task before it sends
// again. The error is an *ExistingTaskError, a *ProtocolError, or that of a call.
func (r *Runner) CreateTask(ctx context.Context, q CreateRequest) (result CreateResult, err error) {
	err = r.creates.Do(ctx, nameKey{q.ProductID, q.Name}, syncs.Exclusive, func() error {
		result, err = r.createUnlessThere(ctx, q)
		return err
	})
	return result, err
}

// createUnlessThere is CreateTask while it holds the lock of the name.
func (r *Runner) createUnlessThere(ctx context.Context, q CreateRequest) (CreateResult, error) {
	twins, err := r.pendingTwins(ctx, q.CreateTaskRequest)
	switch {
	case err != nil:
		return CreateResult{}, err
	case len(twins) == 1 && q.Adopt:
		return r.adopt(ctx, q.CreateTaskRequest, twins[0].Key())
	case len(twins) > 0:
		return CreateResult{}, existing(q.CreateTaskRequest, twins, nil)
	}
	return r.create(ctx, q.CreateTaskRequest)
}

// create sends the create. It sends again only if a task that a lost response may have created is not found.
func (r *Runner) create(ctx context.Context, q aep.CreateTaskRequest) (CreateResult, error) {
	began := r.client.Now(ctx)
	for try := 1; ; try++ {
		var made aep.CreatedTask
		err := r.write(ctx, aep.TaskKey{ProductID: q.ProductID}, func(ctx context.Context) (err error) {
			made, err = r.client.CreateTask(ctx, q)
			return err
		})
		if err == nil {
			result, err := r.made(ctx, q, made)
			result.Resent = try > 1
			return result, err
		}
		if !aep.Ambiguous(err) {
			return CreateResult{}, err
		}
		certain, others, lookErr := r.lookFor(ctx, q, began)
		switch {
		case lookErr != nil:
			return CreateResult{}, unknownOutcome(q, err, lookErr)
		case certain != nil:
			r.MarkMade(certain.Key())
			return CreateResult{ID: certain.ID, Found: true, Resent: try > 1}, nil
		case len(others) > 0:
			return CreateResult{}, existing(q, others, err)
		case try == createTries || context.Cause(ctx) != nil:
			return CreateResult{}, unknownOutcome(q, err, nil)
		}
	}
}

// made returns the result for a created task. A task for a product of the other protocol can't be used, so it
// is deleted.
func (r *Runner) made(ctx context.Context, q aep.CreateTaskRequest, made aep.CreatedTask) (CreateResult, error) {
	wanted := aep.LwM2M
	if q.TimeoutHours != nil {
		wanted = aep.TLink
	}
	wrong := made.Protocol != wanted && (made.Protocol == aep.LwM2M || made.Protocol == aep.TLink)
	if wrong {
		return CreateResult{}, r.Discard(ctx, aep.TaskKey{ProductID: q.ProductID, TaskID: made.ID}, made.Protocol)
	}
	r.MarkMade(aep.TaskKey{ProductID: q.ProductID, TaskID: made.ID})
	return CreateResult{ID: made.ID, Protocol: made.Protocol}, nil
}

// ProtocolError says that the settings of a task are not those of its product's protocol.
type ProtocolError struct {
	Key     aep.TaskKey
	Product aep.Protocol // of the product
	Left    error        // why the created task could not be deleted; nil if it was
}

func (e *ProtocolError) Error() string {
	text := fmt.Sprintf("product %d uses %s", e.Key.ProductID, e.Product)
	if e.Left != nil {
		return fmt.Sprintf("%s, and task %d, which was created for it, could not be deleted: %v", text, e.Key.TaskID, e.Left)
	}
	return text
}

func (e *ProtocolError) Unwrap() error { return e.Left }

// Discard deletes a task that was created for a product of another protocol, and returns the *ProtocolError.
// An interrupt does not stop the delete: no state would record the task.
func (r *Runner) Discard(ctx context.Context, key aep.TaskKey, product aep.Protocol) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deletePatience)
	defer cancel()
	return &ProtocolError{Key: key, Product: product, Left: r.DeleteTask(ctx, key, false)}
}

func unknownOutcome(q aep.CreateTaskRequest, err, lookErr error) error {
	err = fmt.Errorf("it is not known whether the platform has created the task: %w", err)
	if lookErr != nil {
		err = fmt.Errorf("%w; looking for it failed too: %w", err, lookErr)
	}
	return fmt.Errorf("%w. The next run looks for a pending task named %q before it creates one", err, q.Name)
}

// lookPauses are the pauses between looks for a task that may have been created. The request may still be
// under way, and a list may lag. The create is sent again only after the last look.
var lookPauses = []time.Duration{2 * time.Second, 8 * time.Second, 20 * time.Second}

// lookFor looks for the task that a create without a response may have made. certain is set if exactly one
// task matches the request and was created after began. Any other match is returned as one of others: it is
// unsafe both to adopt it and to create another. The look continues for lookPatience after the end of ctx: a
// task that is found now need not be searched for in the next run.
func (r *Runner) lookFor(ctx context.Context, q aep.CreateTaskRequest, began time.Time) (certain *aep.Task, others []aep.Task, err error) {
	look, cancel := aep.Outlive(ctx, lookPatience)
	defer cancel()
	_ = poll(ctx, after(lookPauses...), func() (bool, error) {
		var alike []aep.Task
		if others, err = r.pendingTwins(look, q); err == nil {
			alike, err = r.withSettings(look, q, others)
		}
		if aep.IsTransient(err) && !aep.IsCanceled(err) {
			return false, nil // the next look may succeed; the error of the last one is returned
		}
		if err == nil && len(alike) == 1 && !alike[0].CreatedAt.Before(began.Add(-clockSlack)) {
			certain = &alike[0]
		}
		return len(alike) > 0, err
	})
	if err != nil || certain != nil {
		return certain, nil, err
	}
	return nil, others, nil
}

// withSettings returns the twins that have all settings of the request. Each twin is read, because a row of
// the list may lack settings.
func (r *Runner) withSettings(ctx context.Context, q aep.CreateTaskRequest, twins []aep.Task) ([]aep.Task, error) {
	var alike []aep.Task
	for _, twin := range twins {
		t, err := r.client.Task(ctx, twin.Key())
		if err != nil {
			return nil, err
		}
		if t.CreatedAt.IsZero() {
			t.CreatedAt = r.client.Now(ctx) // the twin did not exist before the request
		}
		if sameSettings(t, q) {
			alike = append(alike, t)
		}
	}
	return alike, nil
}

const (
	clockSlack   = 2 * time.Minute  // between the platform's clock and its createTime
	lookPatience = 10 * time.Second // for looking after ctx has ended
)

// adopt returns an existing task as the result of a create.
func (r *Runner) adopt(ctx context.Context, q aep.CreateTaskRequest, key aep.TaskKey) (CreateResult, error) {
	twin, err := r.twin(ctx, q, key)
	if err != nil {
		return CreateResult{}, err
	}
	r.MarkAdopted(key)
	return CreateResult{ID: key.TaskID, Twin: twin}, nil
}
