package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// SettlePatience is how long a cancelled subtask may take to show as final
// where nothing depends on it.
const SettlePatience = 2 * time.Minute

// CancelRequest says which subtasks shall be cancelled.
type CancelRequest struct {
	Key       aep.TaskKey
	Protocol  aep.Protocol
	Subtasks  []aep.Subtask
	BatchSize int
	// Table is the numbering of LwM2M states if it is known already; empty
	// means the Runner's.
	Table progress.CodeTable
	// Patience is how long to wait until the cancelled subtasks show as final:
	// 0 not at all, negative until the context ends.
	Patience time.Duration
	// TaskSize is about how many devices the task has; it only decides how to
	// ask with the fewest calls. It is 0 if it is not known.
	TaskSize int64
	// Report receives how many devices the platform has accepted; it may be nil.
	Report func(done, of int)
}

// CancelOutcome is what came of cancelling subtasks.
type CancelOutcome struct {
	Cancelled    int             // accepted by the platform
	AlreadyFinal int             // needed no cancelling
	Failures     []DeviceFailure // refused, and still not final
	// Unsettled are devices whose cancelling the platform has accepted, but
	// which did not show as final in the time that was given.
	Unsettled []string
}

// cancellation is one run of Cancel.
type cancellation struct {
	*Runner
	CancelRequest
	batches[aep.Subtask]
	decoder *progress.Decoder
	ended   int // of those sent, found to have ended by themselves
}

// Cancel cancels those of the subtasks that are not final, and waits until they
// are. A subtask that becomes final by itself meanwhile is no failure.
//
// API: OperationalRemoteUpgradeTask, operational 2.
func (r *Runner) Cancel(ctx context.Context, q CancelRequest) (CancelOutcome, error) {
	if q.Table == "" {
		q.Table = r.table
	}
	c := &cancellation{Runner: r, CancelRequest: q, decoder: progress.NewDecoder(q.Protocol, q.Table)}
	c.decoder.SeeRows(q.Subtasks...)
	c.size = q.BatchSize
	todo := slices.DeleteFunc(slices.Clone(q.Subtasks), func(s aep.Subtask) bool { return !c.decoder.MaybeActive(s.Code) })
	c.send = func(ctx context.Context, batch []aep.Subtask) error {
		err := r.client.CancelSubtasks(ctx, q.Key, subtaskIDs(batch))
		r.invalidate(q.Key)
		r.log(ctx, "cancelled a batch of devices", map[string]any{
			"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "batch": len(batch), "cancelled": len(c.sent), "ok": err == nil,
		})
		if q.Report != nil && err == nil {
			q.Report(len(c.sent)+len(batch), len(todo))
		}
		return err
	}
	c.look = c.unanswered

	err := r.locks.Do(ctx, q.Key, syncs.Exclusive, func() error { return c.run(ctx, todo) })
	outcome := CancelOutcome{Cancelled: len(c.sent) - c.ended, AlreadyFinal: len(q.Subtasks) - len(todo) + c.ended}
	if err != nil {
		return outcome, fmt.Errorf("cancelling devices of task %s broke off after %d of %d: %w", q.Key, len(c.sent), len(todo), err)
	}
	if err := c.explain(ctx, &outcome); err != nil {
		return outcome, err
	}
	return outcome, c.await(ctx, &outcome)
}

// cancelRounds bounds how often CancelActive looks for more to cancel: devices
// may join while it is at work.
const cancelRounds = 3

// CancelActive cancels every subtask of a task that is not final.
func (r *Runner) CancelActive(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, batchSize int,
	patience time.Duration,
) (CancelOutcome, error) {
	var sum CancelOutcome
	for round := 1; ; round++ {
		states, err := r.countWhole(ctx, progress.Query{Key: key, Protocol: protocol})
		n := states.Histogram()
		if err != nil || n.MaybeActive() == 0 {
			sum.AlreadyFinal = max(0, int(n.Total)-sum.Cancelled)
			return sum, err
		}
		rows, err := r.inPhases(ctx, key, states, []progress.Phase{progress.Waiting, progress.InProgress, progress.Unknown})
		if err != nil {
			return sum, err
		}
		outcome, err := r.Cancel(ctx, CancelRequest{
			Key: key, Protocol: protocol, Subtasks: rows, BatchSize: batchSize, Table: n.Table, Patience: patience, TaskSize: n.Total,
		})
		sum.Cancelled += outcome.Cancelled
		sum.AlreadyFinal = max(0, int(n.Total)-len(rows)) + outcome.AlreadyFinal
		sum.Failures, sum.Unsettled = outcome.Failures, outcome.Unsettled
		missed := int64(len(rows)) < n.MaybeActive()
		if err != nil || !missed || round == cancelRounds {
			return sum, err
		}
	}
}

