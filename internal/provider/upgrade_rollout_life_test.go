package provider_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// another makes a further pending task with the same devices.
func (f *fleet) another() int64 {
	f.t.Helper()
	draft := simulator.TaskDraft{ProductID: f.product, Name: "again", RetryTimes: 1, TimeoutHours: 24, FirmwareID: coretest.LwM2MNewer}
	if f.product == coretest.TLinkProduct {
		draft.FirmwareID = coretest.TLinkFirmware
	}
	task, err := f.CreateTask(draft)
	coretest.Must(f.t, err)
	return task
}

// replacedAtConsole lets the task finish, deletes it, and makes another one.
func (f *fleet) replacedAtConsole() int64 {
	f.t.Helper()
	coretest.Must(f.t, f.Finish(f.task))
	coretest.Must(f.t, f.DeleteTask(f.task))
	return f.another()
}

// applied is a rollout that has been applied.
func (f *fleet) applied(arguments coretest.Config) (c *coretest.Core, i *coretest.Instance, config coretest.Config) {
	f.t.Helper()
	c, config = coretest.New(f.t, f.Platform, nil), f.rollout(arguments)
	i = c.Absent("aep_upgrade_rollout")
	c.MustApply(f.t.Context(), i, config)
	return c, i, config
}

func TestRolloutStaysWhenItsTaskIsGone(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		again := f.replacedAtConsole()

		made := c.RefreshAndPlan(i, config)
		if !i.Exists() || made.Action != coretest.NoAction || !coretest.Says(made.Diags.Warnings(), "no longer exists") {
			t.Errorf("exists: %t, %s, warnings: %s", i.Exists(), made.Action, made.Diags.Warnings())
		}
		for name, task := range map[string]any{"another task": again, "a task that is not known yet": coretest.Unknown{}} {
			config["task_id"] = task
			for how, made := range map[string]coretest.Change{"refreshed": c.RefreshAndPlan(i, config), "without a refresh": c.Plan(t.Context(),
				i, config)} {
				mentions(t, name+", "+how, made.Diags.Errors(), "does not exist any more", "allow_recreate")
			}
		}
		config["allow_recreate"] = true
		if made := c.RefreshAndPlan(i, config); made.Diags.Errors() != "" || made.Action != coretest.ReplaceIt {
			t.Errorf("with allow_recreate: %s, errors: %s", made.Action, made.Diags.Errors())
		}
		c.MustApply(t.Context(), i, nil)
		if _, diags := c.Import(t.Context(), i.TypeName, fmt.Sprintf("%d/%d", f.product, f.task)); !coretest.Says(diags.Errors(),
			"does not exist") {
			t.Errorf("import: %s", diags.Errors())
		}
		f.starts(1)
	})
}

// A start that follows an empty wave is remembered although its watch fails.
func TestStartOfAnEmptyWaveIsRememberedWhenItsWatchFails(t *testing.T) {
	for name, one := range map[string]struct {
		arguments coretest.Config
		fault     simulator.FaultKind // of the start
		fails     string
	}{
		"gate":        {nil, "", "0 of the 4 devices"},
		"timeout":     {coretest.Config{"timeouts": coretest.Config{"update": "45s"}}, "", "timed out after 45s (timeouts.update)"},
		"lost answer": {coretest.Config{"timeouts": coretest.Config{"update": "10s"}}, simulator.HangAfter, "Unable to start"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := func(o *simulator.Options, _ []string) { o.Upgrade.Fail = simulator.FailPercent(100, "5000") }
			onEvery(t, 0, bad, func(t *testing.T, f *fleet) {
				c, i, config := f.applied(coretest.Config{"wait_for": "finished"})
				coretest.Must(t, f.Join(f.task, f.DeviceIDs(f.product)[:4]...))
				config["expected_device_count"] = 4
				maps.Copy(config, one.arguments)
				if one.fault != "" {
					f.Inject(simulator.Fault{Kind: one.fault, Operation: simulator.OpControl, Times: -1})
				}
				mentions(t, "the apply", c.Apply(t.Context(), i, config).Errors(), one.fails)
				wants(t, i, map[string]string{"status": "pending", "expected_device_count": "0"})
				f.ClearFaults()
				coretest.Must(t, f.Finish(f.task))
				coretest.Must(t, f.DeleteTask(f.task))

				for name, task := range map[string]any{"another task": f.another(), "a task that is not known yet": coretest.Unknown{}} {
					config["task_id"] = task
					for how, made := range map[string]coretest.Change{"refreshed": c.RefreshAndPlan(i, config), "without a refresh": c.Plan(t.Context(),
						i, config)} {
						mentions(t, name+", "+how, made.Diags.Errors(), "does not exist any more", "allow_recreate")
					}
				}
			})
		})
	}
}

