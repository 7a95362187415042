package provider_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// another makes a further pending task with the same devices.
func (f *fleet) another() int64 {
	f.t.Helper()
	draft := simulator.TaskDraft{ProductID: f.product, Name: "again", RetryTimes: 1, TimeoutHours: 24, FirmwareID: lwm2mNewer}
	if f.product == tLinkProduct {
		draft.FirmwareID = tLinkFirmware
	}
	task, err := f.CreateTask(draft)
	atConsole(f.t, err)
	return task
}

// replacedAtConsole lets the task finish, deletes it, and makes another one.
func (f *fleet) replacedAtConsole() int64 {
	f.t.Helper()
	atConsole(f.t, f.Finish(f.task))
	atConsole(f.t, f.DeleteTask(f.task))
	return f.another()
}

// applied is a rollout that has been applied.
func (f *fleet) applied(arguments object) (c *core, i *instance, config object) {
	f.t.Helper()
	c, config = newCore(f.t, f.Platform, nil), f.rollout(arguments)
	i = c.absent("aep_upgrade_rollout")
	c.must(nil, c.apply(f.t.Context(), i, config)...)
	return c, i, config
}

// refreshedPlan reads an instance and plans it in one walk.
func (c *core) refreshedPlan(i *instance, config object) change {
	c.t.Helper()
	c.renew()
	read := c.read(c.t.Context(), i)
	made := c.planOne(c.t.Context(), i, config, lifecycle{})
	made.diags = append(read, made.diags...)
	return made
}

func TestRolloutStaysWhenItsTaskIsGone(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		again := f.replacedAtConsole()

		made := c.refreshedPlan(i, config)
		if !i.exists() || made.action != noAction || !strings.Contains(made.diags.warnings(), "no longer exists") {
			t.Errorf("exists: %t, %s, warnings: %s", i.exists(), made.action, made.diags.warnings())
		}
		for name, task := range map[string]any{"another task": again, "a task that is not known yet": unknown{}} {
			config["task_id"] = task
			for how, made := range map[string]change{"refreshed": c.refreshedPlan(i, config), "with the state alone": c.plan(t.Context(),
				i, config)} {
				mentions(t, name+", "+how, made.diags.errors(), "does not exist any more", "allow_recreate")
			}
		}
		config["allow_recreate"] = true
		if made := c.refreshedPlan(i, config); made.diags.errors() != "" || made.action != replaceIt {
			t.Errorf("with allow_recreate: %s, errors: %s", made.action, made.diags.errors())
		}
		c.must(nil, c.apply(t.Context(), i, nil)...)
		if _, diags := c.imported(t.Context(), i.typeName, fmt.Sprintf("%d/%d", f.product, f.task)); !strings.Contains(diags.errors(),
			"does not exist") {
			t.Errorf("import: %s", diags.errors())
		}
		f.starts(1)
	})
}

