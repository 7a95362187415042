package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// ActiveDevicesError refuses to delete a task with active devices.
type ActiveDevicesError struct {
	Key       aep.TaskKey
	Histogram progress.Histogram
}

func (e *ActiveDevicesError) Error() string {
	return fmt.Sprintf("%s still has devices that are not final: %s", e.Key.Object(), e.Histogram)
}

// deletePauses are the pauses before a delete whose outcome is unknown is sent again.
var deletePauses = []time.Duration{2 * time.Second, 2 * time.Second}

// DeleteTask deletes a task; a task that is gone is a success. While devices are active the error is an
// *ActiveDevicesError. With force they are cancelled first, and the delete waits until none is active.
func (r *Runner) DeleteTask(ctx context.Context, key aep.TaskKey, force bool) error {
	r.MarkDeleting(key)
	task, err := r.ReadTask(ctx, key)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := r.clearForDeletion(ctx, task, force); err != nil {
		if !aep.MaybeGone(err) {
			return err
		}
		if _, readErr := r.ReadTask(ctx, key); isGone(readErr) {
			return nil // deleted by another caller meanwhile
		}
		return err
	}
	_ = poll(ctx, after(deletePauses...), func() (final bool, _ error) {
		final, err = r.sendDelete(ctx, key)
		return final, nil
	})
	return err
}

// sendDelete sends a delete once. final is false if its outcome is unknown and the task still exists.
func (r *Runner) sendDelete(ctx context.Context, key aep.TaskKey) (final bool, err error) {
	err = r.write(ctx, key, func(ctx context.Context) error { return r.client.DeleteTask(ctx, key) })
	if err == nil || !aep.Ambiguous(err) && !aep.MaybeGone(err) {
		return true, err
	}
	_, readErr := r.ReadTask(ctx, key)
	if isGone(readErr) {
		return true, nil
	}
	return readErr != nil || !aep.Ambiguous(err), err
}

func (r *Runner) clearForDeletion(ctx context.Context, task aep.Task, force bool) error {
	task, err := r.SettleProtocol(ctx, task)
	if err != nil {
		return err
	}
	key, protocol := task.Key(), task.Protocol()
	states, err := r.countWhole(ctx, progress.QueryOf(task))
	if err != nil {
		return err
	}
	h := states.Histogram()
	if h.MaybeActive() == 0 {
		return nil
	}
	if !force {
		return &ActiveDevicesError{Key: key, Histogram: h}
	}
	outcome, err := r.CancelActive(ctx, key, protocol, -1)
	if err != nil {
		return err
	}
	if len(outcome.Failures) > 0 {
		first := outcome.Failures[0]
		return fmt.Errorf("%s was not deleted, because %d of its devices could not be cancelled; the first is %s: %s",
			key.Object(), len(outcome.Failures), first.DeviceID, strings.TrimSpace(first.Code+" "+first.Message))
	}
	return nil
}
