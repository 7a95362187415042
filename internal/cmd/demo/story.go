package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// What the simulated platform is seeded with, and what the example takes of it.
const (
	productID  = 10005977
	allDevices = 5000
	ourDevices = 3000
)

// teller carries the story from step to step.
type teller struct {
	terraform *terraform
	console   *aep.Client // another user of the platform
	task      aep.Task    // as the console saw it after the first apply
}

func tell(ctx context.Context, terraform *terraform, platform *platform) error {
	console, err := platform.client("console")
	if err != nil {
		return err
	}
	t := &teller{terraform: terraform, console: console}
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"terraform plan: a task, and 3,000 devices from a file", t.planCampaign},
		{"terraform apply", t.applyCampaign},
		{"What the platform holds now, asked by another client", t.lookAtPlatform},
		{"Somebody changes the task in the console", t.changeBehindTerraform},
		{"terraform plan finds it (exit code 2)", t.findDrift},
		{"terraform apply heals it", t.healDrift},
		{"terraform plan has nothing more to do (exit code 0)", t.planNothing},
		{"terraform destroy", t.destroyCampaign},
	} {
		fmt.Printf("\n== %s\n", step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return nil
}

func (t *teller) planCampaign(ctx context.Context) error {
	changes, err := t.terraform.plan(ctx, withChanges)
	if err != nil {
		return err
	}
	return expect(managed(changes), "create", "aep_upgrade_task.meters", "aep_upgrade_devices.fleet")
}

func (t *teller) applyCampaign(ctx context.Context) error {
	began := time.Now()
	if err := t.terraform.apply(ctx); err != nil {
		return err
	}
	outputs, err := t.terraform.outputs(ctx)
	if err != nil {
		return err
	}
	say("done in %s", since(began))
	for _, name := range []string{"task_id", "devices", "waiting"} {
		say("output %s = %s", name, written(outputs[name]))
	}
	if outputs["devices"] != float64(ourDevices) || outputs["waiting"] != float64(ourDevices) {
		return fmt.Errorf("the outputs are %v, want %d devices, all waiting", outputs, ourDevices)
	}
	return nil
}

func (t *teller) lookAtPlatform(ctx context.Context) error {
	tasks, err := t.console.Tasks(ctx, aep.TaskQuery{ProductID: productID}, 0)
	if err != nil {
		return err
	}
	if len(tasks.Rows) != 1 {
		return fmt.Errorf("the platform holds %d tasks, want 1", len(tasks.Rows))
	}
	t.task = tasks.Rows[0]
	joined, err := t.console.CountDevices(ctx, aep.DeviceQuery{Key: t.task.Key(), Scope: aep.Joined})
	if err != nil {
		return err
	}
	free, err := t.console.CountDevices(ctx, aep.DeviceQuery{Key: aep.TaskKey{ProductID: productID}, Scope: aep.Candidates})
	if err != nil {
		return err
	}
	say("task %s %q, %s, firmware %s", t.task.Key(), t.task.Name, t.task.Status, t.task.FirmwareVersion)
	say("%d devices joined, %d of the product's other devices are free", joined.Total, free.Total)
	if joined.Total != ourDevices || free.Total != allDevices-ourDevices {
		return fmt.Errorf("%d devices joined and %d free, want %d and %d", joined.Total, free.Total, ourDevices, allDevices-ourDevices)
	}
	return nil
}

func (t *teller) changeBehindTerraform(ctx context.Context) error {
	none := int64(0)
	request := aep.ModifyTaskRequest{
		Key: t.task.Key(), Name: "TEST, do not start", Description: t.task.Description, RetryTimes: &none,
	}
	if err := t.console.ModifyTask(ctx, request); err != nil {
		return err
	}
	say("its name is %q now, and it retries %d times", request.Name, none)
	return nil
}

func (t *teller) findDrift(ctx context.Context) error {
	changes, err := t.terraform.plan(ctx, withChanges)
	if err != nil {
		return err
	}
	return expect(managed(changes), "update", "aep_upgrade_task.meters")
}

func (t *teller) healDrift(ctx context.Context) error {
	if err := t.terraform.apply(ctx); err != nil {
		return err
	}
	now, err := t.console.Task(ctx, t.task.Key())
	if err != nil {
		return err
	}
	if now.Name != t.task.Name || now.RetryTimes == nil || t.task.RetryTimes == nil || *now.RetryTimes != *t.task.RetryTimes {
		return fmt.Errorf("the platform still holds %q", now.Name)
	}
	say("the platform holds task %s %q again, with %d retries", now.Key(), now.Name, *now.RetryTimes)
	return nil
}

func (t *teller) planNothing(ctx context.Context) error {
	changes, err := t.terraform.plan(ctx, noChanges)
	if err != nil {
		return err
	}
	if rest := managed(changes); len(rest) > 0 {
		return fmt.Errorf("the plan holds %d changes", len(rest))
	}
	say("no changes")
	return nil
}

func (t *teller) destroyCampaign(ctx context.Context) error {
	if err := t.terraform.destroy(ctx); err != nil {
		return err
	}
	tasks, err := t.console.Tasks(ctx, aep.TaskQuery{ProductID: productID}, 1)
	if err != nil {
		return err
	}
	free, err := t.console.CountDevices(ctx, aep.DeviceQuery{Key: aep.TaskKey{ProductID: productID}, Scope: aep.Candidates})
	if err != nil {
		return err
	}
	say("the platform holds %d tasks, and all %d devices are free", tasks.Total, free.Total)
	if tasks.Total != 0 || free.Total != allDevices {
		return fmt.Errorf("%d tasks and %d free devices, want 0 and %d", tasks.Total, free.Total, allDevices)
	}
	return nil
}

// expect shows the changes of a plan and insists that they are one action on
// the given resources, in whose order it tells them.
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

func say(format string, values ...any) { fmt.Printf("   "+format+"\n", values...) }
