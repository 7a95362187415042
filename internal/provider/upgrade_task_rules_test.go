package provider_test

import (
	"context"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func taskConfig(changes object) object {
	config := object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "meters", "retry_times": 1}
	maps.Copy(config, changes)
	return config
}

// scene is one task in virtual time, with what a test needs around it.
type scene struct {
	*core
	ctx  context.Context
	p    *simulator.Platform
	task *instance
}

// taskScene runs test on a platform that holds one task of config.
func taskScene(t *testing.T, config object, test func(t *testing.T, s scene), change ...func(*simulator.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, change...)
		c := newCore(t, p, nil)
		i := c.absent("aep_upgrade_task")
		c.must(nil, c.apply(t.Context(), i, config)...)
		test(t, scene{core: c, ctx: t.Context(), p: p, task: i})
	})
}

func (s scene) id() int64 { return s.p.Tasks(lwm2mProduct)[0].ID }

// run joins devices to the task and starts it, in the console.
func (s scene) run(t *testing.T, devices int) {
	t.Helper()
	if err := s.p.Join(s.id(), s.p.DeviceIDs(lwm2mProduct)[:devices]...); err != nil {
		t.Fatal(err)
	}
	if err := s.p.Start(s.id()); err != nil {
		t.Fatal(err)
	}
}

func mentions(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not mention %q: %q", what, want, text)
		}
	}
}

// slowly keeps started devices busy.
func slowly(o *simulator.Options) { o.Upgrade.Hang = func(string) bool { return true } }

func TestUpgradeTaskReplaceOfARunningTaskIsGuarded(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		newer := taskConfig(object{"firmware_id": lwm2mNewer})
		if made := s.plan(s.ctx, s.task, newer); made.diags.errors() != "" || !made.action.replaces() {
			t.Fatalf("a pending task can't be replaced: %+v", made.diags)
		}
		s.run(t, 3)
		s.must(nil, s.refresh(s.ctx, s.task)...)
		mentions(t, "the plan", s.plan(s.ctx, s.task, newer).diags.errors(), "is running", "force_destroy = true")
		renamed := s.plan(s.ctx, s.task, taskConfig(object{"name": "renamed"}))
		mentions(t, "the plan of a rename", renamed.diags.warnings(), "is running")

		s.must(nil, s.apply(s.ctx, s.task, taskConfig(object{"force_destroy": true}))...)
		newer["force_destroy"] = true
		s.must(nil, s.apply(s.ctx, s.task, newer)...)
		if tasks := s.p.Tasks(lwm2mProduct); len(tasks) != 1 || tasks[0].FirmwareID != lwm2mNewer {
			t.Errorf("the platform holds %+v", tasks)
		}
		s.settled(s.ctx, s.task, newer)
	}, slowly)
}

