package provider

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// upgradeDevicesModel is the state of aep_upgrade_devices.
//
// Deliberately absent: the ids of the members. Private state holds them, where no plan prints or compares
// them (upgrade_devices_ledger.go).
type upgradeDevicesModel struct {
	ID               types.String   `tfsdk:"id"`
	ProductID        types.Int64    `tfsdk:"product_id"`
	TaskID           types.Int64    `tfsdk:"task_id"`
	Name             types.String   `tfsdk:"name"`
	DeviceIDs        types.List     `tfsdk:"device_ids"`
	DeviceIDsWO      types.List     `tfsdk:"device_ids_wo"`
	DeviceIDsFile    types.String   `tfsdk:"device_ids_file"`
	DeviceGroupID    types.String   `tfsdk:"device_group_id"`
	Selection        types.String   `tfsdk:"selection"`
	Wave             types.Object   `tfsdk:"wave"`
	Exclusive        types.Bool     `tfsdk:"exclusive"`
	OnRemove         types.String   `tfsdk:"on_remove"`
	ForceDestroy     types.Bool     `tfsdk:"force_destroy"`
	DriftDetection   types.String   `tfsdk:"drift_detection"`
	Preflight        types.Bool     `tfsdk:"preflight"`
	FromVersions     types.List     `tfsdk:"from_versions"`
	SkipCurrent      types.Bool     `tfsdk:"skip_current"`
	UnknownVersions  types.String   `tfsdk:"unknown_versions"`
	BatchSize        types.Int64    `tfsdk:"batch_size"`
	Protocol         types.String   `tfsdk:"protocol"`
	DeviceIDsSHA256  types.String   `tfsdk:"device_ids_sha256"`
	DeviceCount      types.Int64    `tfsdk:"device_count"`
	PlannedChange    types.String   `tfsdk:"planned_change"`
	AttachedCount    types.Int64    `tfsdk:"attached_count"`
	CancelledCount   types.Int64    `tfsdk:"cancelled_count"`
	MissingCount     types.Int64    `tfsdk:"missing_count"`
	SkippedCount     types.Int64    `tfsdk:"skipped_count"`
	MissingDeviceIDs types.List     `tfsdk:"missing_device_ids"`
	Failures         types.List     `tfsdk:"failures"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
}

// Values of the arguments that choose among a few.
const (
	selectionSnapshot   = "snapshot"
	selectionContinuous = "continuous"
	removeCancel        = "cancel"
	removeKeep          = "keep"
	driftAuto           = "auto"
	driftFull           = "full"
	driftCount          = "count"
	driftNone           = "none"
	unknownJoin         = "join"
	unknownSkip         = "skip"
)

type waveModel struct {
	Weights types.List   `tfsdk:"weights"`
	Index   types.Int64  `tfsdk:"index"`
	Seed    types.String `tfsdk:"seed"`
}

var failureType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"device_id": types.StringType, "code": types.StringType, "message": types.StringType,
}}

func (m upgradeDevicesModel) key() aep.TaskKey { return taskKey(m.ProductID, m.TaskID) }

// taskKnown reports whether the task of a planned set is known.
func (m upgradeDevicesModel) taskKnown() bool {
	return !m.ProductID.IsUnknown() && !m.TaskID.IsUnknown()
}

// identified returns m with the id of the set, if its task and its name are known.
func (m upgradeDevicesModel) identified() upgradeDevicesModel {
	if m.taskKnown() && !m.Name.IsUnknown() {
		m.ID = types.StringValue(devicesID(m.key(), m.Name.ValueString()))
	}
	return m
}

func (m upgradeDevicesModel) limits() (timeouts.Value, crudLimits) {
	return m.limitsFor(m.size(), m.size())
}

// size returns how many devices the set lists, or has if that is more. While the number is not known, as after
// an import, it returns the largest number.
func (m upgradeDevicesModel) size() int64 {
	if m.DeviceCount.IsNull() || m.DeviceCount.IsUnknown() {
		return deviceset.Max
	}
	return max(m.DeviceCount.ValueInt64(), m.AttachedCount.ValueInt64()+m.CancelledCount.ValueInt64())
}

// limitsFor returns the limits for a set that wants and has these numbers of devices.
func (m upgradeDevicesModel) limitsFor(wanted, members int64) (timeouts.Value, crudLimits) {
	minutes := func(fixed, devices int64) time.Duration { return time.Duration(fixed+devices/1000) * time.Minute }
	return m.Timeouts, crudLimits{
		create: minutes(60, wanted), read: minutes(20, members), update: minutes(60, wanted+members), delete: minutes(60, members),
	}
}

func (m upgradeDevicesModel) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, devicesIdentity{ProductID: m.ProductID, TaskID: m.TaskID, Name: m.Name})
}

// protocol returns the protocol of the task, LwM2M if it is not known.
func (m upgradeDevicesModel) protocol() aep.Protocol {
	protocol, ok := aep.ParseProtocol(m.Protocol.ValueString())
	if !ok {
		return aep.LwM2M
	}
	return protocol
}

// cancels reports whether the set cancels devices that it gives up.
func (m upgradeDevicesModel) cancels() bool { return m.OnRemove.ValueString() != removeKeep }

// cancelsOthers reports whether the set also cancels devices of the task that it does not list. A set with
// on_remove = "keep" cancels none.
func (m upgradeDevicesModel) cancelsOthers() bool { return m.Exclusive.ValueBool() && m.cancels() }

// withDesired returns m with the digest and the number of the devices that it lists.
func (m upgradeDevicesModel) withDesired(desired deviceset.Set) upgradeDevicesModel {
	m.DeviceIDsSHA256 = types.StringValue(desired.Digest())
	m.DeviceCount = types.Int64Value(int64(len(desired)))
	return m
}

// withMembers returns m with the numbers of attached, cancelled, skipped and missing devices among the devices that
// it lists. A cancelled device is not attached.
func (m upgradeDevicesModel) withMembers(desired deviceset.Set, members campaign.Members) upgradeDevicesModel {
	mine := members.All.Intersection(desired)
	cancelled := members.Cancelled.Intersection(mine)
	absent := desired.Minus(mine)
	skipped := members.Skipped.Intersection(absent)
	missing := absent.Minus(skipped)
	m.AttachedCount = types.Int64Value(int64(len(mine) - len(cancelled)))
	m.CancelledCount = types.Int64Value(int64(len(cancelled)))
	m.MissingCount = types.Int64Value(int64(len(missing)))
	m.SkippedCount = types.Int64Value(int64(len(skipped)))
	m.MissingDeviceIDs = firstIDs(missing)
	m.Failures = failureList(nil)
	return m
}

// refreshed returns m after a read. gone are former members that the task no longer has. Devices that were
// missing before are still missing.
func (m upgradeDevicesModel) refreshed(members campaign.Members, gone deviceset.Set) upgradeDevicesModel {
	cancelled := int64(len(members.Cancelled))
	m.AttachedCount = types.Int64Value(int64(len(members.All)) - cancelled)
	m.CancelledCount = types.Int64Value(cancelled)
	m.MissingCount = types.Int64Value(max(0, m.DeviceCount.ValueInt64()-int64(len(members.All))-m.SkippedCount.ValueInt64()))
	if len(gone) > 0 {
		m.MissingDeviceIDs = firstIDs(deviceset.Set(stringsOf(m.MissingDeviceIDs)).Union(gone))
	}
	return m
}

// undecided returns m for a plan whose devices are not known yet.
func (m upgradeDevicesModel) undecided() upgradeDevicesModel {
	m.DeviceIDsSHA256, m.DeviceCount = types.StringUnknown(), types.Int64Unknown()
	m.PlannedChange = types.StringUnknown()
	return m.pending()
}

// pending returns m in which the results that an apply decides are unknown.
func (m upgradeDevicesModel) pending() upgradeDevicesModel {
	m.AttachedCount, m.CancelledCount, m.MissingCount = types.Int64Unknown(), types.Int64Unknown(), types.Int64Unknown()
	m.SkippedCount = types.Int64Unknown()
	m.MissingDeviceIDs, m.Failures = types.ListUnknown(types.StringType), types.ListUnknown(failureType)
	return m
}

// unchanged returns m with the results of the state.
func (m upgradeDevicesModel) unchanged(state upgradeDevicesModel) upgradeDevicesModel {
	m.DeviceIDsSHA256, m.DeviceCount, m.PlannedChange = state.DeviceIDsSHA256, state.DeviceCount, state.PlannedChange
	m.AttachedCount, m.CancelledCount, m.MissingCount = state.AttachedCount, state.CancelledCount, state.MissingCount
	m.SkippedCount = state.SkippedCount
	m.MissingDeviceIDs, m.Failures = state.MissingDeviceIDs, state.Failures
	return m
}

// defaulted returns m with the defaults of arguments that an import leaves null.
func (m upgradeDevicesModel) defaulted() upgradeDevicesModel {
	setIfNull(&m.Name, defaultSetName)
	setIfNull(&m.Selection, selectionSnapshot)
	setIfNull(&m.OnRemove, removeCancel)
	setIfNull(&m.DriftDetection, driftAuto)
	setIfNull(&m.UnknownVersions, unknownJoin)
	m.Exclusive, m.SkipCurrent = falseIfNull(m.Exclusive), falseIfNull(m.SkipCurrent)
	m.Preflight, m.ForceDestroy = falseIfNull(m.Preflight), falseIfNull(m.ForceDestroy)
	return m
}

// sourceName returns the name of the source of the devices for messages.
func (m upgradeDevicesModel) sourceName() string {
	switch {
	case !m.DeviceIDsFile.IsNull():
		return m.DeviceIDsFile.ValueString()
	case !m.DeviceGroupID.IsNull():
		return "device group " + m.DeviceGroupID.ValueString()
	case !m.DeviceIDsWO.IsNull():
		return "device_ids_wo"
	}
	return "device_ids"
}

// failureList returns at most campaign.MaxListed failures as the attribute failures.
func failureList(failures []campaign.DeviceFailure) types.List {
	failures = failures[:min(len(failures), campaign.MaxListed)]
	values := make([]attr.Value, len(failures))
	for i, f := range failures {
		values[i] = types.ObjectValueMust(failureType.AttrTypes, map[string]attr.Value{
			"device_id": types.StringValue(f.DeviceID), "code": stringOrNull(f.Code), "message": types.StringValue(f.Message),
		})
	}
	return types.ListValueMust(failureType, values)
}
