package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

const (
	// SettlePatience is how long to wait until cancelled subtasks are final if nothing depends on it.
	SettlePatience = 2 * time.Minute
	// settlePause is the longest pause between two looks at cancelled subtasks.
	settlePause = 15 * time.Second
	// cancelRounds bounds how often CancelActive looks for more subtasks, because devices may join meanwhile.
	cancelRounds = 3
)

// CancelRequest says which subtasks to cancel.
type CancelRequest struct {
	Key      aep.TaskKey
	Protocol aep.Protocol
	Subtasks []aep.Subtask
	// BatchSize is how many ids a call carries; 0: learned.
	BatchSize int
	// Table is the numbering of LwM2M states if it is known already; empty: that of the Runner.
	Table progress.CodeTable
	// Patience is how long to wait until the cancelled subtasks are final: 0 not at all, negative until the
	// context ends.
	Patience time.Duration
	// TaskSize is about how many devices the task has, 0 if it is not known. It only decides how to ask with
	// the fewest calls.
	TaskSize int64
	// Report receives how many devices the platform has accepted; it may be nil.
	Report func(done, of int)
}

// CancelOutcome is the result of cancelling subtasks.
type CancelOutcome struct {
	Cancelled    int             // accepted by the platform
	AlreadyFinal int             // needed no cancelling
	Failures     []DeviceFailure // refused, and still not final
	// Unsettled are devices whose cancelling the platform has accepted, but that were not final within the
	// patience.
	Unsettled []string
}

// String returns the counts, such as "3 cancelled, 1 already final".
func (o CancelOutcome) String() string {
	parts := []string{progress.Grouped(o.Cancelled) + " cancelled", progress.Grouped(o.AlreadyFinal) + " already final"}
	if n := len(o.Failures); n > 0 {
		first := o.Failures[0]
		parts = append(parts, fmt.Sprintf("%s refused (the first: %s: %s)", progress.Grouped(n), first.DeviceID,
			strings.TrimSpace(first.Code+" "+first.Message)))
	}
	if n := len(o.Unsettled); n > 0 {
		parts = append(parts, progress.Grouped(n)+" accepted but not final yet")
	}
	return strings.Join(parts, ", ")
}

// cancellation is one run of Cancel.
type cancellation struct {
	subtaskOperation
	decoder *progress.Decoder
	final   map[int64]bool // subtasks that a look has found final
	ended   int            // how many of these ended without being cancelled
}

func (r *Runner) newCancellation(q CancelRequest) *cancellation {
	if q.Table == "" {
		q.Table = r.table
	}
	c := &cancellation{decoder: progress.NewDecoder(q.Protocol, q.Table), final: make(map[int64]bool)}
	c.protocol, c.taskSize, c.before = q.Protocol, q.TaskSize, bySubtask(q.Subtasks)
	c.decoder.SeeRows(q.Subtasks...)
	c.batchOperation = batchOperation[int64]{
		Runner: r, key: q.Key, verb: "cancelled", size: r.sizes.cancel.chosen(q.BatchSize, q.Patience != 0),
		look: c.unsent, patience: statePatience, report: q.Report,
		call: func(ctx context.Context, ids []int64) error { return r.client.CancelSubtasks(ctx, q.Key, ids) },
	}
	return c
}

// Cancel cancels the subtasks that are not final, and waits until they are. A subtask that ends meanwhile is
// no failure.
//
// API: OperationalRemoteUpgradeTask, operational 2.
func (r *Runner) Cancel(ctx context.Context, q CancelRequest) (CancelOutcome, error) {
	c := r.newCancellation(q)
	var todo []int64
	for _, s := range q.Subtasks {
		if c.decoder.MaybeActive(s.Code) {
			todo = append(todo, s.ID)
		}
	}
	var outcome CancelOutcome
	for rest := todo; ; {
		if err := c.runOnce(ctx, rest, &outcome); err != nil {
			outcome.AlreadyFinal = len(q.Subtasks) - len(todo) + c.ended
			return outcome, c.stopped(len(todo), err)
		}
		outcome.AlreadyFinal = len(q.Subtasks) - outcome.Cancelled - len(outcome.Failures)
		cut, err := c.await(ctx, q.Patience, &outcome)
		if err != nil || len(cut.items) == 0 {
			return outcome, err
		}
		rest = cut.items
		c.withdraw(cut)
	}
}

