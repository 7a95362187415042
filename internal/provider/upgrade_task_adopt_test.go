package provider_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestUpgradeTaskAdoptionIsAnnounced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		id, err := p.CreateTask(simulator.TaskDraft{
			ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "meters", Description: "somebody's", RetryTimes: 1,
		})
		ids := p.DeviceIDs(lwm2mProduct)[:2]
		if err == nil {
			err = p.Join(id, ids...)
		}
		c := newCore(t, p, nil)
		c.must(err)
		i := c.absent("aep_upgrade_task")
		config := taskConfig(object{"adopt_existing": true, "description": "ours", "retry_times": 3})
		refused := c.plan(t.Context(), i, config).diags.errors()
		mentions(t, "the plan", refused, "Task 3456 of product 10005977", "2 devices", "description", "retry_times from 1 to 3")
		// With the settings that it has, the task is adopted with its devices.
		asItIs := c.plan(t.Context(), i, taskConfig(object{"adopt_existing": true, "description": "somebody's", "retry_times": 1})).diags
		c.must(nil, asItIs...)
		mentions(t, "the plan", asItIs.warnings(), "Task 3456 of product 10005977", "2 devices")

		c.must(p.Cancel(id, ids...))
		made := c.plan(t.Context(), i, config)
		c.must(nil, made.diags...)
		told := []string{"Task 3456 of product 10005977", "0 devices", "description", "retry_times", "pending"}
		mentions(t, "the plan", made.diags.warnings(), told...)
		diags := c.carryOut(t.Context(), i, config, made)
		c.must(nil, diags...)
		mentions(t, "the apply", diags.warnings(), append(told, "adopted")...)
		if n := p.TasksEverCreated(); n != 1 || strings.Contains(diags.warnings(), "name,") {
			t.Errorf("%d tasks were made; %s", n, diags.warnings())
		}
		c.settled(t.Context(), i, config)
	})
}

func TestUpgradeTaskWithSeveralTwinsIsRefusedAtPlan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		c := newCore(t, p, nil)
		for range 2 {
			_, err := p.CreateTask(simulator.TaskDraft{ProductID: lwm2mProduct, FirmwareID: lwm2mFirmware, Name: "meters"})
			c.must(err)
		}
		made := c.plan(t.Context(), c.absent("aep_upgrade_task"), taskConfig(object{"adopt_existing": true}))
		mentions(t, "the plan", made.diags.errors(), "2 pending tasks", "10005977/3456", "10005977/3457", "import {")
	})
}

// Whichever of the two resources is planned second says that both want one task.
func TestUpgradeTaskAdoptsNoTaskOfAnotherResource(t *testing.T) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		twin, adopting := s.absent("aep_upgrade_task"), taskConfig(object{"adopt_existing": true})
		refusal := []string{"Task 3456 of product 10005977", "adopt_existing", "moved {", "terraform untaint"}
		plans := map[string]func() change{
			"the twin": func() change { return s.planOne(s.ctx, twin, adopting, lifecycle{}) },
			"the task": func() change { return s.planOne(s.ctx, s.task, taskConfig(nil), lifecycle{}) },
			"its end":  func() change { return s.planOne(s.ctx, s.task, nil, lifecycle{}) },
			"its read": func() change { return change{diags: s.read(s.ctx, s.task)} },
		}
		for _, order := range [][2]string{{"the twin", "the task"}, {"the task", "the twin"}, {"the twin", "its end"}, {"its end", "the twin"}, {"its read", "the twin"}} {
			s.renew()
			s.must(nil, plans[order[0]]().diags...)
			mentions(t, order[1]+" after "+order[0], plans[order[1]]().diags.errors(), refusal...)
		}
		if n := len(s.p.Writes()); n != 1 {
			t.Errorf("%d writes were sent beside the create", n-1)
		}
	})
}

// A task that is replaced beside itself would be adopted, and then deleted.
func TestUpgradeTaskAdoptsNotItself(t *testing.T) {
	t.Parallel()
	adopting := taskConfig(object{"adopt_existing": true})
	taskScene(t, adopting, func(t *testing.T, s scene) {
		s.p.ResetJournal()
		s.renew()
		made := s.planOne(s.ctx, s.task, adopting, lifecycle{replace: true, createFirst: true})
		mentions(t, "the plan", made.diags.errors(), "Task 3456", "adopt_existing = false")

		// The delete of a task that this run has adopted is the second line of defence.
		s.renew()
		deposed := *s.task
		*s.task = *s.absent("aep_upgrade_task")
		s.must(nil, s.put(s.ctx, s.task, adopting, s.planOne(s.ctx, s.task, adopting, lifecycle{}))...)
		diags := s.removeDeposed(s.ctx, &deposed)
		s.must(nil, diags...)
		mentions(t, "the end of the old object", diags.warnings(), "Task 3456 of product 10005977", "not deleted")
		if len(s.p.Tasks(lwm2mProduct)) != 1 || deposed.exists() || len(s.p.Writes()) != 0 {
			t.Error("the task that the new object has adopted was deleted")
		}
		s.settled(s.ctx, s.task, adopting)
	})
}

func TestUpgradeTaskThatWasSentTwiceWarns(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]simulator.FaultKind{"lost": simulator.ResetBefore, "found": simulator.ResetAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform(t)
				p.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpCreate})
				c := newCore(t, p, nil)
				diags := c.apply(t.Context(), c.absent("aep_upgrade_task"), taskConfig(nil))
				c.must(nil, diags...)
				if twice := strings.Contains(diags.warnings(), `another task named "meters"`); twice != (name == "lost") {
					t.Errorf("warned %q", diags.warnings())
				}
			})
		})
	}
}

func TestUpgradeTaskNameOfManyCharacters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t)
		c := newCore(t, p, nil)
		long := c.plan(t.Context(), c.absent("aep_upgrade_task"), taskConfig(object{"name": strings.Repeat("表", 1025)}))
		mentions(t, "the plan", long.diags.errors(), "name must not have more than 1024 characters")
		i := c.absent("aep_upgrade_task")
		fits := taskConfig(object{"name": strings.Repeat("表", 1024)})
		c.must(nil, c.apply(t.Context(), i, fits)...)
		c.settled(t.Context(), i, fits)
	})
}
