package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
)

// run starts the platform, prepares the configurations and runs the steps.
func (d *demo) run(ctx context.Context) (err error) {
	if d.platform, err = startPlatform(ctx, d.folder, d.binaries); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.platform.stop()) }()
	if err := d.configure(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.recorder.stop()) }()
	return d.runSteps(ctx)
}

// configure prepares a folder for each configuration, and the client that watches.
func (d *demo) configure(ctx context.Context) (err error) {
	if d.console, err = d.platform.client("console"); err != nil {
		return err
	}
	list := filepath.Join(d.folder, fmt.Sprint(productID)+".txt")
	if d.devices, err = readLines(list); err != nil {
		return err
	}
	program, err := findTerraform(ctx, d.folder, d.screen)
	if err != nil {
		return err
	}
	start := func(c configuration) (*terraform, error) {
		return newTerraform(ctx, c, program, d.binaries, d.platform.environment)
	}
	d.good = &campaign{version: "1.3251", waves: []wave{
		{title: "canary", devices: 48, minimum: 100, succeeded: 48},
		{title: "early", devices: 499, minimum: 98, succeeded: 499},
		{title: "rest", devices: 4453, minimum: 95, succeeded: 4453},
	}}
	d.bad = &campaign{version: badVersion, waves: []wave{
		{title: "canary", devices: 50, minimum: 100, succeeded: 27},
		{title: "early", devices: 499, minimum: 98},
		{title: "rest", devices: 4451, minimum: 95},
	}}
	for _, c := range []*campaign{d.good, d.bad} {
		variables := fmt.Sprintf("name = %q\nfirmware_version = %q\ndevice_ids_file = %q\npoll_interval = \"1s\"\n",
			c.name(), c.version, filepath.ToSlash(list))
		folder := filepath.Join(d.folder, c.version)
		if c.terraform, err = start(configuration{"staged-rollout", folder, variables}); err != nil {
			return err
		}
	}
	failed := fmt.Sprintf("task_name = %q\n", d.bad.taskName(d.bad.waves[0]))
	if d.report, err = start(configuration{"report", filepath.Join(d.folder, "report"), failed}); err != nil {
		return err
	}
	d.page.Program, d.page.Product = d.good.Name, product
	d.recorder = startRecorder(ctx, d.console, d.screen)
	return nil
}

// readLines returns the lines of a file of device ids.
func readLines(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	return strings.Fields(string(content)), err
}

// runSteps runs all steps up to the first that has another result than expected.
func (d *demo) runSteps(ctx context.Context) error {
	d.screen.print(d.good.Name + " runs the configuration examples/staged-rollout.\n")
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"terraform plan: three waves, with product and firmware by name and 5,000 devices from a file", d.planGood},
		{"terraform apply: canary, early, rest, and Ctrl-C in the middle of the rest", d.applyUntilInterrupted},
		{"Someone changes the running task in the console", d.changeInConsole},
		{"terraform plan finds it (exit code 2)", d.findDrift},
		{"terraform apply restores the task and continues the watch", d.resume},
		{"terraform plan has nothing more to do (exit code 0)", d.planNothing},
		{"A bad firmware: terraform apply stops at the canary (exit code 1)", d.applyBad},
		{"What the platform holds now, read by another client", d.readPlatform},
		{"The report of the failures, from examples/report", d.readReport},
		{"terraform destroy", d.destroyAll},
	} {
		d.screen.heading(step.title)
		began := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
		d.page.Steps = append(d.page.Steps, page.Step{Title: step.title, Took: time.Since(began)})
	}
	return nil
}