// runOnce sends subtasks and records the outcome.
func (c *cancellation) runOnce(ctx context.Context, ids []int64, outcome *CancelOutcome) error {
	return c.locks.Do(ctx, c.key, syncs.Exclusive, func() error {
		err := c.run(ctx, ids)
		outcome.Cancelled = len(c.accepted) - c.ended
		if err != nil {
			return err
		}
		failures, err := c.explain(ctx, c.device)
		outcome.Failures = append(outcome.Failures, failures...)
		c.refused, c.untried = nil, nil
		return err
	})
}

// CancelActive cancels every subtask of a task that is not final.
func (r *Runner) CancelActive(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, patience time.Duration) (CancelOutcome, error) {
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
			Key: key, Protocol: protocol, Subtasks: rows, Table: n.Table, Patience: patience, TaskSize: n.Total,
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

// unsent returns the subtasks of a batch that still need to be cancelled. If the platform has refused to
// cancel a subtask, its state is final if one of the two numberings calls it so.
func (c *cancellation) unsent(ctx context.Context, batch []int64, _ bool) (rest []int64, err error) {
	now, err := c.now(ctx, batch)
	if err != nil {
		return nil, err
	}
	for _, id := range batch {
		row, listed := now[id]
		phase := c.decoder.Phase(row.Code)
		c.final[id] = !listed || !c.decoder.MaybeActive(row.Code) || c.refused[id] != nil && c.decoder.MaybeFinal(row.Code)
		switch {
		case !c.final[id] && !c.decoder.Cancelling(row.Code):
			rest = append(rest, id)
		case listed && (phase == progress.Succeeded || phase == progress.Failed && c.protocol != aep.TLink):
			c.ended++
		}
	}
	return rest, nil
}

// await waits until the accepted subtasks are final, or until it is certain that some were cut off. It returns
// these.
func (c *cancellation) await(ctx context.Context, patience time.Duration, outcome *CancelOutcome) (cut cutOff[int64], err error) {
	ids := slices.DeleteFunc(slices.Clone(c.accepted), func(id int64) bool { return c.final[id] })
	if len(ids) == 0 || patience == 0 {
		return cut, nil
	}
	start, rows := time.Now(), c.before
	err = c.pollTask(ctx, c.key, doubling(time.Second, settlePause, patience), func() (bool, error) {
		err := c.locks.Do(ctx, c.key, reading, func() error {
			now, err := c.now(ctx, ids)
			if err == nil {
				rows = now
			}
			return err
		})
		if err != nil {
			return false, err
		}
		long := time.Since(start)+settlePause > SettlePatience
		ids = slices.DeleteFunc(ids, func(id int64) bool { return !c.worthWaitingFor(rows[id], long, outcome) })
		waiting := asSet(ids)
		cut = c.cutOff(func(id int64) bool { return !waiting[id] || c.decoder.Cancelling(rows[id].Code) })
		return len(ids) == 0 || len(cut.items) > 0 && time.Since(start) >= listPatience, nil
	})
	if err != nil {
		return cutOff[int64]{}, fmt.Errorf("waiting until %s cancelled devices of %s are final, such as %s in state %d: %w",
			progress.Grouped(len(ids)), c.key.Object(), c.device(ids[0]), rows[ids[0]].Code, err)
	}
	outcome.Unsettled = c.devices(ids)
	if time.Since(start) < listPatience {
		cut.items = nil // the states may only lag behind
	}
	return cut, nil
}

// worthWaitingFor reports whether a subtask may still become final. If the platform has failed to cancel it,
// it becomes a failure. After a long wait, a state counts as final if one of the two numberings calls it so.
func (c *cancellation) worthWaitingFor(row aep.Subtask, long bool, outcome *CancelOutcome) bool {
	if c.decoder.CancelFailed(row.Code) {
		outcome.Failures = append(outcome.Failures, DeviceFailure{
			DeviceID: row.DeviceID, Code: row.ResultCode,
			Message: fmt.Sprintf("the platform failed to cancel the device (state code %d)", row.Code),
		})
		return false
	}
	listed := row.ID != 0
	return listed && c.decoder.MaybeActive(row.Code) && !(long && c.decoder.MaybeFinal(row.Code))
}

// now reads subtasks again, by their ids. The result also has other subtasks, and lacks subtasks that the
// platform no longer lists.
func (c *cancellation) now(ctx context.Context, ids []int64) (map[int64]aep.Subtask, error) {
	now, err := c.inShortStates(ctx, ids)
	if err != nil {
		return nil, err
	}
	others, err := c.reread(ctx, slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
		_, found := now[id]
		return found
	}))
	if err != nil {
		return nil, err
	}
	maps.Copy(now, others)
	c.decoder.SeeRows(slices.Collect(maps.Values(now))...)
	return now, nil
}

