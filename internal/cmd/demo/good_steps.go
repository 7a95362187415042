package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/internal/cli"
)

// planGood plans the good campaign. The plan creates three resources a wave.
func (d *demo) planGood(ctx context.Context) error { return d.planCampaign(ctx, d.good) }

func (d *demo) planCampaign(ctx context.Context, c *campaign) error {
	changes, err := c.plan(ctx, cli.ChangesPlanned)
	if err != nil {
		return err
	}
	planned := map[string]map[string]any{}
	var want []string
	for _, change := range changes {
		planned[change.Address] = change.Change.After
	}
	for _, w := range c.waves {
		for _, resource := range []string{"devices", "rollout", "task"} {
			want = append(want, fmt.Sprintf("+ module.%s.aep_upgrade_%s.this", w.title, resource))
		}
	}
	if err := expect(changes, want...); err != nil {
		return err
	}
	first := planned["module.canary.aep_upgrade_task.this"]
	d.screen.say("product %q is %s, its firmware %s is %s", product, written(first["product_id"]), c.version, written(first["firmware_id"]))
	for _, w := range c.waves {
		module := "module." + w.title
		devices := planned[module+".aep_upgrade_devices.this"]["device_count"]
		d.screen.say("+ %-14s a task, its %s devices, and its start", module, progress.Grouped(w.devices))
		if devices != float64(w.devices) {
			return fmt.Errorf("%s would have %s devices, want %d", module, written(devices), w.devices)
		}
	}
	return nil
}

// applyUntilInterrupted applies the plan, and interrupts Terraform when a tenth of
// the last wave has succeeded.
func (d *demo) applyUntilInterrupted(ctx context.Context) error {
	interrupted, interrupt := context.WithCancel(ctx)
	defer interrupt()
	watched := make(chan error, 1)
	go func() {
		watched <- d.watchWaves(interrupted)
		interrupt()
	}()
	output, err := d.good.applyFails(ctx, interrupted)
	interrupt()
	if err := errors.Join(err, <-watched); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	d.screen.say("Terraform saves its state and ends with exit code 1")
	if err := d.readTasks(ctx, d.good); err != nil {
		return err
	}
	for i := range d.good.waves[:2] {
		if err := d.expectWave(ctx, &d.good.waves[i], aep.TaskFinished); err != nil {
			return err
		}
	}
	return nil
}

// watchWaves prints the result of each wave but the last, and returns when it is
// time to interrupt the last.
func (d *demo) watchWaves(ctx context.Context) error {
	last := len(d.good.waves) - 1
	for _, w := range d.good.waves[:last] {
		if err := d.recorder.wait(ctx, d.good.taskName(w), w.devices); err != nil {
			return err
		}
		d.screen.say("%s", w.result())
	}
	rest := d.good.waves[last]
	if err := d.recorder.wait(ctx, d.good.taskName(rest), rest.devices/10); err != nil {
		return err
	}
	d.screen.say("%s: more than %d devices have succeeded; Ctrl-C", rest.title, rest.devices/10/100*100)
	d.mark("Ctrl-C ends the watch, and the platform continues")
	return nil
}

// changeInConsole waits for a sign that the platform continues. Then it changes the
// task of the last wave.
func (d *demo) changeInConsole(ctx context.Context) error {
	rest, none := d.good.waves[2], int64(0)
	task := rest.task
	if err := d.recorder.wait(ctx, d.good.taskName(rest), rest.devices*2/5); err != nil {
		return err
	}
	d.screen.say("the platform continues: more than %s devices have succeeded", progress.Grouped(rest.devices*2/5/100*100))
	d.mark("Someone changes the task; the next apply restores it and continues the watch")
	request := aep.ModifyTaskRequest{Key: task.Key(), Name: "TEST, do not start", Description: task.Description, RetryTimes: &none}
	if err := d.console.ModifyTask(ctx, request); err != nil {
		return err
	}
	d.screen.say("%s is named %q now, and retries %d times", task.Key().Object(), request.Name, none)
	return d.recorder.wait(ctx, request.Name, 1) // The recorder has seen the change.
}

