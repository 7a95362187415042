package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

const (
	productID  = 10005977
	allDevices = 5000 // of the product
	inGroup    = 1667 // in group north
	skipped    = 417  // in that group, with a version that the example does not upgrade
	ourDevices = inGroup - skipped
	reportRows = 5 // max_results of the example
)

// demo is what the steps share.
type demo struct {
	terraform *terraform
	console   *aep.Client // another user of the platform
	task      aep.Task    // after the first apply
}

// runSteps runs all steps up to the first that has another result than expected.
func runSteps(ctx context.Context, terraform *terraform, platform *platform) error {
	console, err := platform.client("console")
	if err != nil {
		return err
	}
	d := &demo{terraform: terraform, console: console}
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"terraform plan: a task, and the devices of group north", d.planCampaign},
		{"terraform apply", d.applyCampaign},
		{"What the platform holds now, read by another client", d.readPlatform},
		{"Someone changes the task in the console", d.changeInConsole},
		{"terraform plan finds it (exit code 2)", d.findDrift},
		{"terraform apply restores it", d.restoreTask},
		{"terraform plan has nothing more to do (exit code 0)", d.planNothing},
		{"terraform destroy", d.destroyAll},
	} {
		fmt.Printf("\n== %s\n", step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return nil
}

func (d *demo) planCampaign(ctx context.Context) error {
	changes, err := d.terraform.plan(ctx, cli.ChangesPlanned)
	if err != nil {
		return err
	}
	return expect(managed(changes), "create", "aep_upgrade_task.meters", "aep_upgrade_devices.fleet")
}

func (d *demo) applyCampaign(ctx context.Context) error {
	began := time.Now()
	if err := d.terraform.apply(ctx); err != nil {
		return err
	}
	outputs, err := d.terraform.outputs(ctx)
	if err != nil {
		return err
	}
	say("done in %s", since(began))
	for _, name := range []string{"task_id", "in_group", "skipped", "devices", "waiting"} {
		say("output %s = %s", name, written(outputs[name]))
	}
	report, _ := outputs["report"].(string)
	title, _, _ := strings.Cut(report, "\n")
	say("output report = Markdown of %d lines: %s", strings.Count(report, "\n"), title)
	for name, want := range map[string]float64{"in_group": inGroup, "skipped": skipped, "devices": ourDevices, "waiting": ourDevices} {
		if outputs[name] != want {
			return fmt.Errorf("output %s is %v, want %.0f", name, outputs[name], want)
		}
	}
	if strings.Count(report, "| waiting | `-1` no result yet |") != reportRows {
		return fmt.Errorf("the report does not have %d waiting devices:\n%s", reportRows, report)
	}
	return nil
}

func (d *demo) readPlatform(ctx context.Context) error {
	tasks, err := d.console.Tasks(ctx, aep.TaskQuery{ProductID: productID}, 0)
	if err != nil {
		return err
	}
	if len(tasks.Rows) != 1 {
		return fmt.Errorf("the platform holds %d tasks, want 1", len(tasks.Rows))
	}
	d.task = tasks.Rows[0]
	joined, err := d.console.CountDevices(ctx, aep.DeviceQuery{Key: d.task.Key(), Scope: aep.Joined})
	if err != nil {
		return err
	}
	free, err := d.console.CountDevices(ctx, aep.DeviceQuery{Key: aep.TaskKey{ProductID: productID}, Scope: aep.Candidates})
	if err != nil {
		return err
	}
	say("%s, %s, firmware %s", named(d.task), d.task.Status, d.task.FirmwareVersion)
	say("%d devices joined, %d of the product's other devices are free", joined.Total, free.Total)
	if joined.Total != ourDevices || free.Total != allDevices-ourDevices {
		return fmt.Errorf("%d devices joined and %d free, want %d and %d", joined.Total, free.Total, ourDevices, allDevices-ourDevices)
	}
	return nil
}

func (d *demo) changeInConsole(ctx context.Context) error {
	none := int64(0)
	request := aep.ModifyTaskRequest{
		Key: d.task.Key(), Name: "TEST, do not start", Description: d.task.Description, RetryTimes: &none,
	}
	if err := d.console.ModifyTask(ctx, request); err != nil {
		return err
	}
	say("its name is %q now, and it retries %d times", request.Name, none)
	return nil
}

func (d *demo) findDrift(ctx context.Context) error {
	changes, err := d.terraform.plan(ctx, cli.ChangesPlanned)
	if err != nil {
		return err
	}
	return expect(managed(changes), "update", "aep_upgrade_task.meters")
}

func (d *demo) restoreTask(ctx context.Context) error {
	if err := d.terraform.apply(ctx); err != nil {
		return err
	}
	now, err := d.console.Task(ctx, d.task.Key())
	if err != nil {
		return err
	}
	if now.Name != d.task.Name || now.RetryTimes == nil || d.task.RetryTimes == nil || *now.RetryTimes != *d.task.RetryTimes {
		return fmt.Errorf("the platform still holds %q", now.Name)
	}
	say("the platform holds %s again, with %d retries", named(now), *now.RetryTimes)
	return nil
}

func (d *demo) planNothing(ctx context.Context) error {
	changes, err := d.terraform.plan(ctx, 0)
	if err != nil {
		return err
	}
	if rest := managed(changes); len(rest) > 0 {
		return fmt.Errorf("the plan holds %d changes", len(rest))
	}
	say("no changes")
	return nil
}

func (d *demo) destroyAll(ctx context.Context) error {
	if err := d.terraform.destroy(ctx); err != nil {
		return err
	}
	tasks, err := d.console.Tasks(ctx, aep.TaskQuery{ProductID: productID}, 0)
	if err != nil {
		return err
	}
	free, err := d.console.CountDevices(ctx, aep.DeviceQuery{Key: aep.TaskKey{ProductID: productID}, Scope: aep.Candidates})
	if err != nil {
		return err
	}
	say("the platform holds %d tasks, and all %d devices are free", len(tasks.Rows), free.Total)
	if len(tasks.Rows) != 0 || free.Total != allDevices {
		return fmt.Errorf("%d tasks and %d free devices, want 0 and %d", len(tasks.Rows), free.Total, allDevices)
	}
	return nil
}

// expect prints the changes of a plan in the order of addresses. It returns an
// error unless they are one action on each of these resources.
func expect(changes []change, action string, addresses ...string) error {
	marks := map[string]string{"create": "+", "update": "~", "delete": "-", "replace": "-/+"}
	slices.SortStableFunc(changes, func(a, b change) int {
		return cmp.Compare(slices.Index(addresses, a.Address), slices.Index(addresses, b.Address))
	})
	var found []string
	for _, c := range changes {
		found = append(found, c.Address)
		say("%s %s", marks[c.action()], c.Address)
		for _, line := range c.lines() {
			say("      %s", line)
		}
		if c.action() != action {
			return fmt.Errorf("the plan would %s %s, want %s", c.action(), c.Address, action)
		}
	}
	if strings.Join(found, " ") != strings.Join(addresses, " ") {
		return fmt.Errorf("the plan changes %v, want %v", found, addresses)
	}
	return nil
}

// named returns the ids and the name of a task.
func named(task aep.Task) string {
	return fmt.Sprintf("task %d of product %d, %q", task.ID, task.ProductID, task.Name)
}

func say(format string, values ...any) { fmt.Printf("   "+format+"\n", values...) }

// since returns the time since began, rounded for people.
func since(began time.Time) time.Duration { return time.Since(began).Round(100 * time.Millisecond) }