// reread reads the subtasks anew, by their ids. One that the platform no longer
// lists is not among them.
func (c *cancellation) reread(ctx context.Context, batch []aep.Subtask) (map[int64]aep.Subtask, error) {
	c.invalidate(c.Key)
	now, err := c.inShortStates(ctx, batch)
	if err != nil {
		return nil, err
	}
	wanted := make(map[int64]bool, len(batch))
	var devices []string
	for _, s := range batch {
		if _, found := now[s.ID]; !found {
			wanted[s.ID] = true
			devices = append(devices, s.DeviceID)
		}
	}
	others, err := c.subtasksAmong(ctx, c.Key, c.Protocol, deviceset.Of(devices), c.TaskSize)
	if err != nil {
		return nil, err
	}
	c.decoder.SeeRows(slices.Collect(maps.Values(now))...)
	c.decoder.SeeRows(others...)
	for _, s := range others {
		if wanted[s.ID] {
			now[s.ID] = s
		}
	}
	return now, nil
}

// stillActive returns those of a batch that may not be final, as they are now.
func (c *cancellation) stillActive(ctx context.Context, batch []aep.Subtask) (active []aep.Subtask, err error) {
	var now map[int64]aep.Subtask
	err = c.locks.Do(ctx, c.Key, reading, func() (err error) {
		now, err = c.reread(ctx, batch)
		return err
	})
	for _, s := range batch {
		if s, listed := now[s.ID]; listed && c.decoder.MaybeActive(s.Code) {
			active = append(active, s)
		}
	}
	return active, err
}

// unanswered divides a batch into the subtasks that are final or being
// cancelled and those that still need to be cancelled.
func (c *cancellation) unanswered(ctx context.Context, batch []aep.Subtask) (settled, rest []aep.Subtask, err error) {
	now, err := c.reread(ctx, batch)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range batch {
		row, listed := now[s.ID]
		if listed && c.decoder.MaybeActive(row.Code) && !c.decoder.Cancelling(row.Code) {
			rest = append(rest, row)
			continue
		}
		settled = append(settled, s)
		if phase := c.decoder.Phase(row.Code); listed && (phase == progress.Succeeded || phase == progress.Failed && c.Protocol != aep.TLink) {
			c.ended++
		}
	}
	return settled, rest, nil
}

// explain turns refusals into failures, but for subtasks that have become final.
func (c *cancellation) explain(ctx context.Context, outcome *CancelOutcome) error {
	if len(c.refused) == 0 && len(c.untried) == 0 {
		return nil
	}
	said := make(map[int64]*aep.Error, len(c.refused))
	batch := slices.Clone(c.untried)
	for _, f := range c.refused {
		said[f.item.ID] = f.err
		batch = append(batch, f.item)
	}
	active, err := c.stillActive(ctx, batch)
	if err != nil {
		return fmt.Errorf("%d devices of task %s could not be cancelled, nor could they be read back: %w", len(batch), c.Key, err)
	}
	outcome.AlreadyFinal += len(batch) - len(active)
	for _, s := range active {
		failure := DeviceFailure{DeviceID: s.DeviceID, Message: "not tried, because devices from all over the list were refused one by one"}
		if e := said[s.ID]; e != nil {
			if c.decoder.MaybeFinal(s.Code) {
				outcome.AlreadyFinal++ // by one of the numberings, and the platform agrees
				continue
			}
			failure.Code, failure.Message = e.Code, e.Message
		}
		outcome.Failures = append(outcome.Failures, failure)
	}
	return nil
}

// await waits until what was cancelled shows as final.
func (c *cancellation) await(ctx context.Context, outcome *CancelOutcome) error {
	waiting := c.sent
	if len(waiting) == 0 || c.Patience == 0 {
		return nil
	}
	start := time.Now()
	for delay := time.Second; ; delay = min(2*delay, 15*time.Second) {
		now, err := c.stillActive(ctx, waiting)
		if err != nil {
			return fmt.Errorf("%d devices of task %s were cancelled, but could not be read back: %w", len(c.sent), c.Key, err)
		}
		waited := time.Since(start) + delay
		waiting = c.worthWaitingFor(now, waited > SettlePatience, outcome)
		if len(waiting) == 0 {
			return nil
		}
		if c.Patience > 0 && waited > c.Patience {
			for _, s := range waiting {
				outcome.Unsettled = append(outcome.Unsettled, s.DeviceID)
			}
			return nil
		}
		if err := pause(ctx, delay); err != nil {
			return fmt.Errorf("waiting until %d cancelled devices of task %s are final, such as %s in state %d: %w",
				len(waiting), c.Key, waiting[0].DeviceID, waiting[0].Code, err)
		}
	}
}

// worthWaitingFor leaves out subtasks that the platform has failed to cancel. After
// a long wait it also leaves out those in a state that one of the two numberings
// calls final.
func (c *cancellation) worthWaitingFor(active []aep.Subtask, long bool, outcome *CancelOutcome) []aep.Subtask {
	var waiting []aep.Subtask
	for _, s := range active {
		switch {
		case c.decoder.CancelFailed(s.Code):
			outcome.Failures = append(outcome.Failures, DeviceFailure{
				DeviceID: s.DeviceID, Code: s.ResultCode, Message: fmt.Sprintf("the platform failed to cancel the device (state code %d)", s.Code),
			})
		case long && c.decoder.MaybeFinal(s.Code):
		default:
			waiting = append(waiting, s)
		}
	}
	return waiting
}

func subtaskIDs(subtasks []aep.Subtask) []int64 {
	ids := make([]int64, len(subtasks))
	for i, s := range subtasks {
		ids[i] = s.ID
	}
	return ids
}
