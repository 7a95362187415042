package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

const chosenDevices = "TASK DEVICE… | -count N | -all"

var deviceCommands = []command{
	{"device ids", "PRODUCT", "prints the ids of the devices of a product, one a line", printDeviceIDs},
	{"device list", "TASK", "lists the devices of a task", listDevices},
	{"device join", chosenDevices, "joins devices to a task", changeDevices("join", "Joined %s to %s.\n")},
	{"device cancel", chosenDevices, "cancels devices of a task", changeDevices("cancel", "Cancelled %s of %s.\n")},
	{"device retry", chosenDevices, "retries failed devices of a task", changeDevices("retry", "Retried %s of %s.\n")},
	{"device fail", chosenDevices, "lets unfinished devices of a running task fail now", changeDevices("fail", "Failed %s of %s.\n")},
}

func printDeviceIDs(flags *flag.FlagSet) action {
	count := flags.Int("count", 0, "the first `number` of devices, 0 for all")
	return func(ctx context.Context, s session) error {
		if err := s.arguments("PRODUCT"); err != nil {
			return err
		}
		if *count < 0 {
			return fmt.Errorf("-count is 0 or more, not %d", *count)
		}
		product, err := s.product(ctx, s.args[0])
		if err != nil {
			return err
		}
		path := fmt.Sprintf("products/%d/devices", product.ID)
		if *count > 0 {
			path += fmt.Sprintf("?limit=%d", *count)
		}
		ids, err := call[[]string](ctx, s.client, http.MethodGet, path, nil)
		if err != nil || len(ids) == 0 {
			return err
		}
		_, err = fmt.Fprintln(s.out, strings.Join(ids, "\n"))
		return err
	}
}

func listDevices(flags *flag.FlagSet) action {
	phase := flags.String("phase", "", "only devices in this `phase`: waiting, in_progress, succeeded, failed or cancelled")
	return func(ctx context.Context, s session) error {
		if err := s.arguments("TASK"); err != nil {
			return err
		}
		task, err := s.task(ctx, s.args[0])
		if err != nil {
			return err
		}
		path := taskPath(task) + "/devices?phase=" + url.QueryEscape(*phase)
		found, err := call[console.Devices](ctx, s.client, http.MethodGet, path, nil)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "DEVICE\tPHASE\tSTATE CODE\tRESULT CODE\tVERSION BEFORE\tVERSION AFTER\tTRIES")
		for _, d := range found.Devices {
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%d\n", d.ID, d.Phase, d.Code, d.ResultCode, d.VersionBefore, d.VersionAfter, d.Tries)
		}
		return table.Flush()
	}
}

// changeDevices returns a command that changes the devices that its arguments
// select, and prints their number and the task in the format done.
func changeDevices(way, done string) func(*flag.FlagSet) action {
	return func(flags *flag.FlagSet) action {
		var choice console.Choice
		flags.IntVar(&choice.Count, "count", 0, "the first `number` of devices for which this is possible")
		flags.BoolVar(&choice.All, "all", false, "all devices for which this is possible")
		if way == "fail" {
			flags.StringVar(&choice.ResultCode, "result-code", "8", "result `code` of the failure")
		}
		return func(ctx context.Context, s session) error {
			if len(s.args) == 0 {
				return errors.New("no task is named")
			}
			choice.Devices = s.args[1:]
			if !choice.Valid() {
				return errors.New("select devices by their ids, by -count N or by -all: exactly one of these")
			}
			task, err := s.task(ctx, s.args[0])
			if err != nil {
				return err
			}
			changed, err := call[console.Changed](ctx, s.client, http.MethodPost, taskPath(task)+"/devices/"+way, choice)
			if err == nil {
				fmt.Fprintf(s.out, done, counted(changed.Devices), titled(task))
			}
			return err
		}
	}
}
