package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

var taskCommands = []command{
	{"task list", "", "lists the tasks with their devices by phase", listTasks},
	{"task create", "-product PRODUCT -firmware FIRMWARE -name NAME", "creates a task, with devices if -devices says so", createTask},
	{"task rename", "TASK NAME", "changes the name of a task", renameTask},
	{"task modify", "TASK", "changes the settings of a task", modifyTask},
	{"task start", "TASK", "starts the upgrade of the devices of a task", onTask(http.MethodPost, "/start", "Started")},
	{"task finish", "TASK", "lets all unfinished devices of a task succeed now", onTask(http.MethodPost, "/finish", "Finished")},
	{"task delete", "TASK", "deletes a task in any state", onTask(http.MethodDelete, "", "Deleted")},
}

// taskPath returns the path of a task in the API.
func taskPath(task console.Task) string { return fmt.Sprintf("tasks/%d", task.ID) }

// titled returns a task as the messages name it.
func titled(task console.Task) string {
	return fmt.Sprintf("task %d of product %d, %q", task.ID, task.ProductID, task.Name)
}

// counted returns a number of devices as the messages show it.
func counted(devices int) string {
	if devices == 1 {
		return "1 device"
	}
	return fmt.Sprintf("%d devices", devices)
}

func listTasks(*flag.FlagSet) action {
	return func(ctx context.Context, s session) error {
		if err := s.arguments(); err != nil {
			return err
		}
		all, err := call[[]console.Task](ctx, s.client, http.MethodGet, "tasks", nil)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "TASK\tSTATUS\tDEVICES\tWAITING\tIN PROGRESS\tSUCCEEDED\tFAILED\tCANCELLED\tFIRMWARE\tPRODUCT\tNAME")
		for _, t := range all {
			fmt.Fprintf(table, "%d\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", t.ID, t.Status, t.Devices,
				t.Phases["waiting"], t.Phases["in_progress"], t.Phases["succeeded"], t.Phases["failed"], t.Phases["cancelled"],
				t.Version, t.Product, t.Name)
		}
		return table.Flush()
	}
}

// protocolFlags declares the settings of a task that depend on the protocol.
func protocolFlags(flags *flag.FlagSet, retryTimes, timeoutHours **int) {
	flags.Func("retry-times", "retries of a failed device, 0 to 3 `times`, for LwM2M", optionalNumber(retryTimes))
	flags.Func("timeout-hours", "`hours` until a device times out, 1 to 168, for T-Link", optionalNumber(timeoutHours))
}

func createTask(flags *flag.FlagSet) action {
	var wanted console.NewTask
	product := flags.String("product", "", "id or name of the `product`")
	firmware := flags.String("firmware", "", "id or version of the `firmware`")
	flags.StringVar(&wanted.Name, "name", "", "`name` of the task")
	flags.StringVar(&wanted.Description, "description", "", "`text` that describes the task")
	flags.IntVar(&wanted.Devices, "devices", 0, "`number` of devices that join: the first ones that are in no unfinished task")
	protocolFlags(flags, &wanted.RetryTimes, &wanted.TimeoutHours)
	return func(ctx context.Context, s session) error {
		if err := s.arguments(); err != nil {
			return err
		}
		if *product == "" || *firmware == "" || wanted.Name == "" {
			return errors.New("-product, -firmware and -name are required")
		}
		owner, err := s.product(ctx, *product)
		if err != nil {
			return err
		}
		image, err := firmwareOf(owner, *firmware)
		if err != nil {
			return err
		}
		wanted.ProductID, wanted.FirmwareID = owner.ID, image.ID
		task, err := call[console.Task](ctx, s.client, http.MethodPost, "tasks", wanted)
		if err == nil {
			fmt.Fprintf(s.out, "Created %s, with %s.\n", titled(task), counted(task.Devices))
		}
		return err
	}
}

func renameTask(*flag.FlagSet) action {
	return func(ctx context.Context, s session) error {
		if err := s.arguments("TASK", "NAME"); err != nil {
			return err
		}
		return s.modify(ctx, console.TaskChange{Name: &s.args[1]})
	}
}

func modifyTask(flags *flag.FlagSet) action {
	var change console.TaskChange
	flags.Func("name", "new `name`", optional(&change.Name))
	flags.Func("description", "new `text` that describes the task", optional(&change.Description))
	protocolFlags(flags, &change.RetryTimes, &change.TimeoutHours)
	return func(ctx context.Context, s session) error {
		if err := s.arguments("TASK"); err != nil {
			return err
		}
		if change == (console.TaskChange{}) {
			return errors.New("nothing to change: use -name, -description, -retry-times or -timeout-hours")
		}
		return s.modify(ctx, change)
	}
}

// modify changes the task that the first argument names.
func (s session) modify(ctx context.Context, change console.TaskChange) error {
	before, err := s.task(ctx, s.args[0])
	if err != nil {
		return err
	}
	after, err := call[console.Task](ctx, s.client, http.MethodPatch, taskPath(before), change)
	if err != nil {
		return err
	}
	if after.Name != before.Name {
		fmt.Fprintf(s.out, "Renamed %s to %q.\n", titled(before), after.Name)
		return nil
	}
	fmt.Fprintf(s.out, "Modified %s.\n", titled(after))
	return nil
}

// onTask returns a command that sends one request about a task and prints what
// was done.
func onTask(method, path, done string) func(*flag.FlagSet) action {
	return func(*flag.FlagSet) action {
		return func(ctx context.Context, s session) error {
			if err := s.arguments("TASK"); err != nil {
				return err
			}
			task, err := s.task(ctx, s.args[0])
			if err != nil {
				return err
			}
			task, err = call[console.Task](ctx, s.client, method, taskPath(task)+path, nil)
			if err == nil {
				fmt.Fprintf(s.out, "%s %s, with %s.\n", done, titled(task), counted(task.Devices))
			}
			return err
		}
	}
}
