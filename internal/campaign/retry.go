package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// ErrTLinkRetry says that the platform can't retry devices of T-Link products.
var ErrTLinkRetry = errors.New("the platform retries devices of LwM2M products only; this is a task of a T-Link product")

// RetryRequest says which failed subtasks to retry.
type RetryRequest struct {
	Key       aep.TaskKey
	Selected  Selected
	BatchSize int
	// ResultCodes restricts the retry to devices that failed with one of them; empty: any.
	ResultCodes []string
	// Wait is whether to wait until the devices are final again.
	Wait     bool
	Interval time.Duration // between two looks while waiting
	// Sent receives how many devices the platform has accepted, Waiting how many of them are not final yet.
	// Both may be nil.
	Sent, Waiting func(n, of int)
}

// RetryOutcome is the result of a retry.
type RetryOutcome struct {
	Retried   int             // accepted by the platform
	NotFailed int             // skipped: not failed, or with another result code
	Failures  []DeviceFailure // refused, and still failed
	// After counts the retried devices by phase, once they were final again.
	After *progress.Histogram
}

// String returns the counts, such as "3 retried, 1 refused".
func (o RetryOutcome) String() string {
	text := progress.Grouped(o.Retried) + " retried"
	if o.NotFailed > 0 {
		text += ", " + progress.Grouped(o.NotFailed) + " skipped (not failed, or with another result code)"
	}
	if n := len(o.Failures); n > 0 {
		text += ", " + progress.Grouped(n) + " refused"
	}
	if o.After != nil {
		text += fmt.Sprintf("; now these are %s", o.After)
	}
	return text
}

// UndecidedError refuses to retry devices whose states may mean failure, success or progress, because nothing
// has decided the numbering.
type UndecidedError struct {
	Key         aep.TaskKey
	Observation progress.Observation
}

func (e *UndecidedError) Error() string {
	return fmt.Sprintf("it is not certain which devices of %s have failed: %s", e.Key.Object(), e.Observation.Doubt())
}

// ToRetry returns the selected subtasks that have certainly failed, which a retry sends. The error is an
// *UndecidedError if the state of a selected subtask may or may not be a failure, or ErrTLinkRetry.
func (q RetryRequest) ToRetry() ([]aep.Subtask, error) {
	s := q.Selected
	if s.Observation.Task.Protocol() == aep.TLink {
		return nil, fmt.Errorf("%s: %w", q.Key.Object(), ErrTLinkRetry)
	}
	failed := slices.DeleteFunc(s.In(progress.Failed), func(one aep.Subtask) bool {
		return len(q.ResultCodes) > 0 && !slices.Contains(q.ResultCodes, one.ResultCode)
	})
	if len(failed) == 0 && (len(s.undecided()) > 0 || s.All && s.states.Histogram().Undecided) {
		s.Observation.Histogram = s.states.Histogram()
		return nil, &UndecidedError{Key: q.Key, Observation: s.Observation}
	}
	return failed, nil
}

// retrial is one run of RetryFailed.
type retrial struct {
	subtaskOperation
	RetryRequest
}

func (r *Runner) newRetrial(q RetryRequest, todo []aep.Subtask) *retrial {
	c := &retrial{RetryRequest: q, subtaskOperation: subtaskOperation{
		protocol: aep.LwM2M, taskSize: q.Selected.Observation.Task.DeviceCount, before: bySubtask(todo),
	}}
	c.batchOperation = batchOperation[int64]{
		Runner: r, key: q.Key, verb: "retried", size: r.sizes.retry.chosen(q.BatchSize, q.Wait),
		look: c.unchanged, patience: listPatience, report: q.Sent,
		call: func(ctx context.Context, ids []int64) error { return r.client.RetrySubtasks(ctx, q.Key, ids) },
	}
	return c
}

// RetryFailed upgrades failed devices of an LwM2M task once more, each once. After a response that leaves the
// outcome open, it reads the devices before it sends any again.
//
// API: OperationalRemoteUpgradeTask, operational 3.
func (r *Runner) RetryFailed(ctx context.Context, q RetryRequest) (RetryOutcome, error) {
	todo, err := q.ToRetry()
	if err == nil {
		err = r.Spend(UseRetry, int64(len(todo)))
	}
	if err != nil {
		return RetryOutcome{}, err
	}
	c := r.newRetrial(q, todo)
	outcome := RetryOutcome{NotFailed: len(q.Selected.Subtasks) - len(todo)}
	for rest := subtaskIDs(todo); ; {
		err = c.run(ctx, rest)
		if err == nil {
			outcome.Failures, err = c.explain(ctx, c.device)
		}
		outcome.Retried = len(c.accepted)
		if err != nil {
			return outcome, c.stopped(len(todo), err)
		}
		if !q.Wait || outcome.Retried == 0 {
			return outcome, nil
		}
		now, cut, err := c.waitForAll(ctx, subtaskIDs(todo))
		if err != nil {
			return outcome, err
		}
		h := q.Selected.states.Tally(slices.Collect(maps.Values(now))).Histogram()
		outcome.After = &h
		if len(cut.items) == 0 {
			return outcome, nil
		}
		rest = cut.items
		c.withdraw(cut)
	}
}

