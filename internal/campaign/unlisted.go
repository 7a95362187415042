package campaign

import (
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// UnlistedBesideSets returns the active devices of a task that no set of this run lists, gives up or has. It
// looks them up only if the task lists more devices than the sets have.
func (r *Runner) UnlistedBesideSets(ctx context.Context, key aep.TaskKey, protocol aep.Protocol, listed int64) (deviceset.Set, error) {
	sets := r.Sets.Outnumbered(key, listed)
	if sets == nil {
		return nil, nil
	}
	return r.Unlisted(ctx, key, protocol, ownership.DevicesOf(sets))
}

// UnlistedAfterStart is UnlistedBesideSets for a started task. expected is the number of devices that the
// start expected. total is how many of its devices were not cancelled, listed or not.
func (r *Runner) UnlistedAfterStart(ctx context.Context, key aep.TaskKey, expected, total int64) (deviceset.Set, error) {
	sets := r.Sets.OutnumberedAfterStart(key, expected, total)
	if sets == nil {
		return nil, nil
	}
	task, err := r.SharedDetail(ctx, key)
	if err == nil {
		task, err = r.SettleProtocol(ctx, task)
	}
	if err != nil {
		return nil, err
	}
	return r.Unlisted(ctx, key, task.Protocol(), ownership.DevicesOf(sets))
}

// CheckAnnouncedStart returns an *UnlistedAtStartError if the announced start of a task would upgrade
// unlisted devices. A start and sets are planned in any order, so it is called after each of them is
// registered.
func (r *Runner) CheckAnnouncedStart(ctx context.Context, key aep.TaskKey) error {
	sets, protocol := r.Sets.ToCompare(key)
	if sets == nil {
		return nil
	}
	unlisted, err := r.Unlisted(ctx, key, protocol, ownership.DevicesOf(sets))
	if err != nil || len(unlisted) == 0 {
		return err
	}
	return &UnlistedAtStartError{Key: key, Count: int64(len(unlisted)), Devices: unlisted}
}

// refuseUnlisted returns an *UnlistedAtStartError if a start would upgrade unlisted devices, although the
// number of devices is the expected one.
func (r *Runner) refuseUnlisted(ctx context.Context, task aep.Task, expected, active int64) error {
	n, unread := r.Sets.UnlistedAtStart(task.Key(), expected, active)
	var devices deviceset.Set
	if n == 0 && unread != nil {
		var err error
		if devices, err = r.Unlisted(ctx, task.Key(), task.Protocol(), ownership.DevicesOf(unread)); err != nil {
			return err
		}
		n = int64(len(devices))
	}
	if n == 0 {
		return nil
	}
	return &UnlistedAtStartError{Key: task.Key(), Count: n, Devices: devices}
}

// UnlistedAtStartError refuses to start a task that holds unlisted devices.
type UnlistedAtStartError struct {
	Key     aep.TaskKey
	Count   int64
	Devices deviceset.Set // empty if they were not looked up
}

func (e *UnlistedAtStartError) Error() string {
	return fmt.Sprintf("%s holds %s active devices that no set lists",
		e.Key.Object(), progress.Grouped(e.Count))
}
