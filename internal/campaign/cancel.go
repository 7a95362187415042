package campaign

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
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
	Table CodeTable
	// Patience is how long to wait until the cancelled subtasks show as final:
	// 0 not at all, negative until the context ends.
	Patience time.Duration
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
	decoder *decoder
}

// Cancel cancels those of the subtasks that are not final, and waits until they
// are. A subtask that becomes final by itself meanwhile is no failure.
//
// API: OperationalRemoteUpgradeTask, operational 2.
func (r *Runner) Cancel(ctx context.Context, q CancelRequest) (CancelOutcome, error) {
	if q.Table == "" {
		q.Table = r.table
	}
	c := &cancellation{Runner: r, CancelRequest: q, decoder: newDecoder(q.Protocol, q.Table)}
	c.see(q.Subtasks)
	c.size = q.BatchSize
	c.send = func(ctx context.Context, batch []aep.Subtask) error {
		err := r.client.CancelSubtasks(ctx, q.Key, subtaskIDs(batch))
		r.wrote(q.Key)
		r.log(ctx, "cancelled a batch of devices", map[string]any{
			"product_id": q.Key.ProductID, "task_id": q.Key.TaskID, "batch": len(batch), "cancelled": len(c.sent), "ok": err == nil,
		})
		return err
	}
	c.unsettled = c.stillActive

	todo := slices.DeleteFunc(slices.Clone(q.Subtasks), func(s aep.Subtask) bool { return !c.decoder.maybeActive(s.Code) })
	outcome := CancelOutcome{AlreadyFinal: len(q.Subtasks) - len(todo)}
	if err := c.run(ctx, todo); err != nil {
		outcome.Cancelled = len(c.sent)
		return outcome, err
	}
	outcome.Cancelled = len(c.sent)
	if err := c.explain(ctx, &outcome); err != nil {
		return outcome, err
	}
	return outcome, c.settle(ctx, &outcome)
}

// CancelActive cancels every subtask of a task that is not final.
func (r *Runner) CancelActive(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, batchSize int, patience time.Duration) (CancelOutcome, error) {
	h, err := r.Progress(ctx, key, protocol, 0)
	if err != nil || h.MaybeActive() == 0 {
		return CancelOutcome{AlreadyFinal: int(h.Total)}, err
	}
	list, err := r.client.Subtasks(ctx, aep.SubtaskQuery{
		Key: key, Codes: CodesOf(protocol, h.Table, Waiting, InProgress, Unknown),
	}, 0)
	if err != nil {
		return CancelOutcome{}, err
	}
	outcome, err := r.Cancel(ctx, CancelRequest{
		Key: key, Protocol: protocol, Subtasks: list.Rows, BatchSize: batchSize, Table: h.Table, Patience: patience,
	})
	outcome.AlreadyFinal += int(h.Total) - len(list.Rows)
	return outcome, err
}

func (c *cancellation) see(rows []aep.Subtask) {
	for _, s := range rows {
		c.decoder.see(s.Code, s.VersionAfter)
	}
}

// stillActive reads the subtasks anew and returns those that still need to be
// cancelled. One that the platform no longer lists needs nothing.
func (c *cancellation) stillActive(ctx context.Context, batch []aep.Subtask) ([]aep.Subtask, error) {
	wanted := make(map[int64]bool, len(batch))
	devices := make(DeviceSet, 0, len(batch))
	for _, s := range batch {
		wanted[s.ID] = true
		devices = append(devices, s.DeviceID)
	}
	slices.Sort(devices)
	c.wrote(c.Key)
	now, err := c.subtasksAmong(ctx, c.Key, c.Protocol, slices.Compact(devices))
	if err != nil {
		return nil, err
	}
	c.see(now)
	return slices.DeleteFunc(now, func(s aep.Subtask) bool { return !wanted[s.ID] || !c.decoder.maybeActive(s.Code) }), nil
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
		return err
	}
	outcome.AlreadyFinal += len(batch) - len(active)
	for _, s := range active {
		failure := DeviceFailure{DeviceID: s.DeviceID, Message: "not tried, because all that were tried before were refused"}
		if e := said[s.ID]; e != nil {
			if c.decoder.phase(s.Code).Final() {
				outcome.AlreadyFinal++ // by one of the numberings, and the platform agrees
				continue
			}
			failure.Code, failure.Message = e.Code, e.Message
		}
		outcome.Failures = append(outcome.Failures, failure)
	}
	return nil
}

// settle waits until what was cancelled shows as final.
func (c *cancellation) settle(ctx context.Context, outcome *CancelOutcome) error {
	waiting := c.sent
	if len(waiting) == 0 || c.Patience == 0 {
		return nil
	}
	start := time.Now()
	for delay := time.Second; ; delay = min(2*delay, 15*time.Second) {
		now, err := c.stillActive(ctx, waiting)
		if err != nil {
			return err
		}
		waiting = waiting[:0:0]
		for _, s := range now {
			if s.Code == cancelFailed2019 && c.Protocol != aep.TLink {
				outcome.Failures = append(outcome.Failures, DeviceFailure{
					DeviceID: s.DeviceID, Code: s.ResultCode, Message: fmt.Sprintf("the platform failed to cancel the device (state code %d)", s.Code),
				})
				continue
			}
			waiting = append(waiting, s)
		}
		if len(waiting) == 0 {
			return nil
		}
		if c.Patience > 0 && time.Since(start)+delay > c.Patience {
			for _, s := range waiting {
				outcome.Unsettled = append(outcome.Unsettled, s.DeviceID)
			}
			return nil
		}
		if err := pause(ctx, delay); err != nil {
			return fmt.Errorf("waiting until %d cancelled devices are final: %w", len(waiting), err)
		}
	}
}

func subtaskIDs(subtasks []aep.Subtask) []int64 {
	ids := make([]int64, len(subtasks))
	for i, s := range subtasks {
		ids[i] = s.ID
	}
	return ids
}