// findDrift expects the plan to restore the task, and to continue the watch.
func (d *demo) findDrift(ctx context.Context) error {
	changes, err := d.good.plan(ctx, cli.ChangesPlanned)
	if err != nil {
		return err
	}
	slices.Reverse(changes) // the task first
	for _, c := range changes {
		d.screen.say("%-3s %s", marks[c.action()], c.Address)
		if c.action() == "replace" {
			d.screen.say("        the watch was interrupted and continues; nothing is started again")
			continue
		}
		for _, line := range c.differences() {
			d.screen.say("        %s", line)
		}
	}
	return expect(changes, "~ module.rest.aep_upgrade_task.this", "-/+ module.rest.aep_upgrade_rollout.this")
}

// resume applies the plan and expects all waves to have succeeded. The held devices
// continue once Terraform has restored the task.
func (d *demo) resume(ctx context.Context) error {
	applying, applied := context.WithCancel(ctx)
	defer applied()
	resumed := make(chan error, 1)
	go func() {
		err := d.recorder.wait(applying, d.good.taskName(d.good.waves[2]), 1)
		if err == nil {
			err = d.platform.resume(applying)
		}
		resumed <- err
	}()
	err := d.good.apply(ctx)
	applied()
	if err := errors.Join(err, <-resumed); err != nil {
		return err
	}
	before := d.good.waves[2].task
	if err := d.readTasks(ctx, d.good); err != nil {
		return err
	}
	rest := &d.good.waves[2]
	if rest.task.ID != before.ID || rest.task.RetryTimes == nil || *rest.task.RetryTimes != *before.RetryTimes {
		return fmt.Errorf("the platform holds %+v, want the settings of %+v", rest.task, before)
	}
	if err := d.expectWave(ctx, rest, aep.TaskFinished); err != nil {
		return err
	}
	d.screen.say("%s is named %q again, and retries %d times", rest.task.Key().Object(), rest.task.Name, *rest.task.RetryTimes)
	d.screen.say("%s", rest.result())
	return nil
}

func (d *demo) planNothing(ctx context.Context) error {
	changes, err := d.good.plan(ctx, 0)
	if err != nil {
		return err
	}
	d.screen.say("no changes")
	return expect(changes)
}

// readTasks reads the tasks of a campaign into its waves.
func (d *demo) readTasks(ctx context.Context, c *campaign) error {
	list, err := d.console.Tasks(ctx, aep.TaskQuery{ProductID: productID, NameContains: c.name()}, 0)
	if err != nil {
		return err
	}
	for i, w := range c.waves {
		c.waves[i].task = aep.Task{}
		for _, task := range list.Rows {
			if task.Name == c.taskName(w) {
				c.waves[i].task = task
			}
		}
	}
	return nil
}

// expectWave returns an error unless the task of a wave has this status and the
// expected devices.
func (d *demo) expectWave(ctx context.Context, w *wave, status aep.TaskStatus) error {
	if w.task.ID == 0 {
		return errors.New("the platform has no task for wave " + w.title)
	}
	counts, err := d.recorder.counts(ctx, w.task.Key())
	if err != nil {
		return err
	}
	want := page.Counts{page.Succeeded: w.succeeded, page.Failed: w.devices - w.succeeded}
	if counts != want || w.task.Status != status {
		return fmt.Errorf("%s is %s with %s; want it %s with %s",
			w.task.Key().Object(), w.task.Status, inWords(counts), status, inWords(want))
	}
	return nil
}

// sentence returns the first sentence of Terraform's output that begins with
// these words, on one line.
func sentence(output, words string) string {
	_, rest, found := strings.Cut(strings.Join(strings.Fields(output), " "), words)
	if !found {
		return ""
	}
	rest, _, _ = strings.Cut(rest, ". ")
	return words + rest + "."
}
