package provider_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeTaskAdoptionIsAnnounced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		id, err := p.CreateTask(simulator.TaskDraft{
			ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "meters", Description: "of the console", RetryTimes: 1,
		})
		ids := p.DeviceIDs(coretest.LwM2MProduct)[:2]
		if err == nil {
			err = p.Join(id, ids...)
		}
		c := coretest.New(t, p, nil)
		c.Must(err)
		i := c.Absent("aep_upgrade_task")
		config := taskConfig(coretest.Config{"adopt_existing": true, "description": "ours", "retry_times": 3})
		refused := c.Plan(t.Context(), i, config).Diags.Errors()
		mentions(t, "the plan", refused, "Task 3456 of product 10005977", "2 devices", "description", "retry_times from 1 to 3")
		// With the settings that it has, the task is adopted with its devices.
		asItIs := c.Plan(t.Context(), i, taskConfig(coretest.Config{
			"adopt_existing": true, "description": "of the console",
			"retry_times": 1,
		})).Diags
		c.NoErrors(asItIs)
		mentions(t, "the plan", asItIs.Warnings(), "Task 3456 of product 10005977", "2 devices")

		c.Must(p.Cancel(id, ids...))
		made := c.Plan(t.Context(), i, config)
		c.NoErrors(made.Diags)
		told := []string{"Task 3456 of product 10005977", "0 devices", "description", "retry_times", "pending"}
		mentions(t, "the plan", made.Diags.Warnings(), told...)
		diags := c.ApplyPlan(t.Context(), i, config, made)
		c.NoErrors(diags)
		mentions(t, "the apply", diags.Warnings(), append(told, "adopted")...)
		if n := p.TasksEverCreated(); n != 1 || strings.Contains(diags.Warnings(), "name,") {
			t.Errorf("%d tasks were made; %s", n, diags.Warnings())
		}
		c.WantSettled(t.Context(), i, config)
	})
}

func TestUpgradeTaskWithSeveralTwinsIsRefusedAtPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		c := coretest.New(t, p, nil)
		for range 2 {
			_, err := p.CreateTask(simulator.TaskDraft{ProductID: coretest.LwM2MProduct, FirmwareID: coretest.LwM2MFirmware, Name: "meters"})
			c.Must(err)
		}
		made := c.Plan(t.Context(), c.Absent("aep_upgrade_task"), taskConfig(coretest.Config{"adopt_existing": true}))
		mentions(t, "the plan", made.Diags.Errors(), "2 pending tasks", "10005977/3456", "10005977/3457", "import {")
	})
}

// Whichever of the two resources is planned second says that both want one task.
func TestUpgradeTaskAdoptsNoTaskOfAnotherResource(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		twin, adopting := s.Absent("aep_upgrade_task"), taskConfig(coretest.Config{"adopt_existing": true})
		refusal := []string{"Task 3456 of product 10005977", "adopt_existing", "moved {", "terraform untaint"}
		plans := map[string]func() coretest.Change{
			"the twin": func() coretest.Change { return s.PlanOne(s.ctx, twin, adopting, coretest.Lifecycle{}) },
			"the task": func() coretest.Change { return s.PlanOne(s.ctx, s.task, taskConfig(nil), coretest.Lifecycle{}) },
			"its end":  func() coretest.Change { return s.PlanOne(s.ctx, s.task, nil, coretest.Lifecycle{}) },
			"its read": func() coretest.Change { return coretest.Change{Diags: s.Read(s.ctx, s.task)} },
		}
		for _, order := range [][2]string{
			{"the twin", "the task"},
			{"the task", "the twin"},
			{"the twin", "its end"},
			{"its end", "the twin"},
			{"its read", "the twin"},
		} {
			s.BeginWalk()
			s.NoErrors(plans[order[0]]().Diags)
			mentions(t, order[1]+" after "+order[0], plans[order[1]]().Diags.Errors(), refusal...)
		}
		if n := len(s.p.Writes()); n != 1 {
			t.Errorf("%d writes were sent beside the create", n-1)
		}
	})
}

// A task that is replaced beside itself would be adopted, and then deleted.
func TestUpgradeTaskAdoptsNotItself(t *testing.T) {
	t.Parallel()
	adopting := taskConfig(coretest.Config{"adopt_existing": true})
	taskScene(t, adopting, func(t *testing.T, s scene) {
		s.p.ResetJournal()
		s.BeginWalk()
		made := s.PlanOne(s.ctx, s.task, adopting, coretest.Lifecycle{Replace: true, CreateFirst: true})
		mentions(t, "the plan", made.Diags.Errors(), "Task 3456", "adopt_existing = false")

		// The delete of a task that this run has adopted is the second line of defence.
		s.BeginWalk()
		deposed := *s.task
		*s.task = *s.Absent("aep_upgrade_task")
		s.NoErrors(s.Put(s.ctx, s.task, adopting, s.PlanOne(s.ctx, s.task, adopting, coretest.Lifecycle{})))
		diags := s.RemoveDeposed(s.ctx, &deposed)
		s.NoErrors(diags)
		mentions(t, "the end of the old object", diags.Warnings(), "Task 3456 of product 10005977", "not deleted")
		if len(s.p.Tasks(coretest.LwM2MProduct)) != 1 || deposed.Exists() || len(s.p.Writes()) != 0 {
			t.Error("the task that the new object has adopted was deleted")
		}
		s.WantSettled(s.ctx, s.task, adopting)
	})
}

func TestUpgradeTaskThatWasSentTwiceWarns(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]simulator.FaultKind{"lost": simulator.ResetBefore, "found": simulator.ResetAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t)
				p.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpCreate})
				c := coretest.New(t, p, nil)
				diags := c.Apply(t.Context(), c.Absent("aep_upgrade_task"), taskConfig(nil))
				c.NoErrors(diags)
				if twice := strings.Contains(diags.Warnings(), `another task named "meters"`); twice != (name == "lost") {
					t.Errorf("warned %q", diags.Warnings())
				}
			})
		})
	}
}

func TestUpgradeTaskNameOfManyCharacters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t)
		c := coretest.New(t, p, nil)
		long := c.Plan(t.Context(), c.Absent("aep_upgrade_task"), taskConfig(coretest.Config{"name": strings.Repeat("表", 1025)}))
		mentions(t, "the plan", long.Diags.Errors(), "name must not have more than 1024 characters")
		i := c.Absent("aep_upgrade_task")
		fits := taskConfig(coretest.Config{"name": strings.Repeat("表", 1024)})
		c.MustApply(t.Context(), i, fits)
		c.WantSettled(t.Context(), i, fits)
	})
}
