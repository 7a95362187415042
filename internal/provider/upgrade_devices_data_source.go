package provider

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure        = (*upgradeDevicesDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*upgradeDevicesDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig   = (*upgradeDevicesDataSource)(nil)
)

func newUpgradeDevicesDataSource() datasource.DataSource { return &upgradeDevicesDataSource{} }

// upgradeDevicesDataSource lists devices that are in a task or may join one.
type upgradeDevicesDataSource struct{ configuredDataSource }

const (
	// The values of scope.
	scopeCandidates = "candidates"
	scopeJoined     = "joined"

	exactly = " Matches exactly. Defaults to any."
)

// upgradeDevicesDataModel is the state of data source aep_upgrade_devices.
//
// Deliberately absent from the rows: flag, whose meaning is not documented.
type upgradeDevicesDataModel struct {
	ProductID     types.Int64  `tfsdk:"product_id"`
	Scope         types.String `tfsdk:"scope"`
	TaskID        types.Int64  `tfsdk:"task_id"`
	DeviceID      types.String `tfsdk:"device_id"`
	DeviceName    types.String `tfsdk:"device_name"`
	IMEI          types.String `tfsdk:"imei"`
	DeviceNo      types.String `tfsdk:"device_no"`
	DeviceGroupID types.String `tfsdk:"device_group_id"`
	MaxResults    types.Int64  `tfsdk:"max_results"`
	Devices       types.List   `tfsdk:"devices"`
	Total         types.Int64  `tfsdk:"total"`
	Truncated     types.Bool   `tfsdk:"truncated"`
	DeviceIDsText types.String `tfsdk:"device_ids_text"`
}

var deviceColumns = columns[aep.Device]{
	valueColumn("device_id", "Id of the device (`deviceId`).", func(d aep.Device) attr.Value { return types.StringValue(d.ID) }),
	textColumn("name", "Name of the device (`deviceName`).", func(d aep.Device) string { return d.Name }),
	textColumn("sn", "Device number, for T-Link (`deviceSn`).", func(d aep.Device) string { return d.SN }),
	textColumn("imei", "IMEI of the device, for LwM2M (`imei`).", func(d aep.Device) string { return d.IMEI }),
	numberColumn("subtask_id", "Id of the device's subtask (`taskId`). Null for a candidate.",
		func(d aep.Device) int64 { return d.SubtaskID }),
	countColumn("status", "State of the device (`deviceStatus`): 0 registered, 1 activated, 2 deregistered.",
		func(d aep.Device) int64 { return d.Status }),
	numberColumn("net_status", "State of its connection (`netStatus`): 1 online, 2 offline. Null if the device has never connected.",
		func(d aep.Device) int64 { return d.NetStatus }),
	textColumn("firmware_version", "Firmware version that the device runs (`firmwareVersion`).",
		func(d aep.Device) string { return d.FirmwareVersion }),
	valueColumn("state_code", "State code of the device's subtask (`taskState`). Null for a candidate. "+
		"Data source `aep_upgrade_subtasks` shows its phase.",
		func(d aep.Device) attr.Value { return stateCodeOrNull(d.SubtaskCode) }),
	textColumn("result_code", "Result code of the device's subtask (`resultCode`): `-1` while there is none. Other values are not documented.",
		func(d aep.Device) string { return d.ResultCode }),
	textColumn("device_group_id", "Group that the device belongs to (`deviceGroupId`).", func(d aep.Device) string { return d.GroupID }),
	timeColumn("created_at", "Time of creation, RFC 3339 in China's time zone (`createTime`).",
		func(d aep.Device) time.Time { return d.CreatedAt }),
	timeColumn("online_at", "Time at which the device last came online, RFC 3339 in China's time zone (`onlineAt`).",
		func(d aep.Device) time.Time { return d.OnlineAt }),
	timeColumn("offline_at", "Time at which the device last went offline, RFC 3339 in China's time zone (`offlineAt`).",
		func(d aep.Device) time.Time { return d.OfflineAt }),
}

func (d *upgradeDevicesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_devices"
}

func (d *upgradeDevicesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Devices that have joined a firmware upgrade task, or that may join one. A device must match all filters. " +
			"The console shows the devices of a task under 固件远程升级管理, and all devices of a product under 设备管理.",
		Attributes: map[string]schema.Attribute{
			"product_id": productIDAttribute(),
			"scope": schema.StringAttribute{
				Required: true, Validators: []validator.String{oneOf(scopeCandidates, scopeJoined)},
				MarkdownDescription: "Devices to list (`isSelectDevice`): `candidates` may join a task, `joined` have joined the task `task_id`.",
			},
			"task_id": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Task whose devices to list (`id`). Set with `scope = \"joined\"` only.",
			},
			"device_id":       filterAttribute("Id of the device (`deviceIdSearch`)." + exactly),
			"device_name":     filterAttribute("Name of the device (`deviceNameSearch`)." + exactly),
			"imei":            filterAttribute("IMEI of the device, for LwM2M products (`imeiSearch`)." + exactly),
			"device_no":       filterAttribute("Device number, for T-Link products (`deviceNoSearch`)." + exactly),
			"device_group_id": filterAttribute("Device group (`deviceGroupIdSearch`)." + exactly),
			"max_results":     maxResultsAttribute(),
			"devices":         deviceColumns.tableAttribute("The devices, in the platform's order."),
			"total":           totalAttribute("devices"),
			"truncated":       truncatedAttribute(),
			"device_ids_text": deviceIDsTextAttribute("devices"),
		},
	}
}

func (d *upgradeDevicesDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.Conflicting(path.MatchRoot("imei"), path.MatchRoot("device_no"))}
}

func (d *upgradeDevicesDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest,
	resp *datasource.ValidateConfigResponse,
) {
	var config upgradeDevicesDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.TaskID.IsUnknown() {
		return
	}
	switch {
	case config.Scope.ValueString() == scopeJoined && config.TaskID.IsNull():
		resp.Diagnostics.Append(atArgument("task_id", failure("Missing task_id", "scope = \"joined\" lists the devices of a task: set task_id.")))
	case config.Scope.ValueString() == scopeCandidates && !config.TaskID.IsNull():
		resp.Diagnostics.Append(atArgument("task_id", failure("Superfluous task_id",
			"scope = \"candidates\" lists devices for any task of the product. "+
				"Remove task_id, or set scope = \"joined\" for the devices of this task.")))
	}
}

func (d *upgradeDevicesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state upgradeDevicesDataModel
	runner := d.begin(ctx, req.Config, &state, &resp.Diagnostics)
	if runner == nil {
		return
	}
	list, err := runner.FindDevices(ctx, state.query(), maxResults(state.MaxResults))
	if err != nil {
		resp.Diagnostics.Append(unableToRead("devices", err))
		return
	}
	state.Devices = deviceColumns.list(list.Rows)
	state.Total = types.Int64Value(list.Total)
	state.Truncated = types.BoolValue(list.Truncated)
	state.DeviceIDsText = types.StringValue(lines(list.Rows, func(d aep.Device) string { return d.ID }))
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (m upgradeDevicesDataModel) query() aep.DeviceQuery {
	q := aep.DeviceQuery{
		Key:      taskKey(m.ProductID, m.TaskID),
		Scope:    aep.Candidates,
		DeviceID: m.DeviceID.ValueString(), Name: m.DeviceName.ValueString(),
		IMEI: m.IMEI.ValueString(), DeviceNo: m.DeviceNo.ValueString(), GroupID: m.DeviceGroupID.ValueString(),
	}
	if m.Scope.ValueString() == scopeJoined {
		q.Scope = aep.Joined
	}
	return q
}
