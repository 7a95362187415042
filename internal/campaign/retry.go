package campaign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// ErrTLinkRetry says that the platform can't retry devices of T-Link products.
var ErrTLinkRetry = errors.New("the platform retries devices of LwM2M products only; this is a task of a T-Link product")

// RetryRequest says which failed subtasks shall be tried once more.
type RetryRequest struct {
	Key       aep.TaskKey
	Selected  Selected
	BatchSize int
	// ResultCodes restricts the retry to devices that failed with one of them;
	// empty: any.
	ResultCodes []string
	// Wait is whether to wait until the devices are final again.
	Wait     bool
	Interval time.Duration // between two looks while waiting
	// Sent receives how many devices the platform has accepted, Waiting how many
	// of them are not final yet; both may be nil.
	Sent, Waiting func(n, of int)
}

// RetryOutcome is what came of a retry.
type RetryOutcome struct {
	Retried   int             // accepted by the platform
	NotFailed int             // passed over: not failed, or with another result code
	Failures  []DeviceFailure // refused, and still failed
	// After counts the retried devices by phase, when they were final again.
	After *progress.Histogram
}

// String says what came of it, such as "3 retried, 1 not failed".
func (o RetryOutcome) String() string {
	text := progress.Grouped(o.Retried) + " retried"
	if o.NotFailed > 0 {
		text += ", " + progress.Grouped(o.NotFailed) + " passed over (not failed, or with another result code)"
	}
	if n := len(o.Failures); n > 0 {
		text += ", " + progress.Grouped(n) + " refused"
	}
	if o.After != nil {
		text += fmt.Sprintf("; now these are %s", o.After)
	}
	return text
}

// retrial is one run of RetryFailed.
type retrial struct {
	*Runner
	RetryRequest
	batches[aep.Subtask]
	before map[int64]aep.Subtask
}

// UndecidedError refuses to retry devices whose states may mean failure,
// success or being under way, because nothing has decided the numbering.
type UndecidedError struct {
	Key         aep.TaskKey
	Observation progress.Observation
}

func (e *UndecidedError) Error() string {
	return fmt.Sprintf("which devices of task %d of product %d have failed is not certain: %s", e.Key.TaskID, e.Key.ProductID,
		e.Observation.Doubt())
}