// A failed watch that a refresh follows is not taken for a success.
func TestEmptyWaveThatWasStartedIsJudgedAgain(t *testing.T) {
	bad := func(o *simulator.Options, _ []string) { o.Upgrade.Fail = simulator.FailPercent(100, "5000") }
	onEvery(t, 0, bad, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(coretest.Config{"wait_for": "finished"})
		coretest.Must(t, f.Join(f.task, f.DeviceIDs(f.product)[:4]...))
		config["expected_device_count"] = 4
		for range 2 {
			made := c.RefreshAndPlan(i, config)
			mentions(t, "the gate", c.ApplyPlan(t.Context(), i, config, made).Errors(), "0 of the 4 devices")
		}
		f.starts(1)
		config["minimum_success_percent"] = 0
		made := c.RefreshAndPlan(i, config)
		c.NoErrors(c.ApplyPlan(t.Context(), i, config, made))
		wants(t, i, map[string]string{"status": "finished", "failed_count": "4", "expected_device_count": "4"})
		c.WantSettled(t.Context(), i, config)
	})
}

// A wave in which nothing was started may move to another task.
func TestEmptyWaveMovesToAnotherTask(t *testing.T) {
	onEvery(t, 0, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		coretest.Must(t, f.DeleteTask(f.task))
		config["task_id"] = f.another()
		if made := c.RefreshAndPlan(i, config); made.Diags.Errors() != "" || made.Action != coretest.ReplaceIt {
			t.Errorf("%s, errors: %s", made.Action, made.Diags.Errors())
		}
	})
}

// Core plans a tainted rollout as if it did not exist.
func TestTaintedRolloutIsNotCreatedAgainWhenItsTaskIsGone(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		again := f.replacedAtConsole()

		// A rollout that is planned with its state keeps no other from being created.
		c.RefreshAndPlan(i, config)
		fresh := f.rollout(coretest.Config{"task_id": again})
		if made := c.PlanOne(t.Context(), c.Absent(i.TypeName), fresh, coretest.Lifecycle{}); made.Diags.Errors() != "" {
			t.Errorf("beside a rollout that stays: %s", made.Diags.Errors())
		}

		i.Tainted = true
		for name, task := range map[string]any{"another task": again, "a task that is not known yet": coretest.Unknown{}} {
			config["task_id"], config["allow_recreate"] = task, false
			mentions(t, name, c.RefreshAndPlan(i, config).Diags.Errors(), "does not exist any more", "allow_recreate", "terraform untaint")
			config["allow_recreate"] = true
			if made := c.RefreshAndPlan(i, config); made.Diags.Errors() != "" || made.Action != coretest.ReplaceIt {
				t.Errorf("%s, with allow_recreate: %s, errors: %s", name, made.Action, made.Diags.Errors())
			}
		}
		f.starts(1)
	})
}

// A task id that is not known yet may be the one of before.
func TestUnknownTaskReplacesNoRollout(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		for _, argument := range []string{
			"product_id", "task_id", "wait_for", "expected_device_count", "on_destroy", "allow_recreate",
			"minimum_success_percent",
		} {
			was := config[argument]
			config[argument] = coretest.Unknown{}
			made := c.Plan(t.Context(), i, config)
			if made.Diags.Errors() != "" || made.Action != coretest.UpdateIt {
				t.Errorf("%s: %s, errors: %s", argument, made.Action, made.Diags.Errors())
			}
			if config[argument] = was; was == nil {
				delete(config, argument)
			}
			c.NoErrors(c.ApplyPlan(t.Context(), i, config, made))
			c.WantSettled(t.Context(), i, config)
		}
		f.starts(1)
	})
}

func TestReplacingARolloutCancelsNothing(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids...) }
	for name, replace := range map[string]func(t *testing.T, c *coretest.Core, i *coretest.Instance, config coretest.Config){
		"-replace": func(t *testing.T, c *coretest.Core, i *coretest.Instance, config coretest.Config) {
			made := c.PlanOne(t.Context(), i, config, coretest.Lifecycle{Replace: true})
			c.NoErrors(c.ApplyPlan(t.Context(), i, config, made))
		},
		"tainted": func(t *testing.T, c *coretest.Core, i *coretest.Instance, config coretest.Config) {
			i.Tainted = true
			c.MustApply(t.Context(), i, config)
		},
		"-replace, new one first": func(t *testing.T, c *coretest.Core, i *coretest.Instance, config coretest.Config) {
			made := c.PlanOne(t.Context(), i, config, coretest.Lifecycle{Replace: true, CreateFirst: true})
			deposed := c.Absent(i.TypeName)
			c.BeginWalk()
			c.NoErrors(c.CreateFirst(t.Context(), i, deposed, config, made))
			c.NoErrors(c.RemoveDeposed(t.Context(), deposed))
		},
		"tainted, new one first, and cut off between": func(t *testing.T, c *coretest.Core, i *coretest.Instance, config coretest.Config) {
			i.Tainted = true
			made := c.PlanOne(t.Context(), i, config, coretest.Lifecycle{CreateFirst: true})
			deposed := c.Absent(i.TypeName)
			c.BeginWalk()
			c.NoErrors(c.CreateFirst(t.Context(), i, deposed, config, made))
			c.BeginWalk()
			c.NoErrors(c.PlanOne(t.Context(), deposed, nil, coretest.Lifecycle{}).Diags)
			c.BeginWalk()
			c.NoErrors(c.RemoveDeposed(t.Context(), deposed))
		},
		"an update before": func(t *testing.T, c *coretest.Core, i *coretest.Instance, config coretest.Config) {
			config["poll_interval"] = "45s"
			c.MustApply(t.Context(), i, config)
			c.BeginWalk()
			made := c.PlanOne(t.Context(), i, config, coretest.Lifecycle{Replace: true})
			c.NoErrors(c.ApplyPlan(t.Context(), i, config, made))
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
				c, i, config := f.applied(coretest.Config{"on_destroy": "cancel"})
				time.Sleep(time.Minute)
				c.BeginWalk()
				replace(t, c, i, config)
				if got := f.phases(); got[simulator.PhaseInProgress] != 5 {
					t.Errorf("phases: %v", got)
				}
				f.starts(1)
				c.WantSettled(t.Context(), i, config)
				c.MustApply(t.Context(), i, nil)
				if got := f.phases(); got[simulator.PhaseCancelled] != 5 {
					t.Errorf("after the destroy: %v", got)
				}
			})
		})
	}
}