func TestUpgradeTaskDestroyWithActiveDevicesIsGuarded(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		s.run(t, 3)
		mentions(t, "the destroy", s.apply(s.ctx, s.task, nil).errors(), "3 in progress", "force_destroy", "aep_upgrade_cancel")
		if n := s.p.Count(simulator.OpDelete); n != 0 || !s.task.exists() {
			t.Fatalf("%d deletes were sent", n)
		}
		s.must(nil, s.apply(s.ctx, s.task, taskConfig(object{"force_destroy": true}))...)
		s.must(nil, s.apply(s.ctx, s.task, nil)...)
		if left := s.p.Tasks(lwm2mProduct); len(left) != 0 || s.task.exists() {
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
					s.must(nil, s.refresh(s.ctx, s.task)...)
					if s.task.exists() {
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
					s.must(nil, s.refresh(s.ctx, s.task)...)
					if err := s.p.DeleteTask(s.id()); err != nil {
						t.Fatal(err)
					}
					diags := s.refresh(s.ctx, s.task)
					mentions(t, "the refresh", diags.warnings(), "allow_recreate", "removed block")
					if !s.task.exists() {
						t.Fatal("a finished task was dropped from the state: the next apply would upgrade the fleet again")
					}
					s.empty(s.ctx, s.task, taskConfig(nil))

					s.must(nil, s.apply(s.ctx, s.task, taskConfig(object{"allow_recreate": true}))...)
					s.must(nil, s.refresh(s.ctx, s.task)...)
					if s.task.exists() {
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
		c := newCore(t, s.p, nil)
		twin := c.absent("aep_upgrade_task")
		mentions(t, "the create", c.apply(s.ctx, twin, taskConfig(nil)).errors(), s.task.get("id"), "import {", "adopt_existing")
		if n := s.p.TasksEverCreated(); n != 1 || twin.exists() {
			t.Fatalf("%d tasks were made", n)
		}
		adopting := taskConfig(object{"adopt_existing": true, "description": "taken over", "retry_times": 3})
		mentions(t, "the adoption", c.apply(s.ctx, twin, adopting).warnings(), "adopted")
		c.settled(s.ctx, twin, adopting)
		if task := s.p.Tasks(lwm2mProduct)[0]; task.Description != "taken over" || task.RetryTimes != 3 || s.p.TasksEverCreated() != 1 {
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
			taskScene(t, taskConfig(object{"description": "at night"}), func(t *testing.T, s scene) {
				s.settled(s.ctx, s.task, taskConfig(object{"description": "at night"}))
				removed := taskConfig(nil)
				diags := s.apply(s.ctx, s.task, removed)
				s.must(nil, diags...)
				if warned := diags.warnings(); (warned != "") != (c.warns != "") || !strings.Contains(warned, c.warns) {
					t.Errorf("warned %q, want %q", warned, c.warns)
				}
				s.settled(s.ctx, s.task, removed)
				// To core null and "" differ; to the platform they do not.
				s.p.ResetJournal()
				empty := taskConfig(object{"description": ""})
				s.must(nil, s.apply(s.ctx, s.task, empty)...)
				s.settled(s.ctx, s.task, empty)
				if writes := s.p.Writes(); len(writes) != 0 {
					t.Errorf("going from null to \"\" sent %s", writes[0].Operation)
				}

				again := taskConfig(object{"description": "by day"})
				s.must(nil, s.apply(s.ctx, s.task, again)...)
				s.settled(s.ctx, s.task, again)
			}, c.change)
		})
	}
}

func TestUpgradeTaskProtocolSwitchReplaces(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		other := taskConfig(object{"timeout_hours": 3})
		delete(other, "retry_times")
		made := s.plan(s.ctx, s.task, other)
		if !made.action.replaces() {
			t.Error("going from LwM2M to T-Link does not replace the task")
		}
	})
}

func TestUpgradeTaskWrongProtocolLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]struct {
		config object
		want   []string
	}{
		"timeout for LwM2M": {
			object{"product_id": lwm2mProduct, "firmware_id": lwm2mFirmware, "name": "x", "timeout_hours": 3},
			[]string{"retry_times", "timeout_hours"},
		},
		"retries for T-Link": {
			object{"product_id": tLinkProduct, "firmware_id": tLinkFirmware, "name": "x", "retry_times": 3},
			[]string{"retry_times", "timeout_hours"},
		},
	} {
		for refusal, ignore := range map[string]bool{"refused": false, "ignored": true} {
			t.Run(name+" "+refusal, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newPlatform(t, func(o *simulator.Options) { o.Quirks.IgnoreWrongArgument = ignore })
					c := newCore(t, p, nil)
					i := c.absent("aep_upgrade_task")
					mentions(t, "the create", c.apply(t.Context(), i, wrong.config).errors(), wrong.want...)
					if left := append(p.Tasks(lwm2mProduct), p.Tasks(tLinkProduct)...); len(left) != 0 || i.exists() {
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
		s.must(nil, s.refresh(s.ctx, s.task)...)
		before := s.task.value
		refused := s.apply(s.ctx, s.task, taskConfig(object{"name": "renamed"})).errors()
		mentions(t, "the apply", refused, "Unable to modify upgrade task", "code ")
		if difference, err := before.Diff(s.task.value); err != nil || len(difference) > 0 {
			t.Errorf("a refused modify changed the state: %v %v", difference, err)
		}
		if name := s.p.Tasks(lwm2mProduct)[0].Name; name != "meters" {
			t.Errorf("the platform holds %q", name)
		}
	}, slowly, func(o *simulator.Options) { o.Quirks.RefuseModifyStarted = true })
}