// A start that follows an empty wave is remembered although its watch fails.
func TestStartOfAnEmptyWaveIsRememberedWhenItsWatchFails(t *testing.T) {
	for name, one := range map[string]struct {
		arguments object
		fault     simulator.FaultKind // of the start
		fails     string
	}{
		"gate":        {nil, "", "0 of the 4 devices"},
		"timeout":     {object{"timeouts": object{"update": "45s"}}, "", "timed out after 45s (timeouts.update)"},
		"lost answer": {object{"timeouts": object{"update": "10s"}}, simulator.HangAfter, "Unable to start"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := func(o *simulator.Options, _ []string) { o.Upgrade.Fail = simulator.FailPercent(100, "5000") }
			onEvery(t, 0, bad, func(t *testing.T, f *fleet) {
				c, i, config := f.applied(object{"wait_for": "finished"})
				atConsole(t, f.Join(f.task, f.DeviceIDs(f.product)[:4]...))
				config["expected_device_count"] = 4
				maps.Copy(config, one.arguments)
				if one.fault != "" {
					f.Inject(simulator.Fault{Kind: one.fault, Operation: simulator.OpControl, Times: -1})
				}
				mentions(t, "the apply", c.apply(t.Context(), i, config).errors(), one.fails)
				wants(t, i, map[string]string{"status": "pending", "expected_device_count": "0"})
				f.ClearFaults()
				atConsole(t, f.Finish(f.task))
				atConsole(t, f.DeleteTask(f.task))

				for name, task := range map[string]any{"another task": f.another(), "a task that is not known yet": unknown{}} {
					config["task_id"] = task
					for how, made := range map[string]change{"refreshed": c.refreshedPlan(i, config), "with the state alone": c.plan(t.Context(),
						i, config)} {
						mentions(t, name+", "+how, made.diags.errors(), "does not exist any more", "allow_recreate")
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
		c, i, config := f.applied(object{"wait_for": "finished"})
		atConsole(t, f.Join(f.task, f.DeviceIDs(f.product)[:4]...))
		config["expected_device_count"] = 4
		for range 2 {
			made := c.refreshedPlan(i, config)
			mentions(t, "the gate", c.carryOut(t.Context(), i, config, made).errors(), "0 of the 4 devices")
		}
		f.starts(1)
		config["minimum_success_percent"] = 0
		made := c.refreshedPlan(i, config)
		c.must(nil, c.carryOut(t.Context(), i, config, made)...)
		wants(t, i, map[string]string{"status": "finished", "failed_count": "4", "expected_device_count": "4"})
		c.settled(t.Context(), i, config)
	})
}

// A wave in which nothing was started may move to another task.
func TestEmptyWaveMovesToAnotherTask(t *testing.T) {
	onEvery(t, 0, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		atConsole(t, f.DeleteTask(f.task))
		config["task_id"] = f.another()
		if made := c.refreshedPlan(i, config); made.diags.errors() != "" || made.action != replaceIt {
			t.Errorf("%s, errors: %s", made.action, made.diags.errors())
		}
	})
}

// Core plans a tainted rollout as if it did not exist.
func TestTaintedRolloutIsNotCreatedAgainWhenItsTaskIsGone(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c, i, config := f.applied(nil)
		again := f.replacedAtConsole()

		// A rollout that is planned with its state keeps no other from being created.
		c.refreshedPlan(i, config)
		fresh := f.rollout(object{"task_id": again})
		if made := c.planOne(t.Context(), c.absent(i.typeName), fresh, lifecycle{}); made.diags.errors() != "" {
			t.Errorf("beside a rollout that stays: %s", made.diags.errors())
		}

		i.tainted = true
		for name, task := range map[string]any{"another task": again, "a task that is not known yet": unknown{}} {
			config["task_id"], config["allow_recreate"] = task, false
			mentions(t, name, c.refreshedPlan(i, config).diags.errors(), "does not exist any more", "allow_recreate", "terraform untaint")
			config["allow_recreate"] = true
			if made := c.refreshedPlan(i, config); made.diags.errors() != "" || made.action != replaceIt {
				t.Errorf("%s, with allow_recreate: %s, errors: %s", name, made.action, made.diags.errors())
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
			config[argument] = unknown{}
			made := c.plan(t.Context(), i, config)
			if made.diags.errors() != "" || made.action != updateIt {
				t.Errorf("%s: %s, errors: %s", argument, made.action, made.diags.errors())
			}
			if config[argument] = was; was == nil {
				delete(config, argument)
			}
			c.must(nil, c.carryOut(t.Context(), i, config, made)...)
			c.settled(t.Context(), i, config)
		}
		f.starts(1)
	})
}

func TestReplacingARolloutCancelsNothing(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids...) }
	for name, replace := range map[string]func(t *testing.T, c *core, i *instance, config object){
		"-replace": func(t *testing.T, c *core, i *instance, config object) {
			made := c.planOne(t.Context(), i, config, lifecycle{replace: true})
			c.must(nil, c.carryOut(t.Context(), i, config, made)...)
		},
		"tainted": func(t *testing.T, c *core, i *instance, config object) {
			i.tainted = true
			c.must(nil, c.apply(t.Context(), i, config)...)
		},
		"-replace, new one first": func(t *testing.T, c *core, i *instance, config object) {
			made := c.planOne(t.Context(), i, config, lifecycle{replace: true, createFirst: true})
			deposed := c.absent(i.typeName)
			c.renew()
			c.must(nil, c.createFirst(t.Context(), i, deposed, config, made)...)
			c.must(nil, c.removeDeposed(t.Context(), deposed)...)
		},
		"tainted, new one first, and cut off between": func(t *testing.T, c *core, i *instance, config object) {
			i.tainted = true
			made := c.planOne(t.Context(), i, config, lifecycle{createFirst: true})
			deposed := c.absent(i.typeName)
			c.renew()
			c.must(nil, c.createFirst(t.Context(), i, deposed, config, made)...)
			c.renew()
			c.must(nil, c.planOne(t.Context(), deposed, nil, lifecycle{}).diags...)
			c.renew()
			c.must(nil, c.removeDeposed(t.Context(), deposed)...)
		},
		"an update before": func(t *testing.T, c *core, i *instance, config object) {
			config["poll_interval"] = "45s"
			c.must(nil, c.apply(t.Context(), i, config)...)
			c.renew()
			made := c.planOne(t.Context(), i, config, lifecycle{replace: true})
			c.must(nil, c.carryOut(t.Context(), i, config, made)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
				c, i, config := f.applied(object{"on_destroy": "cancel"})
				time.Sleep(time.Minute)
				c.renew()
				replace(t, c, i, config)
				if got := f.phases(); got[simulator.PhaseInProgress] != 5 {
					t.Errorf("phases: %v", got)
				}
				f.starts(1)
				c.settled(t.Context(), i, config)
				c.must(nil, c.apply(t.Context(), i, nil)...)
				if got := f.phases(); got[simulator.PhaseCancelled] != 5 {
					t.Errorf("after the destroy: %v", got)
				}
			})
		})
	}
}

