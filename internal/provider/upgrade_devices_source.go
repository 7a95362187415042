package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// maxListedIDs is how long device_ids may be: what a person can review in a plan.
const maxListedIDs = 2000

// listedDevices reads a list of device ids. known is false while the list or
// one of its elements is unknown.
func listedDevices(list types.List, at path.Path) (set deviceset.Set, known bool, diags diag.Diagnostics) {
	if list.IsUnknown() {
		return nil, false, nil
	}
	ids := make([]string, 0, len(list.Elements()))
	for i, element := range list.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok || text.IsNull():
			diags.AddAttributeError(at, "Invalid device ids", fmt.Sprintf("Element %d is null.", i))
			return nil, false, diags
		case text.IsUnknown():
			return nil, false, nil
		}
		ids = append(ids, text.ValueString())
	}
	set, err := deviceset.New(ids)
	if err != nil {
		diags.AddAttributeError(at, "Invalid device ids", capitalized(err.Error())+".")
		return nil, false, diags
	}
	return set, true, nil
}

// wanted are the devices that a configuration asks for.
type wanted struct {
	source deviceset.Set // all that the source names
	set    deviceset.Set // the share of the wave, or all of them
}

// desired finds out which devices a configuration asks for. known is false as
// long as something that decides it is unknown.
func (r *upgradeDevicesResource) desired(ctx context.Context, config upgradeDevicesModel, l ledger) (w wanted, known bool, diags diag.Diagnostics) {
	switch {
	case l.finished && !l.packed && !config.DeviceGroupID.IsNull():
		return wanted{source: l.All, set: l.All}, true, nil // the group no longer matters, and the task may be gone
	case !config.DeviceIDs.IsNull():
		w.source, known, diags = listedDevices(config.DeviceIDs, path.Root("device_ids"))
	case !config.DeviceIDsWO.IsNull():
		w.source, known, diags = listedDevices(config.DeviceIDsWO, path.Root("device_ids_wo"))
	case !config.DeviceIDsFile.IsNull():
		w.source, known, diags = fileDevices(config.DeviceIDsFile)
	case !config.DeviceGroupID.IsNull():
		w.source, known, diags = r.groupDevices(ctx, config, l)
	}
	if !known || diags.HasError() {
		return wanted{}, false, diags
	}
	w.set = w.source
	if !config.Wave.IsNull() {
		waves, index, waveKnown, waveDiags := readWave(ctx, config.Wave)
		if !waveKnown || waveDiags.HasError() {
			return wanted{}, false, waveDiags
		}
		w.set = w.source.Wave(waves, index)
	}
	return w, true, diags
}

func fileDevices(file types.String) (deviceset.Set, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	if file.IsUnknown() {
		return nil, false, nil
	}
	set, err := deviceset.ReadFile(file.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("device_ids_file"), "Unable to read device file", capitalized(err.Error())+
			".\n\nThe file holds one device id a line; blank lines and lines that begin with # do not count.")
		return nil, false, diags
	}
	return set, true, nil
}

// groupDevices returns the members of a device group: as they were when the
// group was selected, or as they are.
func (r *upgradeDevicesResource) groupDevices(ctx context.Context, config upgradeDevicesModel, l ledger) (deviceset.Set, bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	group := config.DeviceGroupID
	switch {
	// A task that this run replaces still holds devices of the group.
	case group.IsUnknown() || config.ProductID.IsUnknown() || config.TaskID.IsUnknown() || config.Selection.IsUnknown() || !r.ready():
		return nil, false, nil
	case config.Selection.ValueString() == selectionSnapshot && l.selection == group.ValueString():
		return l.snapshot, true, nil
	}
	runner := r.open(&diags)
	if runner == nil {
		return nil, false, diags
	}
	set, err := runner.GroupMembers(ctx, config.key(), group.ValueString())
	if err != nil {
		diags.Append(unable("list the members of", "device group "+group.ValueString(), err))
		return nil, false, diags
	}
	return set, true, nil
}

// readWave checks a wave; known is false while a part of it is unknown.
func readWave(ctx context.Context, wave types.Object) (waves *deviceset.Waves, index int, known bool, diags diag.Diagnostics) {
	var m waveModel
	if wave.IsNull() || wave.IsUnknown() {
		return nil, 0, false, nil
	}
	diags = wave.As(ctx, &m, basetypes.ObjectAsOptions{})
	if diags.HasError() || m.Weights.IsUnknown() || m.Index.IsUnknown() || m.Seed.IsUnknown() {
		return nil, 0, false, diags
	}
	var weights []int64
	for _, element := range m.Weights.Elements() {
		weight, ok := element.(types.Int64)
		if !ok || weight.IsUnknown() {
			return nil, 0, false, diags
		}
		weights = append(weights, weight.ValueInt64())
	}
	at := path.Root("wave")
	waves, err := deviceset.NewWaves(weights, m.Seed.ValueString())
	if err != nil {
		diags.AddAttributeError(at.AtName("weights"), "Invalid wave", capitalized(err.Error())+".")
		return nil, 0, false, diags
	}
	if i := m.Index.ValueInt64(); i < 0 || i >= int64(len(weights)) {
		diags.AddAttributeError(at.AtName("index"), "Invalid wave", fmt.Sprintf(
			"Index %d names none of the %d waves; they are counted from 0.", i, len(weights)))
		return nil, 0, false, diags
	}
	return waves, int(m.Index.ValueInt64()), true, diags
}

// changedSincePlan is the error for a source that is not what was planned.
func changedSincePlan(source string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Device set changed between plan and apply",
		"The devices of "+source+" are not those that were planned. Nothing was sent. Plan again, and review the change.")
}

// sourceName says where a configuration takes its devices from.
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

// someIDs writes device ids for an error: the first few, and how many more.
func someIDs(ids []string) string {
	const shown = 20
	if len(ids) <= shown {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(ids[:shown], ", "), len(ids)-shown)
}