// inShortStates reads the lists of the states that few subtasks are in, which hold nearly all subtasks after
// a cancel. That takes a few pages instead of a look-up for each subtask. It reads nothing where that can't
// save calls. It spends at most half of the calls that the other ways need.
func (c *cancellation) inShortStates(ctx context.Context, ids []int64) (map[int64]aep.Subtask, error) {
	calls := max(1, len(subtaskQuery(c.key, c.protocol).Codes))
	otherwise := min(int64(calls*len(ids)), c.pages(max(c.taskSize, 1)))
	price := int64(len(progress.Codes(c.protocol, c.table)))
	found := make(map[int64]aep.Subtask)
	if otherwise < 4*price {
		return found, nil
	}
	wanted, budget := asSet(ids), otherwise/2-price
	if all, err := c.amongCancelled(ctx, wanted, budget); err != nil || all != nil {
		return all, err
	}
	now, err := c.askStates(ctx, progress.Query{Key: c.key, Protocol: c.protocol})
	if err != nil {
		return nil, err
	}
	states := slices.SortedFunc(slices.Values(now.Asked), func(a, b aep.SubtaskCode) int {
		return int(now.Counted[a] - now.Counted[b])
	})
	for _, code := range states {
		n := now.Counted[code]
		if budget -= c.pages(n); budget < 0 || len(found) == len(ids) {
			break
		}
		if n == 0 {
			continue
		}
		list, err := c.client.Subtasks(ctx, aep.SubtaskQuery{Key: c.key, Codes: []aep.SubtaskCode{code}}, 0)
		if err != nil {
			return nil, err
		}
		for _, s := range list.Rows {
			if wanted[s.ID] {
				found[s.ID] = s
			}
		}
	}
	return found, nil
}

// amongCancelled reads the list of a state cancelled, which has most subtasks after a cancel. It returns nil if
// no such list has all wanted subtasks, or if that takes more than the given number of calls.
func (c *cancellation) amongCancelled(ctx context.Context, wanted map[int64]bool, most int64) (map[int64]aep.Subtask, error) {
	for _, code := range progress.CancelledCodes(c.protocol, c.table) {
		list, err := c.client.SampleSubtasks(ctx, c.key, code, c.client.PageSize())
		if aep.IsRefused(err) || aep.IsBadRequest(err) {
			continue // a platform may not know the codes of the other numbering
		}
		if err == nil && list.Truncated && list.Total >= int64(len(wanted)) && c.pages(list.Total) < most {
			list, err = c.client.Subtasks(ctx, aep.SubtaskQuery{Key: c.key, Codes: []aep.SubtaskCode{code}}, 0)
		}
		if err != nil {
			return nil, err
		}
		found := make(map[int64]aep.Subtask, len(wanted))
		for _, s := range list.Rows {
			if wanted[s.ID] {
				found[s.ID] = s
			}
		}
		if len(found) == len(wanted) {
			return found, nil
		}
	}
	return nil, nil
}
