package provider

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// upgradeTaskModel is the state of aep_upgrade_task.
//
// Deliberately absent: takeTime, allNum and deviceStatus, which would differ in every plan; firmwareUrl and
// fileName, which no configuration needs.
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

func (m upgradeTaskModel) key() aep.TaskKey { return taskKey(m.ProductID, m.TaskID) }

func (m upgradeTaskModel) limits() (timeouts.Value, crudLimits) {
	return m.Timeouts, crudLimits{create: 5 * time.Minute, read: 5 * time.Minute, update: 5 * time.Minute, delete: 30 * time.Minute}
}

func (m upgradeTaskModel) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	return setTaskIdentity(ctx, identity, m.key())
}

// wantedProtocol returns the protocol that the settings are for.
func (m upgradeTaskModel) wantedProtocol() aep.Protocol {
	if !m.TimeoutHours.IsNull() {
		return aep.TLink
	}
	return aep.LwM2M
}

// plannedProtocol returns wantedProtocol, unknown while a setting is unknown.
func (m upgradeTaskModel) plannedProtocol() types.String {
	if m.RetryTimes.IsUnknown() || m.TimeoutHours.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(m.wantedProtocol().String())
}

// likeness returns the values that decide whether a task repeats another task.
func (m upgradeTaskModel) likeness() taskLikeness {
	return taskLikeness{productID: m.ProductID, firmwareID: m.FirmwareID, name: m.Name}
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

// replaces reports whether m needs another task than state. A value that is not known yet may turn out to be
// the same.
func (m upgradeTaskModel) replaces(state upgradeTaskModel) bool {
	return !m.Protocol.IsUnknown() && !m.Protocol.Equal(state.Protocol) ||
		!m.ProductID.IsUnknown() && !m.ProductID.Equal(state.ProductID) ||
		!m.FirmwareID.IsUnknown() && !m.FirmwareID.Equal(state.FirmwareID)
}

// sameSettings reports whether m and other have the same settings on the platform. It is false while a
// setting is unknown.
func (m upgradeTaskModel) sameSettings(other upgradeTaskModel) bool {
	return m.Name.Equal(other.Name) &&
		!m.Description.IsUnknown() && m.Description.ValueString() == other.Description.ValueString() &&
		m.RetryTimes.Equal(other.RetryTimes) && m.TimeoutHours.Equal(other.TimeoutHours)
}

// shows reports whether a task has the settings of m.
func (m upgradeTaskModel) shows(t aep.Task) bool {
	return campaign.Shows(t, m.modifyRequest(t.Key()))
}

// created returns m for a task that exists and has not been read.
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

// refreshed returns m with the values of the task. A text that campaign.SameText takes for the same stays as
// m has it.
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
	m.CreatedAt = keptIfEmpty(m.CreatedAt, timeOrNull(t.CreatedAt).ValueString())
	m.ForceDestroy = falseIfNull(m.ForceDestroy)
	m.AllowRecreate = falseIfNull(m.AllowRecreate)
	m.AdoptExisting = falseIfNull(m.AdoptExisting)
	return m
}

// refreshProtocol sets the argument of the protocol, and clears the other argument: a platform may show both.
// The task decides the protocol only for an import. A value that the platform leaves out is kept.
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

// writtenAs returns m with the values of the plan, which Terraform requires of an apply.
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
