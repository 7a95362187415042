package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// ends fails the test unless the last line of progress says a text and there was no
// error.
func ends(t *testing.T, progress []string, diags coretest.Diagnostics, want string) {
	t.Helper()
	if text := diags.Errors(); text != "" {
		t.Error(text)
	}
	if len(progress) == 0 || !coretest.Says(progress[len(progress)-1], want) {
		t.Errorf("the last of %q lacks %q", progress, want)
	}
}

// previews insists on a warning of a plan.
func previews(t *testing.T, diags coretest.Diagnostics, want string) {
	t.Helper()
	if diags.Errors() != "" || !coretest.Says(diags.Warnings(), want) {
		t.Errorf("the plan lacks %q: %s %s", want, diags.Warnings(), diags.Errors())
	}
}

func TestStartAction(t *testing.T) {
	onEvery(t, 12, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		config := f.target(coretest.Config{"wait_for": "finished"})
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_start", config), fmt.Sprintf("Starts task %d 'seeded' on 12 devices", f.task))
		f.starts(0)
		progress, diags := c.Invoke(t.Context(), "aep_upgrade_start", config)
		ends(t, progress, diags, "is finished, 12 devices: 12 succeeded")
		if len(progress) != 4 {
			t.Errorf("progress has %d lines, want 4: %q", len(progress), progress)
		}
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_start", config), "is finished already")
		progress, diags = c.Invoke(t.Context(), "aep_upgrade_start", config)
		ends(t, progress, diags, "12 succeeded")
		f.starts(1)
	})
}

func TestStartActionFails(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) { o.Upgrade.Fail = simulator.FailDevices("5000", ids...) }
	onEvery(t, 3, bad, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		progress, diags := c.Invoke(t.Context(), "aep_upgrade_start", f.target(coretest.Config{"wait_for": "finished"}))
		if !coretest.Says(diags.Errors(), "0 of the 3 devices") || !coretest.Says(strings.Join(progress, "\n"), "3 failed") {
			t.Errorf("%q %s", progress, diags.Errors())
		}
	})
}

func TestWaitAction(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, coretest.Config{"read_only": true})
		time.AfterFunc(5*time.Minute, func() { _ = f.Start(f.task) })
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_wait", f.target(nil)), "is pending, 3 devices: 3 waiting")
		progress, diags := c.Invoke(t.Context(), "aep_upgrade_wait", f.target(coretest.Config{"wait_for": "started"}))
		ends(t, progress, diags, "is running")
		progress, diags = c.Invoke(t.Context(), "aep_upgrade_wait", f.target(nil))
		ends(t, progress, diags, "is finished, 3 devices: 3 succeeded")
		f.starts(0)
	})
}

// T-Link may show devices that were cancelled before the start as failed, and the
// action has not seen the start.
func TestWaitActionCancelsNothingOfATLinkTask(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) {
		o.Upgrade.Fail = simulator.FailDevices("5000", ids[:3]...)
		o.Upgrade.Hang = simulator.Among(ids[3:]...)
	}
	onEvery(t, 10, bad, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		if err := f.Start(f.task); err != nil {
			t.Fatal(err)
		}
		_, diags := c.Invoke(t.Context(), "aep_upgrade_wait", f.target(coretest.Config{"abort_failure_percent": 50, "abort_minimum_devices": 3}))
		mentions(t, "the action", diags.Errors(), "3 of the 3 devices")
		cancelled := 7
		if f.product == coretest.TLinkProduct {
			cancelled = 0
		}
		if got := f.phases()[simulator.PhaseCancelled]; got != cancelled {
			t.Errorf("%d devices are cancelled, want %d", got, cancelled)
		}
	})
}

