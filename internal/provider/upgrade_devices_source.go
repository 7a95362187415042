package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// listedDevices reads a list of device ids. known is false while the list or an element is unknown.
func listedDevices(list types.List, argument string) (set deviceset.Set, known bool, diags diag.Diagnostics) {
	if list.IsUnknown() {
		return nil, false, nil
	}
	ids := make([]string, 0, len(list.Elements()))
	for i, element := range list.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok || text.IsNull():
			diags.Append(atArgument(argument, failure("Invalid device ids", "Element %d is null.", i)))
			return nil, false, diags
		case text.IsUnknown():
			return nil, false, nil
		}
		ids = append(ids, text.ValueString())
	}
	return newSet(ids, argument)
}

// hiddenDevices reads the argument device_ids_wo. known is false while the list or an element is unknown.
func hiddenDevices(ctx context.Context, list types.List) (set deviceset.Set, known bool, diags diag.Diagnostics) {
	const argument = "device_ids_wo"
	if ids, found := writeOnlyList(ctx); found {
		return newSet(ids, argument)
	}
	return listedDevices(list, argument)
}

// newSet returns the set of the ids of an argument.
func newSet(ids []string, argument string) (set deviceset.Set, valid bool, diags diag.Diagnostics) {
	set, err := deviceset.New(ids)
	if err != nil {
		diags.Append(atArgument(argument, failure("Invalid device ids", "%s", sentence(err))))
	}
	return set, err == nil, diags
}

// fileDevices reads a file of device ids. known is false while its name is unknown.
func fileDevices(file types.String) (set deviceset.Set, known bool, diags diag.Diagnostics) {
	if file.IsUnknown() {
		return nil, false, nil
	}
	set, err := deviceset.ReadFile(file.ValueString())
	if err != nil {
		advice := "The file holds one device id a line. Blank lines and lines that begin with # do not count."
		if errors.Is(err, fs.ErrNotExist) {
			advice = "A relative path begins at the folder that Terraform runs in. path.module is the folder of the module."
		}
		diags.Append(atArgument("device_ids_file", failure("Unable to read device file", "%v.\n\n%s", err, advice)))
		return nil, false, diags
	}
	return set, true, nil
}

// wantedSet are the devices that a configuration lists.
type wantedSet struct {
	source deviceset.Set // of the whole source
	set    deviceset.Set // of the wave, or of the whole source
}

// wantedDevices returns the devices that a configuration lists. known is false while a value that decides
// them is unknown.
func wantedDevices(ctx context.Context, c *connection, config upgradeDevicesModel, l ledger,
) (w wantedSet, known bool, diags diag.Diagnostics) {
	switch {
	case l.finished && !l.packed && !config.DeviceGroupID.IsNull():
		return wantedSet{source: l.All, set: l.All}, true, nil // nothing changes, and the task may be gone
	case !config.DeviceIDs.IsNull():
		w.source, known, diags = listedDevices(config.DeviceIDs, "device_ids")
	case !config.DeviceIDsWO.IsNull():
		w.source, known, diags = hiddenDevices(ctx, config.DeviceIDsWO)
	case !config.DeviceIDsFile.IsNull():
		w.source, known, diags = fileDevices(config.DeviceIDsFile)
	case !config.DeviceGroupID.IsNull():
		w.source, known, diags = groupDevices(ctx, c, config, l)
	}
	if !known || diags.HasError() {
		return wantedSet{}, false, diags
	}
	w.set = w.source
	if !config.Wave.IsNull() {
		waves, index, waveKnown, waveDiags := readWave(ctx, config.Wave)
		if !waveKnown || waveDiags.HasError() {
			return wantedSet{}, false, waveDiags
		}
		w.set = w.source.Wave(waves, index)
	}
	return w, true, diags
}

// groupDevices returns the devices of a group: at the time of its selection with selection = "snapshot",
// otherwise now.
func groupDevices(ctx context.Context, c *connection, config upgradeDevicesModel, l ledger,
) (set deviceset.Set, known bool, diags diag.Diagnostics) {
	group := config.DeviceGroupID
	switch {
	// An unknown task may replace a task that still holds devices of the group.
	case group.IsUnknown() || !config.taskKnown() || config.Selection.IsUnknown() || !c.ready():
		return nil, false, nil
	case config.Selection.ValueString() == selectionSnapshot && l.selection == group.ValueString():
		return l.snapshot, true, nil
	}
	runner := c.open(&diags)
	if runner == nil {
		return nil, false, diags
	}
	set, err := runner.GroupMembers(ctx, config.key(), group.ValueString())
	if err != nil {
		problem := unable("list the members of", "device group "+group.ValueString(), err)
		if aep.IsRefused(err) {
			problem = withHint(problem, "Check device_group_id: it is a number, which the console shows under 分组管理. "+
				"The data source aep_device_group finds a group by its name.")
		}
		diags.Append(atArgument("device_group_id", problem))
		return nil, false, diags
	}
	return set, true, nil
}

// readWave reads the argument wave. known is false while a part of it is unknown.
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
	waves, err := deviceset.NewWaves(weights, m.Seed.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("wave"), "Invalid wave", sentence(err))
		return nil, 0, false, diags
	}
	if i := m.Index.ValueInt64(); i < 0 || i >= int64(len(weights)) {
		diags.AddAttributeError(path.Root("wave"), "Invalid wave", fmt.Sprintf(
			"Index %d is none of the %d waves, which are counted from 0.", i, len(weights)))
		return nil, 0, false, diags
	}
	return waves, int(m.Index.ValueInt64()), true, diags
}

// plannedDevices reads the devices again that the configuration lists, for an apply. They must be the devices
// of the plan.
func plannedDevices(ctx context.Context, c *connection, plan, config upgradeDevicesModel, l ledger) (wantedSet, diag.Diagnostics) {
	plan.DeviceIDsWO = config.DeviceIDsWO
	want, known, diags := wantedDevices(ctx, c, plan, l)
	switch {
	case diags.HasError():
	case !known:
		diags.Append(failure("Device set not known",
			"The devices of %s are still not known. This is a bug in the provider or in Terraform.", plan.sourceName()))
	case !plan.DeviceIDsSHA256.IsUnknown() && want.set.Digest() != plan.DeviceIDsSHA256.ValueString():
		diags.Append(failure("Device set changed between plan and apply",
			"The devices of %s are not the devices that were planned. Nothing was sent.\n\nPlan again, and review the change.", plan.sourceName()))
	}
	return want, diags
}
