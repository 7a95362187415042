package provider

import (
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// upgradeDevicesModel is the state of aep_upgrade_devices.
//
// Deliberately absent: the ids of the members. They are kept compressed in
// private state (upgrade_devices_ledger.go), where no plan prints or compares them.
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
	BatchSize        types.Int64    `tfsdk:"batch_size"`
	Protocol         types.String   `tfsdk:"protocol"`
	DeviceIDsSHA256  types.String   `tfsdk:"device_ids_sha256"`
	DeviceCount      types.Int64    `tfsdk:"device_count"`
	PlannedChange    types.String   `tfsdk:"planned_change"`
	AttachedCount    types.Int64    `tfsdk:"attached_count"`
	CancelledCount   types.Int64    `tfsdk:"cancelled_count"`
	MissingCount     types.Int64    `tfsdk:"missing_count"`
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

	defaultSetName = "default"
)

type waveModel struct {
	Weights types.List   `tfsdk:"weights"`
	Index   types.Int64  `tfsdk:"index"`
	Seed    types.String `tfsdk:"seed"`
}

var failureType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"device_id": types.StringType, "code": types.StringType, "message": types.StringType,
}}

func (m upgradeDevicesModel) key() aep.TaskKey {
	return aep.TaskKey{ProductID: m.ProductID.ValueInt64(), TaskID: m.TaskID.ValueInt64()}
}

func (m upgradeDevicesModel) protocol() aep.Protocol {
	protocol, ok := aep.ParseProtocol(m.Protocol.ValueString())
	if !ok {
		return aep.LwM2M
	}
	return protocol
}

// cancels reports whether devices that leave the set are cancelled.
func (m upgradeDevicesModel) cancels() bool { return m.OnRemove.ValueString() != removeKeep }

// cancelsOthers reports whether devices of the task are cancelled that the set
// does not list. A set that keeps devices keeps these too.
func (m upgradeDevicesModel) cancelsOthers() bool { return m.Exclusive.ValueBool() && m.cancels() }

// withDesired returns m with what a plan tells of the devices it wants.
func (m upgradeDevicesModel) withDesired(desired deviceset.Set) upgradeDevicesModel {
	m.DeviceIDsSHA256 = types.StringValue(desired.Digest())
	m.DeviceCount = types.Int64Value(int64(len(desired)))
	return m
}

// withChange returns m with the change that leads to its device count. The count
// stands beside it, because a plan shows this change after the one before.
func (m upgradeDevicesModel) withChange(add, remove int) upgradeDevicesModel {
	m.PlannedChange = types.StringValue(fmt.Sprintf("+%d −%d, to %d devices", add, remove, m.DeviceCount.ValueInt64()))
	return m
}

// withMembers returns m with what became of the devices that it wants. A device
// that was cancelled is not attached.
func (m upgradeDevicesModel) withMembers(desired deviceset.Set, members campaign.Members) upgradeDevicesModel {
	mine := members.All.Intersection(desired)
	cancelled := members.Cancelled.Intersection(mine)
	missing := desired.Minus(mine)
	m.AttachedCount = types.Int64Value(int64(len(mine) - len(cancelled)))
	m.CancelledCount = types.Int64Value(int64(len(cancelled)))
	m.MissingCount = types.Int64Value(int64(len(missing)))
	m.MissingDeviceIDs = firstIDs(missing)
	m.Failures = failureList(nil)
	return m
}

// refreshed returns m after a read that found these members, and of those of
// before these gone. Devices that were missing before are so still.
func (m upgradeDevicesModel) refreshed(members campaign.Members, gone deviceset.Set) upgradeDevicesModel {
	cancelled := int64(len(members.Cancelled))
	m.AttachedCount = types.Int64Value(int64(len(members.All)) - cancelled)
	m.CancelledCount = types.Int64Value(cancelled)
	m.MissingCount = types.Int64Value(max(0, m.DeviceCount.ValueInt64()-int64(len(members.All))))
	if len(gone) > 0 {
		m.MissingDeviceIDs = firstIDs(deviceset.Set(stringsOf(m.MissingDeviceIDs)).Union(gone))
	}
	return m
}

// undecided returns m for a plan that does not know yet which devices it wants.
func (m upgradeDevicesModel) undecided() upgradeDevicesModel {
	m.DeviceIDsSHA256, m.DeviceCount = types.StringUnknown(), types.Int64Unknown()
	m.PlannedChange = types.StringUnknown()
	return m.pending()
}

// pending returns m with the results open that only an apply can tell.
func (m upgradeDevicesModel) pending() upgradeDevicesModel {
	m.AttachedCount, m.CancelledCount, m.MissingCount = types.Int64Unknown(), types.Int64Unknown(), types.Int64Unknown()
	m.MissingDeviceIDs, m.Failures = types.ListUnknown(types.StringType), types.ListUnknown(failureType)
	return m
}

// unchanged returns m with the results that the state holds.
func (m upgradeDevicesModel) unchanged(state upgradeDevicesModel) upgradeDevicesModel {
	m.DeviceIDsSHA256, m.DeviceCount, m.PlannedChange = state.DeviceIDsSHA256, state.DeviceCount, state.PlannedChange
	m.AttachedCount, m.CancelledCount, m.MissingCount = state.AttachedCount, state.CancelledCount, state.MissingCount
	m.MissingDeviceIDs, m.Failures = state.MissingDeviceIDs, state.Failures
	return m
}

// defaulted returns m with the defaults of arguments that an import leaves null.
func (m upgradeDevicesModel) defaulted() upgradeDevicesModel {
	for argument, value := range map[*types.String]string{
		&m.Name: defaultSetName, &m.Selection: selectionSnapshot, &m.OnRemove: removeCancel, &m.DriftDetection: driftAuto,
	} {
		if argument.IsNull() {
			*argument = types.StringValue(value)
		}
	}
	m.Exclusive = falseIfNull(m.Exclusive)
	m.Preflight, m.ForceDestroy = falseIfNull(m.Preflight), falseIfNull(m.ForceDestroy)
	if m.BatchSize.IsNull() {
		m.BatchSize = types.Int64Value(defaultBatchSize)
	}
	return m
}

func devicesID(key aep.TaskKey, name string) string { return fmt.Sprintf("%s/%s", key, name) }

// firstIDs lists no more ids than a plan can show.
func firstIDs(ids deviceset.Set) types.List {
	ids = ids[:min(len(ids), campaign.MaxListed)]
	values := make([]attr.Value, len(ids))
	for i, id := range ids {
		values[i] = types.StringValue(id)
	}
	return types.ListValueMust(types.StringType, values)
}

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

// stringsOf returns the texts of a list of strings, sorted.
func stringsOf(list types.List) []string {
	texts := make([]string, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}
