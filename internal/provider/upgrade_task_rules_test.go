package provider_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func taskConfig(changes coretest.Config) coretest.Config {
	config := coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "meters", "retry_times": 1}
	maps.Copy(config, changes)
	return config
}

// scene is one task in virtual time, with what a test needs around it.
type scene struct {
	*coretest.Core
	ctx  context.Context
	p    *simulator.Platform
	task *coretest.Instance
}

// taskScene runs test on a platform that holds one task of config.
func taskScene(t *testing.T, config coretest.Config, test func(t *testing.T, s scene), change ...func(*simulator.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, change...)
		c := coretest.New(t, p, nil)
		i := c.Absent("aep_upgrade_task")
		c.MustApply(t.Context(), i, config)
		test(t, scene{Core: c, ctx: t.Context(), p: p, task: i})
	})
}

func (s scene) id() int64 { return s.p.Tasks(coretest.LwM2MProduct)[0].ID }

// run joins devices to the task and starts it, in the console.
func (s scene) run(t *testing.T, devices int) {
	t.Helper()
	if err := s.p.Join(s.id(), s.p.DeviceIDs(coretest.LwM2MProduct)[:devices]...); err != nil {
		t.Fatal(err)
	}
	if err := s.p.Start(s.id()); err != nil {
		t.Fatal(err)
	}
}

func mentions(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !coretest.Says(text, want) {
			t.Errorf("%s does not mention %q: %q", what, want, text)
		}
	}
}

// slowly keeps started devices busy.
func slowly(o *simulator.Options) { o.Upgrade.Hang = func(string) bool { return true } }

func TestUpgradeTaskReplaceOfARunningTaskIsGuarded(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		newer := taskConfig(coretest.Config{"firmware_id": coretest.LwM2MNewer})
		if made := s.Plan(s.ctx, s.task, newer); made.Diags.Errors() != "" || !made.Action.Replaces() {
			t.Fatalf("a pending task can't be replaced: %+v", made.Diags)
		}
		s.run(t, 3)
		s.MustRefresh(s.ctx, s.task)
		mentions(t, "the plan", s.Plan(s.ctx, s.task, newer).Diags.Errors(), "is running", "force_destroy = true")
		renamed := s.Plan(s.ctx, s.task, taskConfig(coretest.Config{"name": "renamed"}))
		mentions(t, "the plan of a rename", renamed.Diags.Warnings(), "is running")

		s.MustApply(s.ctx, s.task, taskConfig(coretest.Config{"force_destroy": true}))
		newer["force_destroy"] = true
		s.MustApply(s.ctx, s.task, newer)
		if tasks := s.p.Tasks(coretest.LwM2MProduct); len(tasks) != 1 || tasks[0].FirmwareID != coretest.LwM2MNewer {
			t.Errorf("the platform holds %+v", tasks)
		}
		s.WantSettled(s.ctx, s.task, newer)
	}, slowly)
}

func TestUpgradeTaskDestroyWithActiveDevicesIsGuarded(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.run(t, 3)
		mentions(t, "the destroy", s.Apply(s.ctx, s.task, nil).Errors(), "3 in progress", "force_destroy", "aep_upgrade_cancel")
		if n := s.p.Count(simulator.OpDelete); n != 0 || !s.task.Exists() {
			t.Fatalf("%d deletes were sent", n)
		}
		s.MustApply(s.ctx, s.task, taskConfig(coretest.Config{"force_destroy": true}))
		s.MustApply(s.ctx, s.task, nil)
		if left := s.p.Tasks(coretest.LwM2MProduct); len(left) != 0 || s.task.Exists() {
			t.Errorf("destroy left %+v", left)
		}
	}, slowly)
}

func TestUpgradeTaskGone(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]simulator.Missing{
		"business error": simulator.MissingError, "null": simulator.MissingNull,
		"empty object": simulator.MissingEmptyObject, "empty text": simulator.MissingEmptyText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := func(o *simulator.Options) { o.Quirks.Missing = missing }
			t.Run("pending", func(t *testing.T) {
				taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
					if err := s.p.DeleteTask(s.id()); err != nil {
						t.Fatal(err)
					}
					s.MustRefresh(s.ctx, s.task)
					if s.task.Exists() {
						t.Error("the state holds a task that is gone")
					}
				}, answer)
			})
			t.Run("finished", func(t *testing.T) {
				taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
					s.run(t, 1)
					if err := s.p.Finish(s.id()); err != nil {
						t.Fatal(err)
					}
					s.MustRefresh(s.ctx, s.task)
					if err := s.p.DeleteTask(s.id()); err != nil {
						t.Fatal(err)
					}
					diags := s.Refresh(s.ctx, s.task)
					mentions(t, "the refresh", diags.Warnings(), "allow_recreate", "removed block")
					if !s.task.Exists() {
						t.Fatal("a finished task was dropped from the state: the next apply would upgrade the fleet again")
					}
					s.WantEmpty(s.ctx, s.task, taskConfig(nil))

					s.MustApply(s.ctx, s.task, taskConfig(coretest.Config{"allow_recreate": true}))
					s.MustRefresh(s.ctx, s.task)
					if s.task.Exists() {
						t.Error("allow_recreate does not let go of a task that is gone")
					}
				}, answer)
			})
		})
	}
}

func TestUpgradeTaskTwinIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		// Another run, whose state was lost.
		c := coretest.New(t, s.p, nil)
		twin := c.Absent("aep_upgrade_task")
		mentions(t, "the create", c.Apply(s.ctx, twin, taskConfig(nil)).Errors(), s.task.Get("id"), "import {", "adopt_existing")
		if n := s.p.TasksEverCreated(); n != 1 || twin.Exists() {
			t.Fatalf("%d tasks were made", n)
		}
		adopting := taskConfig(coretest.Config{"adopt_existing": true, "description": "taken over", "retry_times": 3})
		mentions(t, "the adoption", c.Apply(s.ctx, twin, adopting).Warnings(), "adopted")
		c.WantSettled(s.ctx, twin, adopting)
		if task := s.p.Tasks(coretest.LwM2MProduct)[0]; task.Description != "taken over" || task.RetryTimes != 3 || s.p.TasksEverCreated() != 1 {
			t.Errorf("the platform holds %+v", task)
		}
	})
}

func TestUpgradeTaskDescription(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*simulator.Options)
		warns  string
	}{
		"cleared":         {func(*simulator.Options) {}, ""},
		"shown as null":   {func(o *simulator.Options) { o.Quirks.NullDescription = true }, ""},
		"never cleared":   {func(o *simulator.Options) { o.Quirks.IgnoreEmptyDescription = true }, "Description not cleared"},
		"written in part": {func(o *simulator.Options) { o.Quirks.Normalize = strings.TrimSpace }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taskScene(t, taskConfig(coretest.Config{"description": "at night"}), func(t *testing.T, s scene) {
				s.WantSettled(s.ctx, s.task, taskConfig(coretest.Config{"description": "at night"}))
				removed := taskConfig(nil)
				diags := s.Apply(s.ctx, s.task, removed)
				s.NoErrors(diags)
				if warned := diags.Warnings(); (warned != "") != (c.warns != "") || !coretest.Says(warned, c.warns) {
					t.Errorf("warned %q, want %q", warned, c.warns)
				}
				s.WantSettled(s.ctx, s.task, removed)
				// To core null and "" differ; to the platform they do not.
				s.p.ResetJournal()
				empty := taskConfig(coretest.Config{"description": ""})
				s.MustApply(s.ctx, s.task, empty)
				s.WantSettled(s.ctx, s.task, empty)
				coretest.WantNoWrites(t, s.p)

				again := taskConfig(coretest.Config{"description": "by day"})
				s.MustApply(s.ctx, s.task, again)
				s.WantSettled(s.ctx, s.task, again)
			}, c.change)
		})
	}
}

func TestUpgradeTaskProtocolSwitchReplaces(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		other := taskConfig(coretest.Config{"timeout_hours": 3})
		delete(other, "retry_times")
		made := s.Plan(s.ctx, s.task, other)
		if !made.Action.Replaces() {
			t.Error("going from LwM2M to T-Link does not replace the task")
		}
	})
}

func TestUpgradeTaskWrongProtocolLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]struct {
		config coretest.Config
		want   []string
	}{
		"timeout for LwM2M": {
			coretest.Config{"product_id": coretest.LwM2MProduct, "firmware_id": coretest.LwM2MFirmware, "name": "x", "timeout_hours": 3},
			[]string{"retry_times", "timeout_hours"},
		},
		"retries for T-Link": {
			coretest.Config{"product_id": coretest.TLinkProduct, "firmware_id": coretest.TLinkFirmware, "name": "x", "retry_times": 3},
			[]string{"retry_times", "timeout_hours"},
		},
	} {
		for refusal, ignore := range map[string]bool{"refused": false, "ignored": true} {
			t.Run(name+" "+refusal, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Quirks.IgnoreWrongArgument = ignore })
					c := coretest.New(t, p, nil)
					i := c.Absent("aep_upgrade_task")
					mentions(t, "the create", c.Apply(t.Context(), i, wrong.config).Errors(), wrong.want...)
					if left := append(p.Tasks(coretest.LwM2MProduct), p.Tasks(coretest.TLinkProduct)...); len(left) != 0 || i.Exists() {
						t.Errorf("left behind: %+v", left)
					}
				})
			})
		}
	}
}

func TestUpgradeTaskModifyThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.run(t, 3)
		s.MustRefresh(s.ctx, s.task)
		before := s.task.Value
		refused := s.Apply(s.ctx, s.task, taskConfig(coretest.Config{"name": "renamed"})).Errors()
		mentions(t, "the apply", refused, "Unable to modify upgrade task", "code ")
		if difference, err := before.Diff(s.task.Value); err != nil || len(difference) > 0 {
			t.Errorf("a refused modify changed the state: %v %v", difference, err)
		}
		if name := s.p.Tasks(coretest.LwM2MProduct)[0].Name; name != "meters" {
			t.Errorf("the platform holds %q", name)
		}
	}, slowly, func(o *simulator.Options) { o.Quirks.RefuseModifyStarted = true })
}