// ToRetry returns the subtasks that a retry of the selection sends: those that
// have certainly failed. The error is an *UndecidedError if the state of a
// selected subtask may or may not be a failure, or ErrTLinkRetry.
func (q RetryRequest) ToRetry() ([]aep.Subtask, error) {
	s := q.Selected
	if s.Observation.Task.Protocol() == aep.TLink {
		return nil, fmt.Errorf("task %d of product %d: %w", q.Key.TaskID, q.Key.ProductID, ErrTLinkRetry)
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

// RetryFailed upgrades failed devices of an LwM2M task once more, each once: after an
// answer that leaves the outcome open they are looked at before any is sent again.
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
	c := &retrial{Runner: r, RetryRequest: q, before: make(map[int64]aep.Subtask, len(todo))}
	for _, s := range todo {
		c.before[s.ID] = s
	}
	c.size = q.BatchSize
	c.send = func(ctx context.Context, batch []aep.Subtask) error {
		err := r.client.RetrySubtasks(ctx, q.Key, subtaskIDs(batch))
		r.invalidate(q.Key)
		r.log(ctx, "retried a batch of devices", map[string]any{
			"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "batch": len(batch), "retried": len(c.sent), "ok": err == nil,
		})
		if q.Sent != nil && err == nil {
			q.Sent(len(c.sent)+len(batch), len(todo))
		}
		return err
	}
	c.look = c.unanswered
	outcome := RetryOutcome{NotFailed: len(q.Selected.Subtasks) - len(todo)}
	err = c.run(ctx, todo)
	outcome.Retried = len(c.sent)
	if err != nil {
		return outcome, err
	}
	if err := c.explain(ctx, &outcome); err != nil || !q.Wait || outcome.Retried == 0 {
		return outcome, err
	}
	after, err := c.wait(ctx, todo)
	outcome.After = after
	return outcome, err
}

// unanswered divides a batch into the subtasks that are under way, or have been
// again, and those that nothing has happened to.
func (c *retrial) unanswered(ctx context.Context, batch []aep.Subtask) (settled, rest []aep.Subtask, err error) {
	rest, err = c.stillFailed(ctx, batch)
	if err != nil {
		return nil, nil, err
	}
	left := make(map[int64]bool, len(rest))
	for _, s := range rest {
		left[s.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(batch), func(s aep.Subtask) bool { return left[s.ID] }), rest, nil
}

// stillFailed reads the subtasks anew and returns those that nothing has happened to.
func (c *retrial) stillFailed(ctx context.Context, batch []aep.Subtask) ([]aep.Subtask, error) {
	now, err := c.again(ctx, batch)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(now, func(s aep.Subtask) bool {
		before := c.before[s.ID]
		return s.Code != before.Code || !s.UpdatedAt.Equal(before.UpdatedAt)
	}), nil
}

// again reads subtasks anew.
func (c *retrial) again(ctx context.Context, batch []aep.Subtask) ([]aep.Subtask, error) {
	wanted := make(map[int64]bool, len(batch))
	devices := make(deviceset.Set, 0, len(batch))
	for _, s := range batch {
		wanted[s.ID] = true
		devices = append(devices, s.DeviceID)
	}
	slices.Sort(devices)
	c.invalidate(c.Key)
	now, err := c.subtasksAmong(ctx, c.Key, aep.LwM2M, slices.Compact(devices), c.Selected.Observation.Task.DeviceCount)
	return slices.DeleteFunc(now, func(s aep.Subtask) bool { return !wanted[s.ID] }), err
}

// explain turns refusals into failures, but for devices that are under way after all.
func (c *retrial) explain(ctx context.Context, outcome *RetryOutcome) error {
	said := make(map[int64]*aep.Error, len(c.refused))
	batch := slices.Clone(c.untried)
	for _, f := range c.refused {
		said[f.item.ID] = f.err
		batch = append(batch, f.item)
	}
	if len(batch) == 0 {
		return nil
	}
	failed, err := c.stillFailed(ctx, batch)
	if err != nil {
		return err
	}
	outcome.Retried += len(batch) - len(failed)
	for _, s := range failed {
		failure := DeviceFailure{DeviceID: s.DeviceID, Message: "not tried, because devices from all over the list were refused one by one"}
		if e := said[s.ID]; e != nil {
			failure.Code, failure.Message = e.Code, e.Message
		}
		outcome.Failures = append(outcome.Failures, failure)
	}
	return nil
}

// wait looks at the task until none of the subtasks is under way. Only what is
// not final is listed: that is little where it matters, near the end.
func (c *retrial) wait(ctx context.Context, retried []aep.Subtask) (*progress.Histogram, error) {
	wanted := make(map[int64]bool, len(retried))
	for _, s := range retried {
		wanted[s.ID] = true
	}
	active, _ := c.Selected.states.CodesOf(progress.Waiting, progress.InProgress)
	for {
		if err := pause(ctx, c.Interval); err != nil {
			return nil, fmt.Errorf("waiting until %d retried devices are final: %w", len(retried), err)
		}
		list, err := c.client.Subtasks(ctx, aep.SubtaskQuery{Key: c.Key, Codes: active}, 0)
		if err != nil && !aep.IsTransient(err) && !aep.IsUnreliable(err) {
			return nil, err
		}
		if err != nil {
			continue
		}
		left := slices.DeleteFunc(list.Rows, func(s aep.Subtask) bool { return !wanted[s.ID] || c.Selected.states.Phase(s.Code).Final() })
		if c.Waiting != nil {
			c.Waiting(len(left), len(retried))
		}
		if len(left) == 0 {
			now, err := c.again(ctx, retried)
			h := c.Selected.states.Tally(now).Histogram()
			return &h, err
		}
	}
}