func TestCancelAction(t *testing.T) {
	for name, one := range map[string]struct {
		arguments func(f *fleet) coretest.Config
		cancelled int
		preview   string
	}{
		"all":         {func(*fleet) coretest.Config { return coretest.Config{"all": true} }, 9, "Cancels 9 of 10 (9 in progress)"},
		"device_ids":  {func(f *fleet) coretest.Config { return coretest.Config{"device_ids": f.devices[:4]} }, 3, "Cancels 3 of 10"},
		"file":        {func(f *fleet) coretest.Config { return coretest.Config{"device_ids_file": f.file(4)} }, 3, "Cancels 3 of 10"},
		"subtask_ids": {func(f *fleet) coretest.Config { return coretest.Config{"subtask_ids": f.subtaskIDs(4)} }, 3, "Cancels 3 of 10"},
		"ids, phases": {
			func(f *fleet) coretest.Config {
				return coretest.Config{"device_ids": f.devices[:4], "phases": []string{"waiting"}}
			}, 0,
			"Cancels 0 of 10",
		},
		"phases": {func(*fleet) coretest.Config { return coretest.Config{"all": true, "phases": []string{"waiting"}} }, 0, "Cancels 0 of 10"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := func(o *simulator.Options, ids []string) {
				o.Upgrade.Fail = simulator.FailDevices("5000", ids[0])
				o.Upgrade.Hang = simulator.Among(ids[1:]...)
			}
			onEvery(t, 10, bad, func(t *testing.T, f *fleet) {
				if err := f.Start(f.task); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				c := coretest.New(t, f.Platform, nil)
				config := f.target(one.arguments(f))
				previews(t, c.PlanAction(t.Context(), "aep_upgrade_cancel", config), one.preview)
				progress, diags := c.Invoke(t.Context(), "aep_upgrade_cancel", config)
				ends(t, progress, diags, "1 failed")
				if got := f.phases()[simulator.PhaseCancelled]; got != one.cancelled {
					t.Errorf("%d devices were cancelled, want %d", got, one.cancelled)
				}
				final := 1
				if name == "ids, phases" {
					final = 0 // the device that has failed is in none of the phases
				}
				if done := fmt.Sprintf("Done: %d cancelled, %d already final", one.cancelled, final); !slices.Contains(progress, done) {
					t.Errorf("want %q in the progress: %q", done, progress)
				}
			})
		})
	}
}

// file writes the first n devices to a file as an editor on Windows would.
func (f *fleet) file(n int) string {
	f.t.Helper()
	name := filepath.Join(f.t.TempDir(), "devices.txt")
	if err := os.WriteFile(name, []byte("\xef\xbb\xbf# some\r\n"+strings.Join(f.devices[:n], "\r\n")), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return name
}

func (f *fleet) subtaskIDs(n int) []any {
	var ids []any
	for _, s := range f.Subtasks(f.task)[:n] {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestRetryAction(t *testing.T) {
	for name, one := range map[string]struct {
		arguments func(f *fleet) coretest.Config
		retried   int
	}{
		"all_failed": {func(*fleet) coretest.Config { return coretest.Config{"all_failed": true} }, 4},
		"result_codes": {func(*fleet) coretest.Config {
			return coretest.Config{"all_failed": true, "result_codes": []string{"5001"}}
		}, 1},
		"device_ids": {func(f *fleet) coretest.Config {
			return coretest.Config{"device_ids": []string{f.devices[0], f.devices[9]}}
		}, 1},
		"subtask_ids": {func(f *fleet) coretest.Config { return coretest.Config{"subtask_ids": f.subtaskIDs(2)} }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			bad := func(o *simulator.Options, ids []string) {
				first, other := simulator.FailFirst(1, "5000", ids[:3]...), simulator.FailFirst(1, "5001", ids[3])
				o.Upgrade.Fail = func(id string, try int) string { return first(id, try) + other(id, try) }
			}
			onEvery(t, 10, bad, func(t *testing.T, f *fleet) {
				if err := f.Start(f.task); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				c := coretest.New(t, f.Platform, nil)
				config := f.target(one.arguments(f))
				planned := c.PlanAction(t.Context(), "aep_upgrade_retry", config)
				if f.product == coretest.TLinkProduct {
					if _, diags := c.Invoke(t.Context(), "aep_upgrade_retry", config); !coretest.Says(planned.Errors(),
						"T-Link") || !coretest.Says(diags.Errors(), "T-Link") {
						t.Errorf("%s %s", planned.Errors(), diags.Errors())
					}
					coretest.WantNoWrites(t, f.Platform)
					return
				}
				previews(t, planned, map[bool]string{true: "Retries 1 failed device:", false: fmt.Sprintf("Retries %d failed devices:",
					one.retried)}[one.retried == 1])
				progress, diags := c.Invoke(t.Context(), "aep_upgrade_retry", config)
				ends(t, progress, diags, fmt.Sprintf("%d succeeded", 6+one.retried))
			})
		})
	}
}

func TestRetryIsNeverSentTwice(t *testing.T) {
	for _, kind := range []simulator.FaultKind{simulator.ResetAfter, simulator.ResetBefore, simulator.EmptyBody, simulator.HangAfter} {
		t.Run(string(kind), func(t *testing.T) {
			bad := func(o *simulator.Options, ids []string) { o.Upgrade.Fail = simulator.FailFirst(1, "5000", ids[:4]...) }
			onEvery(t, 6, bad, func(t *testing.T, f *fleet) {
				if f.product == coretest.TLinkProduct {
					return
				}
				if err := f.Start(f.task); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				f.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpOperational})
				c := coretest.New(t, f.Platform, nil)
				progress, diags := c.Invoke(t.Context(), "aep_upgrade_retry", f.target(coretest.Config{"all_failed": true, "batch_size": 2}))
				ends(t, progress, diags, "6 succeeded")
				for _, s := range f.Subtasks(f.task)[:4] {
					if s.Tries != 2 {
						t.Errorf("device %s was tried %d times", s.DeviceID, s.Tries)
					}
				}
				if f.ArmedFaults() != 0 {
					t.Error("the fault met no request")
				}
			})
		})
	}
}