func TestPlanOfAStartSaysWhatIsFlashed(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c := newCore(t, f.Platform, nil)
		i := c.absent("aep_upgrade_rollout")
		config := f.rollout(nil)
		version := map[bool]string{true: "10.3", false: "1.3251"}[f.product == tLinkProduct]
		mentions(t, "the plan", c.plan(t.Context(), i, config).diags.warnings(),
			fmt.Sprintf("Starts task %d 'seeded' on 3 devices", f.task), "version "+version)
		config["task_id"] = unknown{}
		mentions(t, "the plan of a new task", c.plan(t.Context(), i, config).diags.warnings(), "Starts an upgrade task on 3 devices",
			"known after apply")
		config["expected_device_count"] = unknown{}
		mentions(t, "the plan of a new set", c.plan(t.Context(), i, config).diags.warnings(), "known after apply")
		if n := len(f.Requests()); n > 2 {
			t.Errorf("the plans took %d requests, the time included", n)
		}
		config = f.rollout(nil)
		f.ResetJournal()
		c.must(nil, c.apply(t.Context(), i, config)...)
		// One read for each plan, of which the start uses the second one.
		if n := f.Count(simulator.OpQueryDetail); n != 2+1 {
			t.Errorf("/detail was asked %d times", n)
		}
		config["wait_for"] = "finished"
		if said := c.plan(t.Context(), i, config).diags.warnings(); said != "" {
			t.Errorf("a running task: %s", said)
		}
	})
}

func TestRolloutsKeepToTheLimitOfTheRun(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		config := f.rollout(nil)
		small := newCore(t, f.Platform, object{"max_devices_per_run": 2})
		i := small.absent("aep_upgrade_rollout")
		mentions(t, "the plan", small.plan(t.Context(), i, config).diags.errors(), "start 3 devices, 1 more than the 2", "max_devices_per_run")
		frozen := newCore(t, f.Platform, object{"max_devices_per_run": 0})
		mentions(t, "the action", frozen.planAction(t.Context(), "aep_upgrade_start", f.target(nil)).errors(),
			"start 3 devices, 3 more than the 0")
		_, diags := frozen.invoke(t.Context(), "aep_upgrade_start", f.target(nil))
		mentions(t, "the start", diags.errors(), "start 3 devices, 3 more than the 0", "AEP_MAX_DEVICES_PER_RUN")

		// All rollouts of a plan count together, but a replacement counts once.
		config["task_id"] = unknown{}
		enough := newCore(t, f.Platform, object{"max_devices_per_run": 5})
		enough.must(nil, enough.planOne(t.Context(), i, config, lifecycle{}).diags...)
		mentions(t, "two rollouts", enough.planOne(t.Context(), i, config, lifecycle{}).diags.errors(), "start 6 devices, 1 more than the 5")
		f.starts(0)
		config = f.rollout(nil)
		enough.must(nil, enough.apply(t.Context(), i, config)...)
		enough.renew()
		config["task_id"] = f.another()
		enough.must(nil, enough.planOne(t.Context(), i, config, lifecycle{}).diags...)
		f.starts(1)
	})
}

// Waiting for the end takes longer than waiting for the start.
func TestRolloutTimeoutsByGoal(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids...) }
	onEvery(t, 2, hang, func(t *testing.T, f *fleet) {
		c := newCore(t, f.Platform, nil)
		i := c.absent("aep_upgrade_rollout")
		began := time.Now()
		diags := c.apply(t.Context(), i, f.rollout(object{"wait_for": "finished", "poll_interval": "10m"}))
		if took := time.Since(began); took != 24*time.Hour {
			t.Errorf("it took %s", took)
		}
		mentions(t, "the error", diags.errors(), "timed out after 24h0m0s (timeouts.create)", "2 in progress")
	})
}