// waitForAll waits until the retried subtasks are final, and returns them. It also returns the subtasks that were
// cut off: they are as before the retry for longer than states may lag behind.
func (c *retrial) waitForAll(ctx context.Context, retried []int64) (now map[int64]aep.Subtask, cut cutOff[int64], err error) {
	for {
		if now, err = c.wait(ctx, retried); err != nil {
			return nil, cut, err
		}
		if cut = c.notRetried(now); len(cut.items) == 0 {
			return now, cut, nil
		}
		if err = pause(ctx, listPatience); err != nil {
			return nil, cut, err
		}
		c.invalidate(c.key)
		if now, err = c.reread(ctx, retried); err != nil || slices.Equal(c.notRetried(now).items, cut.items) {
			return now, cut, err
		}
	}
}

// notRetried returns the subtasks that were cut off. It returns none if no time of a subtask has changed: then a
// device that has failed again looks like one that was not retried.
func (c *retrial) notRetried(now map[int64]aep.Subtask) (cut cutOff[int64]) {
	for id, row := range now {
		if before := c.before[id]; !row.UpdatedAt.Equal(before.UpdatedAt) {
			return c.cutOff(func(id int64) bool { return c.changed(now, id) })
		}
	}
	return cut
}

// unchanged returns the subtasks whose state and time are as they were before the retry. Unless they are settled,
// it waits for as long as states may lag behind.
func (c *retrial) unchanged(ctx context.Context, ids []int64, settled bool) (rest []int64, err error) {
	pauses := listPauses
	if settled {
		pauses = nil
	}
	err = c.pollTask(ctx, c.key, after(pauses...), func() (bool, error) {
		now, err := c.reread(ctx, ids)
		rest = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return c.changed(now, id) })
		return len(rest) == 0, err
	})
	return rest, err
}

// changed reports whether a subtask is not as it was before the retry.
func (c *retrial) changed(now map[int64]aep.Subtask, id int64) bool {
	row, listed := now[id]
	before := c.before[id]
	return !listed || row.Code != before.Code || !row.UpdatedAt.Equal(before.UpdatedAt)
}

// wait waits until the retried subtasks are final, and returns them.
func (c *retrial) wait(ctx context.Context, retried []int64) (now map[int64]aep.Subtask, err error) {
	began := false
	err = c.pollTask(ctx, c.key, every(c.Interval), func() (_ bool, err error) {
		if !began {
			began = true
			return false, nil // the platform may still show the states before the retry
		}
		now, err = c.final(ctx, retried)
		if err != nil && c.passes(ctx, c.key, err) {
			return false, nil
		}
		return now != nil, err
	})
	if err != nil {
		err = fmt.Errorf("waiting until %s retried devices of %s are final: %w", progress.Grouped(len(retried)), c.key.Object(), err)
	}
	return now, err
}

// final returns the retried subtasks, or nil if some are not final. It lists only subtasks that are not final:
// these are few near the end.
func (c *retrial) final(ctx context.Context, retried []int64) (map[int64]aep.Subtask, error) {
	states, wanted := c.Selected.states, asSet(retried)
	active, _ := states.CodesOf(progress.Waiting, progress.InProgress)
	list, err := c.client.Subtasks(ctx, aep.SubtaskQuery{Key: c.key, Codes: active}, 0)
	if err != nil {
		return nil, err
	}
	left := slices.DeleteFunc(list.Rows, func(s aep.Subtask) bool { return !wanted[s.ID] || states.Phase(s.Code).Final() })
	if c.Waiting != nil {
		c.Waiting(len(left), len(retried))
	}
	if len(left) > 0 {
		return nil, nil
	}
	now, err := c.reread(ctx, retried)
	maps.DeleteFunc(now, func(id int64, _ aep.Subtask) bool { return !wanted[id] })
	return now, err
}