func TestPlanOfAStartSaysWhatIsFlashed(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		config := f.rollout(nil)
		version := map[bool]string{true: "10.3", false: "1.3251"}[f.product == coretest.TLinkProduct]
		mentions(t, "the plan", c.Plan(t.Context(), i, config).Diags.Warnings(),
			fmt.Sprintf("Starts task %d 'seeded' on 3 devices", f.task), "version "+version)
		config["task_id"] = coretest.Unknown{}
		mentions(t, "the plan of a new task", c.Plan(t.Context(), i, config).Diags.Warnings(), "Starts an upgrade task on 3 devices",
			"known after apply")
		config["expected_device_count"] = coretest.Unknown{}
		mentions(t, "the plan of a new set", c.Plan(t.Context(), i, config).Diags.Warnings(), "known after apply")
		if n := len(f.Requests()); n > 2 {
			t.Errorf("the plans took %d requests, the time included", n)
		}
		config = f.rollout(nil)
		f.ResetJournal()
		c.MustApply(t.Context(), i, config)
		// One read for each plan, of which the start uses the second one.
		if n := f.Count(simulator.OpQueryDetail); n != 2+1 {
			t.Errorf("/detail was asked %d times", n)
		}
		config["wait_for"] = "finished"
		if said := c.Plan(t.Context(), i, config).Diags.Warnings(); said != "" {
			t.Errorf("a running task: %s", said)
		}
	})
}

func TestRolloutsKeepToTheLimitOfTheRun(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		config := f.rollout(nil)
		small := coretest.New(t, f.Platform, coretest.Config{"max_devices_per_run": 2})
		i := small.Absent("aep_upgrade_rollout")
		mentions(t, "the plan", small.Plan(t.Context(), i, config).Diags.Errors(), "start 3 devices, 1 more than the 2", "max_devices_per_run")
		frozen := coretest.New(t, f.Platform, coretest.Config{"max_devices_per_run": 0})
		mentions(t, "the action", frozen.PlanAction(t.Context(), "aep_upgrade_start", f.target(nil)).Errors(),
			"start 3 devices, 3 more than the 0")
		_, diags := frozen.Invoke(t.Context(), "aep_upgrade_start", f.target(nil))
		mentions(t, "the start", diags.Errors(), "start 3 devices, 3 more than the 0", "AEP_MAX_DEVICES_PER_RUN")

		// All rollouts of a plan count together, but a replacement counts once.
		config["task_id"] = coretest.Unknown{}
		enough := coretest.New(t, f.Platform, coretest.Config{"max_devices_per_run": 5})
		enough.NoErrors(enough.PlanOne(t.Context(), i, config, coretest.Lifecycle{}).Diags)
		mentions(t, "two rollouts", enough.PlanOne(t.Context(), i, config, coretest.Lifecycle{}).Diags.Errors(),
			"start 6 devices, 1 more than the 5")
		f.starts(0)
		config = f.rollout(nil)
		enough.MustApply(t.Context(), i, config)
		enough.BeginWalk()
		config["task_id"] = f.another()
		enough.NoErrors(enough.PlanOne(t.Context(), i, config, coretest.Lifecycle{}).Diags)
		f.starts(1)
	})
}

// Waiting for the end takes longer than waiting for the start.
func TestRolloutTimeoutsByGoal(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids...) }
	onEvery(t, 2, hang, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		began := time.Now()
		diags := c.Apply(t.Context(), i, f.rollout(coretest.Config{"wait_for": "finished", "poll_interval": "10m"}))
		if took := time.Since(began); took != 24*time.Hour {
			t.Errorf("it took %s", took)
		}
		mentions(t, "the error", diags.Errors(), "timed out after 24h0m0s (timeouts.create)", "2 in progress")
	})
}
