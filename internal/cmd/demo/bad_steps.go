package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// applyBad plans and applies the campaign with the bad firmware.
func (d *demo) applyBad(ctx context.Context) error {
	if err := d.planCampaign(ctx, d.bad); err != nil {
		return err
	}
	d.mark("A campaign with the bad firmware begins")
	output, err := d.bad.applyFails(ctx, ctx)
	if err != nil {
		return err
	}
	d.screen.say("Error: Upgrade task has not succeeded, with module.canary.aep_upgrade_rollout.this")
	d.screen.say("%s", sentence(output, "In task "))
	for _, words := range []string{
		"Error: Upgrade task has not succeeded", "with module.canary.aep_upgrade_rollout.this", "27 of the 50 devices",
	} {
		if sentence(output, words) == "" {
			return fmt.Errorf("the error does not say %q:\n%s", words, output)
		}
	}
	return nil
}

// readPlatform proves that the bad firmware reached the devices of the canary only.
func (d *demo) readPlatform(ctx context.Context) error {
	if err := d.readTasks(ctx, d.bad); err != nil {
		return err
	}
	canary := &d.bad.waves[0]
	if err := d.expectWave(ctx, canary, aep.TaskFinished); err != nil {
		return err
	}
	d.screen.say("%s, %q: %d succeeded, %d failed",
		canary.task.Key().Object(), canary.task.Name, canary.succeeded, canary.devices-canary.succeeded)
	for _, w := range d.bad.waves[1:] {
		if w.task.ID != 0 {
			return errors.New("the platform has a task for wave " + w.title)
		}
	}
	d.screen.say("there is no task for the waves early and rest")
	reached, err := d.console.Subtasks(ctx, aep.SubtaskQuery{Key: canary.task.Key()}, 0)
	if err != nil {
		return err
	}
	if err := d.expectUntouched(ctx, reached.Rows); err != nil {
		return err
	}
	return d.collect(ctx)
}

// expectUntouched returns an error unless all devices but those of the canary run
// the good firmware.
func (d *demo) expectUntouched(ctx context.Context, reached []aep.Subtask) error {
	canary := map[string]bool{}
	for _, row := range reached {
		canary[row.DeviceID] = true
	}
	fleet, err := d.console.ProductDevices(ctx, aep.ProductDeviceQuery{ProductID: productID}, 0)
	if err != nil {
		return err
	}
	untouched := 0
	for _, device := range fleet.Rows {
		if !canary[device.ID] && device.FirmwareVersion == d.good.version {
			untouched++
		}
	}
	d.screen.say("%s of %s devices are untouched: not in the canary, and with firmware %s",
		progress.Grouped(untouched), progress.Grouped(len(fleet.Rows)), d.good.version)
	if want := allDevices - d.bad.waves[0].devices; untouched != want || len(fleet.Rows) != allDevices {
		return fmt.Errorf("%d of %d devices are untouched, want %d of %d", untouched, len(fleet.Rows), want, allDevices)
	}
	return nil
}

// readReport applies the configuration that reports, and prints the begin of the
// report.
func (d *demo) readReport(ctx context.Context) error {
	if _, err := d.report.plan(ctx, 2); err != nil {
		return err
	}
	if err := d.report.apply(ctx); err != nil {
		return err
	}
	outputs, err := d.report.outputs(ctx)
	if err != nil {
		return err
	}
	report, _ := outputs["report_markdown"].(string)
	lines := strings.Split(strings.TrimSpace(report), "\n")
	for _, line := range lines[:min(len(lines), shownLines)] {
		d.screen.say("%s", line)
	}
	d.screen.say("... and %d more lines", len(lines)-shownLines)
	if n := strings.Count(report, "| failed | `8` update failed |"); n != 23 {
		return fmt.Errorf("the report has %d failed devices, want 23:\n%s", n, report)
	}
	return nil
}

// shownLines is the number of lines of the report that are printed: its title and
// the counts by phase and result code.
const shownLines = 13

// destroyAll destroys both campaigns and expects an empty platform.
func (d *demo) destroyAll(ctx context.Context) error {
	for _, c := range []*campaign{d.bad, d.good} {
		if err := c.destroy(ctx); err != nil {
			return err
		}
	}
	tasks, err := d.console.Tasks(ctx, aep.TaskQuery{ProductID: productID}, 0)
	if err != nil {
		return err
	}
	free, err := d.console.CountDevices(ctx, aep.DeviceQuery{Key: aep.TaskKey{ProductID: productID}, Scope: aep.Candidates})
	if err != nil {
		return err
	}
	d.screen.say("both campaigns: the platform holds %d tasks, and %s devices are free", len(tasks.Rows), progress.Grouped(free.Total))
	if len(tasks.Rows) != 0 || free.Total != allDevices {
		return fmt.Errorf("%d tasks and %d free devices, want 0 and %d", len(tasks.Rows), free.Total, allDevices)
	}
	return nil
}
