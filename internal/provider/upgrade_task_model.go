package provider

import (
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// upgradeTaskModel is the state of aep_upgrade_task.
//
// Deliberately absent, for they would be a diff at every plan or are of no use
// to a configuration: takeTime, allNum, deviceStatus, firmwareUrl, fileName.
type upgradeTaskModel struct {
	ID              types.String   `tfsdk:"id"`
	ProductID       types.Int64    `tfsdk:"product_id"`
	TaskID          types.Int64    `tfsdk:"task_id"`
	FirmwareID      types.Int64    `tfsdk:"firmware_id"`
	Name            types.String   `tfsdk:"name"`
	Description     types.String   `tfsdk:"description"`
	RetryTimes      types.Int64    `tfsdk:"retry_times"`
	TimeoutHours    types.Int64    `tfsdk:"timeout_hours"`
	ForceDestroy    types.Bool     `tfsdk:"force_destroy"`
	AllowRecreate   types.Bool     `tfsdk:"allow_recreate"`
	AdoptExisting   types.Bool     `tfsdk:"adopt_existing"`
	Protocol        types.String   `tfsdk:"protocol"`
	Status          types.String   `tfsdk:"status"`
	TenantID        types.String   `tfsdk:"tenant_id"`
	ProductName     types.String   `tfsdk:"product_name"`
	FirmwareName    types.String   `tfsdk:"firmware_name"`
	FirmwareVersion types.String   `tfsdk:"firmware_version"`
	UpgradePlan     types.Int64    `tfsdk:"upgrade_plan"`
	CreatedAt       types.String   `tfsdk:"created_at"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

func (m upgradeTaskModel) key() aep.TaskKey {
	return aep.TaskKey{ProductID: m.ProductID.ValueInt64(), TaskID: m.TaskID.ValueInt64()}
}

// wantedProtocol is the protocol that the settings are for.
func (m upgradeTaskModel) wantedProtocol() aep.Protocol {
	if !m.TimeoutHours.IsNull() {
		return aep.TLink
	}
	return aep.LwM2M
}

func (m upgradeTaskModel) createRequest() aep.CreateTaskRequest {
	return aep.CreateTaskRequest{
		ProductID:    m.ProductID.ValueInt64(),
		FirmwareID:   m.FirmwareID.ValueInt64(),
		Name:         m.Name.ValueString(),
		Description:  m.Description.ValueString(),
		RetryTimes:   m.RetryTimes.ValueInt64Pointer(),
		TimeoutHours: m.TimeoutHours.ValueInt64Pointer(),
	}
}

func (m upgradeTaskModel) modifyRequest(key aep.TaskKey) aep.ModifyTaskRequest {
	return aep.ModifyTaskRequest{
		Key:          key,
		Name:         m.Name.ValueString(),
		Description:  m.Description.ValueString(),
		RetryTimes:   m.RetryTimes.ValueInt64Pointer(),
		TimeoutHours: m.TimeoutHours.ValueInt64Pointer(),
	}
}

// sameSettings reports whether the platform needs no call to go from m to other. It
// is false while a setting is unknown.
func (m upgradeTaskModel) sameSettings(other upgradeTaskModel) bool {
	return m.Name.Equal(other.Name) &&
		!m.Description.IsUnknown() && m.Description.ValueString() == other.Description.ValueString() &&
		m.RetryTimes.Equal(other.RetryTimes) && m.TimeoutHours.Equal(other.TimeoutHours)
}

// shows reports whether a task has the settings of m.
func (m upgradeTaskModel) shows(t aep.Task) bool {
	return campaign.SameText(m.Name.ValueString(), t.Name) && campaign.SameText(m.Description.ValueString(), t.Description) &&
		(m.RetryTimes.IsNull() || t.RetryTimes == nil || *t.RetryTimes == m.RetryTimes.ValueInt64()) &&
		(m.TimeoutHours.IsNull() || t.TimeoutHours == 0 || t.TimeoutHours == m.TimeoutHours.ValueInt64())
}

// created returns m for a task of which no more is known than its id.
func (m upgradeTaskModel) created(key aep.TaskKey) upgradeTaskModel {
	m.ID = types.StringValue(key.String())
	m.TaskID = types.Int64Value(key.TaskID)
	m.Protocol = types.StringValue(m.wantedProtocol().String())
	for _, computed := range []*types.String{&m.Status, &m.TenantID, &m.ProductName, &m.FirmwareName, &m.FirmwareVersion, &m.CreatedAt} {
		if computed.IsUnknown() {
			*computed = types.StringNull()
		}
	}
	if m.UpgradePlan.IsUnknown() {
		m.UpgradePlan = types.Int64Null()
	}
	return m
}

// refreshed returns m with what the platform tells of the task. Values that mean
// the same as those of m stay as they are written there.
func (m upgradeTaskModel) refreshed(t aep.Task) upgradeTaskModel {
	m.ID = types.StringValue(t.Key().String())
	m.ProductID = types.Int64Value(t.ProductID)
	m.TaskID = types.Int64Value(t.ID)
	m.FirmwareID = types.Int64Value(t.FirmwareID)
	if !campaign.SameText(m.Name.ValueString(), t.Name) || m.Name.IsNull() {
		m.Name = types.StringValue(t.Name)
	}
	if !campaign.SameText(m.Description.ValueString(), t.Description) {
		m.Description = stringOrNull(t.Description)
	}
	m.refreshProtocol(t)
	m.Status = types.StringValue(t.Status.String())
	m.TenantID = keptIfEmpty(m.TenantID, t.TenantID)
	m.ProductName = keptIfEmpty(m.ProductName, t.ProductName)
	m.FirmwareName = keptIfEmpty(m.FirmwareName, t.FirmwareName)
	m.FirmwareVersion = keptIfEmpty(m.FirmwareVersion, t.FirmwareVersion)
	if t.UpgradePlan != 0 || m.UpgradePlan.IsUnknown() {
		m.UpgradePlan = int64OrNull(t.UpgradePlan)
	}
	m.CreatedAt = keptIfEmpty(m.CreatedAt, timeText(t.CreatedAt))
	m.ForceDestroy = falseIfNull(m.ForceDestroy)
	m.AllowRecreate = falseIfNull(m.AllowRecreate)
	m.AdoptExisting = falseIfNull(m.AdoptExisting)
	return m
}

// refreshProtocol keeps only the argument of the task's protocol. The protocol is
// that of the task for an import alone: a platform may show both arguments. A value that
// the platform leaves out is as it was.
func (m *upgradeTaskModel) refreshProtocol(t aep.Task) {
	protocol, known := aep.ParseProtocol(m.Protocol.ValueString())
	switch {
	case known:
	case !m.TimeoutHours.IsNull():
		protocol = aep.TLink
	default:
		protocol = t.Protocol()
	}
	m.Protocol = types.StringValue(protocol.String())
	if protocol == aep.TLink {
		m.RetryTimes = types.Int64Null()
		if t.TimeoutHours != 0 {
			m.TimeoutHours = types.Int64Value(t.TimeoutHours)
		}
		return
	}
	m.TimeoutHours = types.Int64Null()
	switch {
	case t.RetryTimes != nil:
		m.RetryTimes = types.Int64Value(*t.RetryTimes)
	case m.RetryTimes.IsNull():
		m.RetryTimes = types.Int64Value(0)
	}
}

// writtenAs returns m with the settings as the plan writes them, which Terraform
// insists on.
func (m upgradeTaskModel) writtenAs(plan upgradeTaskModel) upgradeTaskModel {
	m.Name, m.Description, m.RetryTimes, m.TimeoutHours = plan.Name, plan.Description, plan.RetryTimes, plan.TimeoutHours
	m.FirmwareID, m.ProductID, m.Protocol = plan.FirmwareID, plan.ProductID, types.StringValue(plan.wantedProtocol().String())
	for known, planned := range map[*types.String]types.String{
		&m.TenantID: plan.TenantID, &m.ProductName: plan.ProductName, &m.FirmwareName: plan.FirmwareName,
		&m.FirmwareVersion: plan.FirmwareVersion, &m.CreatedAt: plan.CreatedAt, &m.Status: plan.Status,
	} {
		if !planned.IsUnknown() {
			*known = planned
		}
	}
	if !plan.UpgradePlan.IsUnknown() {
		m.UpgradePlan = plan.UpgradePlan
	}
	return m
}

func stringOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func int64OrNull(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

// keptIfEmpty returns the platform's value, or what is known already where an
// answer leaves it out.
func keptIfEmpty(known types.String, text string) types.String {
	if text == "" && !known.IsUnknown() {
		return known
	}
	return stringOrNull(text)
}

func falseIfNull(b types.Bool) types.Bool { return types.BoolValue(b.ValueBool()) }

// timeText writes a time as RFC 3339 in China's zone, "" if it is not known.
func timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(aep.ChinaTime).Format(time.RFC3339)
}