func TestActionsReadOnlySendNothing(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) {
		o.Upgrade.Fail, o.Upgrade.Hang = simulator.FailDevices("5000", ids[0]), simulator.Among(ids[1:]...)
	}
	onEvery(t, 3, bad, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, coretest.Config{"read_only": true})
		for name, config := range map[string]coretest.Config{
			"aep_upgrade_start":  f.target(nil),
			"aep_upgrade_cancel": f.target(coretest.Config{"all": true}),
		} {
			if _, diags := c.Invoke(t.Context(), name, config); !coretest.Says(diags.Errors(), "read_only") {
				t.Errorf("%s: %s", name, diags.Errors())
			}
		}
		if err := f.Start(f.task); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, diags := c.Invoke(t.Context(), "aep_upgrade_retry",
			f.target(coretest.Config{"all_failed": true})); f.product != coretest.TLinkProduct && !coretest.Says(diags.Errors(), "read_only") {
			t.Errorf("retry: %s", diags.Errors())
		}
		coretest.WantNoWrites(t, f.Platform)
	})
}

func TestActionInput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, coretest.NewPlatform(t), coretest.LwM2MProduct, coretest.LwM2MFirmware, 2)
		c := coretest.New(t, f.Platform, nil)
		for name, one := range map[string]struct {
			action    string
			arguments coretest.Config
			want      string
		}{
			"no selection":    {"aep_upgrade_cancel", nil, "Set all, device_ids, device_ids_file or subtask_ids."},
			"two selections":  {"aep_upgrade_cancel", coretest.Config{"all": true, "device_ids": []string{"a"}}, "exclude each other"},
			"all is false":    {"aep_upgrade_cancel", coretest.Config{"all": false}, "true"},
			"final phase":     {"aep_upgrade_cancel", coretest.Config{"all": true, "phases": []string{"succeeded"}}, "phases"},
			"batch too large": {"aep_upgrade_retry", coretest.Config{"all_failed": true, "batch_size": 1001}, "between 1 and 1000"},
			"duplicate id":    {"aep_upgrade_cancel", coretest.Config{"device_ids": []string{"a", "a"}}, "more than once"},
			"missing file":    {"aep_upgrade_cancel", coretest.Config{"device_ids_file": "/nowhere"}, "/nowhere"},
			"fast poll":       {"aep_upgrade_wait", coretest.Config{"poll_interval": "10ms"}, "at least 1s"},
			"no duration":     {"aep_upgrade_wait", coretest.Config{"poll_interval": "soon"}, "soon"},
			"percent":         {"aep_upgrade_start", coretest.Config{"minimum_success_percent": 101}, "must be a number from 0 to 100, not 101"},
			"wait for none":   {"aep_upgrade_wait", coretest.Config{"wait_for": "none"}, "wait_for"},
		} {
			if diags := c.PlanAction(t.Context(), one.action, f.target(one.arguments)); !coretest.Says(diags.Errors(), one.want) {
				t.Errorf("%s: %q", name, diags.Errors())
			}
		}
		f.ResetJournal()
		config := f.target(coretest.Config{"all": true})
		config["task_id"] = coretest.Unknown{}
		if diags := c.PlanAction(t.Context(), "aep_upgrade_cancel", config); len(diags) != 0 || len(f.Requests()) != 0 {
			t.Errorf("a plan without the task id: %s, %d requests", diags.Errors(), len(f.Requests()))
		}
		previews(t, c.PlanAction(t.Context(), "aep_upgrade_cancel", f.target(coretest.Config{"device_ids": []string{"no-member", f.devices[0]}})),
			"no-member")
	})
}
