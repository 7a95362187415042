package campaign

import (
	"context"
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// GroupMembers returns the devices of a device group: candidates for a task and devices that have joined it.
func (r *Runner) GroupMembers(ctx context.Context, key aep.TaskKey, groupID string) (deviceset.Set, error) {
	var ids []string
	for _, scope := range bothScopes {
		list, err := r.client.Devices(ctx, aep.DeviceQuery{Key: key, Scope: scope, GroupID: groupID}, 0)
		if err != nil {
			return nil, err
		}
		for _, d := range list.Rows {
			ids = append(ids, d.ID)
		}
	}
	return deviceset.Of(ids), nil
}

// bothScopes are the lists that may hold a device of a group.
var bothScopes = []aep.DeviceScope{aep.Candidates, aep.Joined}

// StillInGroupError says that the list of a device group lacks a device that belongs to it.
type StillInGroupError struct {
	GroupID string
	Device  string
}

func (e *StillInGroupError) Error() string {
	return fmt.Sprintf("the list of device group %s left out device %s, which still belongs to it", e.GroupID, e.Device)
}

// ConfirmLeft looks up whether devices that the list of a group lacks have left it. The error is a
// *StillInGroupError if a device has not.
func (r *Runner) ConfirmLeft(ctx context.Context, key aep.TaskKey, groupID string, ids deviceset.Set) error {
	still, err := lookUpAll(ctx, r.client.Concurrency(), ids, func(ctx context.Context, id string) ([]aep.Device, error) {
		var found []aep.Device
		for _, scope := range bothScopes {
			list, err := r.client.Devices(ctx, aep.DeviceQuery{Key: key, Scope: scope, DeviceID: id}, 0)
			if err != nil {
				return nil, err
			}
			found = append(found, list.Rows...)
		}
		return slices.DeleteFunc(found, func(d aep.Device) bool { return d.ID != id || d.GroupID != groupID }), nil
	})
	if err != nil || len(still) == 0 {
		return err
	}
	return &StillInGroupError{GroupID: groupID, Device: still[0].ID}
}
