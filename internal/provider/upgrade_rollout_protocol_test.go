package provider_test

import (
	"context"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// fleet is a task with devices that was made at the console.
type fleet struct {
	*simulator.Platform
	t       *testing.T
	product int64
	task    int64
	devices []string
	table   string // that the platform follows, as lwm2m_status_codes has it
}

// variants are the ways in which the platform numbers the states of devices.
var variants = map[string]struct {
	product, firmware int64
	table             simulator.CodeTable
}{
	"lwm2m 2019": {coretest.LwM2MProduct, coretest.LwM2MFirmware, simulator.Table2019},
	"lwm2m 2022": {coretest.LwM2MProduct, coretest.LwM2MFirmware, simulator.Table2022},
	"t_link":     {coretest.TLinkProduct, coretest.TLinkFirmware, simulator.Table2019},
}

// onEvery runs a test in virtual time for each variant, with a task of n
// devices that take a minute each.
func onEvery(t *testing.T, n int, change func(*simulator.Options, []string), test func(t *testing.T, f *fleet)) {
	t.Parallel()
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := coretest.NewPlatform(t, func(o *simulator.Options) {
					o.Upgrade.Table, o.Upgrade.WaitingTime, o.Upgrade.UpgradeTime = v.table, 30*time.Second, 30*time.Second
				})
				f := newFleet(t, p, v.product, v.firmware, n)
				f.table = map[bool]string{true: "2022", false: "2019"}[v.table == simulator.Table2022]
				if change != nil {
					p.Configure(func(o *simulator.Options) { change(o, f.devices) })
				}
				test(t, f)
			})
		})
	}
}

func newFleet(t *testing.T, p *simulator.Platform, product, firmware int64, n int) *fleet {
	t.Helper()
	f := &fleet{Platform: p, t: t, product: product, devices: p.DeviceIDs(product)[:n]}
	var err error
	f.task, err = p.CreateTask(simulator.TaskDraft{ProductID: product, FirmwareID: firmware, Name: "seeded", RetryTimes: 1, TimeoutHours: 24})
	if err == nil && n > 0 {
		err = p.Join(f.task, f.devices...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// target is the configuration of an action on the task.
func (f *fleet) target(arguments coretest.Config) coretest.Config {
	config := coretest.Config{"product_id": f.product, "task_id": f.task}
	maps.Copy(config, arguments)
	return config
}

// rollout is the configuration of a rollout of the task with all its devices.
func (f *fleet) rollout(arguments coretest.Config) coretest.Config {
	config := f.target(coretest.Config{"expected_device_count": len(f.devices)})
	maps.Copy(config, arguments)
	return config
}

func (f *fleet) starts(want int) {
	f.t.Helper()
	if n := f.Count(simulator.OpControl); n != want {
		f.t.Errorf("%d starts arrived, want %d", n, want)
	}
}

func (f *fleet) phases() map[simulator.Phase]int {
	counts := make(map[simulator.Phase]int)
	for _, s := range f.Subtasks(f.task) {
		counts[s.Phase]++
	}
	return counts
}

// wants insists on values of an instance's attributes.
func wants(t *testing.T, i *coretest.Instance, values map[string]string) {
	t.Helper()
	for name, want := range values {
		if got := i.Get(name); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
}

func TestRolloutRunsToItsEnd(t *testing.T) {
	onEvery(t, 20, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		config := f.rollout(coretest.Config{"wait_for": "finished", "expected_device_count": 20})
		i := c.Absent("aep_upgrade_rollout")
		made := c.Plan(t.Context(), i, config)
		if id := coretest.Text(coretest.Fields(made.Planned)["id"]); id == "unknown" {
			t.Error("the plan does not know the id")
		}
		c.MustApply(t.Context(), i, config)
		wants(t, i, map[string]string{
			"status": "finished", "total_count": "20", "succeeded_count": "20", "failed_count": "0", "unknown_count": "0",
			"success_percent": "100", "failed_device_ids": "[]",
		})
		f.starts(1)
		f.ResetJournal()
		c.WantSettled(t.Context(), i, config)
		if n, most := len(f.Requests()), map[bool]int{true: 3 + 4, false: 2 + 12}[f.product == coretest.TLinkProduct]; n > most {
			t.Errorf("a refresh took %d calls, want at most %d", n, most)
		}

		config["poll_interval"] = "45s"
		if made := c.Plan(t.Context(), i, config); coretest.Text(coretest.Fields(made.Planned)["succeeded_count"]) != "20" {
			t.Errorf("with another interval the plan has %s", made.Planned)
		}

		same, diags := c.Import(t.Context(), i.TypeName, i.Get("id"))
		c.NoErrors(diags)
		c.WantEmpty(t.Context(), same, f.rollout(nil))
		byIdentity, diags := c.ImportBy(t.Context(), i.TypeName, coretest.Config{"product_id": f.product, "task_id": f.task})
		c.NoErrors(diags)
		if !byIdentity.Value.Equal(same.Value) {
			t.Error("the imports by id and by identity differ")
		}

		c.MustApply(t.Context(), i, nil)
		coretest.WantNoWrites(t, f.Platform)
	})
}

func TestRolloutOfRunningTaskStartsNothing(t *testing.T) {
	onEvery(t, 5, nil, func(t *testing.T, f *fleet) {
		if err := f.Start(f.task); err != nil {
			t.Fatal(err)
		}
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		config := f.rollout(coretest.Config{"wait_for": "started", "expected_device_count": 4711})
		c.MustApply(t.Context(), i, config)
		wants(t, i, map[string]string{"status": "running", "total_count": "5"})
		f.starts(0)

		config["wait_for"] = "finished"
		c.MustApply(t.Context(), i, config)
		wants(t, i, map[string]string{"status": "finished", "succeeded_count": "5"})
		f.starts(0)
		c.WantSettled(t.Context(), i, config)
	})
}

func TestRolloutRefusesToStart(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		prepare   func(f *fleet) error
		devices   int
		arguments coretest.Config
		want      string
	}{
		"another number": {devices: 3, arguments: coretest.Config{"expected_device_count": 4}, want: "holds 3 devices to upgrade, not the 4"},
		"cancelled before": {
			devices: 3, arguments: coretest.Config{"expected_device_count": 3}, want: "holds 2 devices",
			prepare: func(f *fleet) error { return f.Cancel(f.task, f.devices[0]) },
		},
		"no devices":     {arguments: coretest.Config{"expected_device_count": 1}, want: "has no devices"},
		"more than none": {devices: 3, arguments: coretest.Config{"expected_device_count": 0}, want: "holds 3 devices to upgrade, not the 0"},
		"unknown status": {devices: 3, want: "unknown_7", prepare: func(f *fleet) error { return f.SetJobStatusCode(f.task, 7) }},
		"deleted task":   {devices: 3, want: "does not exist", prepare: func(f *fleet) error { return f.DeleteTask(f.task) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, coretest.NewPlatform(t), coretest.LwM2MProduct, coretest.LwM2MFirmware, one.devices)
				if one.prepare != nil {
					if err := one.prepare(f); err != nil {
						t.Fatal(err)
					}
				}
				c := coretest.New(t, f.Platform, nil)
				i := c.Absent("aep_upgrade_rollout")
				diags := c.Apply(t.Context(), i, f.rollout(one.arguments))
				if !coretest.Says(diags.Errors(), one.want) || i.Exists() {
					t.Errorf("exists: %t, errors: %s", i.Exists(), diags.Errors())
				}
				f.starts(0)
			})
		})
	}
}

func TestRolloutMissesItsGate(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) {
		o.Upgrade.Fail = simulator.FailDevices("5000", ids[0], ids[1])
	}
	onEvery(t, 10, bad, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		config := f.rollout(coretest.Config{"wait_for": "finished", "minimum_success_percent": 90.5})
		diags := c.Apply(t.Context(), i, config)
		for _, want := range []string{"8 of the 10 devices", "the minimum is 90.5 %", f.devices[0], "5000"} {
			if !coretest.Says(diags.Errors(), want) {
				t.Errorf("the error lacks %q: %s", want, diags.Errors())
			}
		}
		if !i.Tainted {
			t.Error("the rollout is not tainted")
		}
		wants(t, i, map[string]string{"status": "finished", "succeeded_count": "8", "failed_count": "2", "success_percent": "80"})
		if ids := i.Get("failed_device_ids"); !coretest.Says(ids, f.devices[0]) || !coretest.Says(ids, f.devices[1]) {
			t.Errorf("failed_device_ids = %s", ids)
		}
		f.ResetJournal()
		c.MustRefresh(t.Context(), i)
		if n, most := len(f.Requests()), map[bool]int{true: 3 + 4, false: 2 + 12}[f.product == coretest.TLinkProduct]; n > most {
			t.Errorf("a refresh took %d calls, want at most %d", n, most)
		}
		config["minimum_success_percent"] = 80
		c.MustApply(t.Context(), i, config)
		c.WantSettled(t.Context(), i, config)
		if n := len(f.Writes()); n != 0 {
			t.Errorf("judging again sent %d writes", n)
		}
	})
}

func TestRolloutAbortsAndCancelsTheRest(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) {
		o.Upgrade.Fail = simulator.FailDevices("5000", ids[:3]...)
		o.Upgrade.Hang = simulator.Among(ids[3:]...)
	}
	for _, onAbort := range []string{"cancel", "stop_waiting"} {
		t.Run(onAbort, func(t *testing.T) {
			onEvery(t, 10, bad, func(t *testing.T, f *fleet) {
				c := coretest.New(t, f.Platform, nil)
				i := c.Absent("aep_upgrade_rollout")
				diags := c.Apply(t.Context(), i, f.rollout(coretest.Config{
					"wait_for": "finished", "abort_failure_percent": 50, "abort_minimum_devices": 3, "on_abort": onAbort,
				}))
				if !coretest.Says(diags.Errors(), "3 of the 3 devices") || !coretest.Says(diags.Errors(), f.devices[0]) {
					t.Error(diags.Errors())
				}
				cancelled := map[string]int{"cancel": 7}[onAbort]
				if got := f.phases(); got[simulator.PhaseCancelled] != cancelled || got[simulator.PhaseInProgress] != 7-cancelled {
					t.Errorf("phases: %v", got)
				}
				if cancelled > 0 && !coretest.Says(diags.Errors(), "7 cancelled") {
					t.Errorf("the error does not tell of the cancelling: %s", diags.Errors())
				}
			})
		})
	}
}

func TestRolloutTakesUpItsWatch(t *testing.T) {
	hang := func(o *simulator.Options, ids []string) { o.Upgrade.Hang = simulator.Among(ids[0]) }
	onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		config := f.rollout(coretest.Config{"wait_for": "finished", "on_destroy": "cancel"})
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Minute, interrupt)
		began := time.Now()
		diags := c.Apply(ctx, i, config)
		if took := time.Since(began); took > 10*time.Minute+time.Second {
			t.Errorf("the interrupted watch ended after %s", took)
		}
		if !coretest.Says(diags.Errors(), "5 devices: 1 in progress, 4 succeeded") || !i.Tainted {
			t.Errorf("tainted: %t, errors: %s", i.Tainted, diags.Errors())
		}
		wants(t, i, map[string]string{"status": "running", "succeeded_count": "4"})
		time.AfterFunc(10*time.Minute, func() { _ = f.Finish(f.task) })
		c.MustApply(t.Context(), i, config)
		wants(t, i, map[string]string{"status": "finished", "succeeded_count": "5"})
		f.starts(1)
		if n := f.Count(simulator.OpOperational); n != 0 {
			t.Errorf("the second watch sent %d cancels", n)
		}
	})
}

func TestRolloutReadOnly(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, coretest.Config{"read_only": true})
		i := c.Absent("aep_upgrade_rollout")
		diags := c.Apply(t.Context(), i, f.rollout(nil))
		if !coretest.Says(diags.Errors(), "read_only") || i.Exists() || len(f.Writes()) != 0 {
			t.Errorf("%d writes, errors: %s", len(f.Writes()), diags.Errors())
		}
	})
}

func TestRolloutWithLostStart(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.FaultKind{simulator.ResetAfter, simulator.ResetBefore, simulator.HangAfter, simulator.Late} {
		t.Run(string(kind), func(t *testing.T) {
			onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
				f.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpControl})
				c := coretest.New(t, f.Platform, nil)
				i := c.Absent("aep_upgrade_rollout")
				c.MustApply(t.Context(), i, f.rollout(nil))
				if n := f.StartCount(f.task); n != 1 || f.ArmedFaults() != 0 {
					t.Errorf("the task was started %d times, %d faults left", n, f.ArmedFaults())
				}
				if kind != simulator.ResetBefore {
					f.starts(1)
				}
			})
		})
	}
}

func TestRolloutSaysWhatSettlesTheStates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.Table, o.Upgrade.NoUpgradedVersion = simulator.Table2022, true })
		f := newFleet(t, p, coretest.LwM2MProduct, coretest.LwM2MFirmware, 4)
		c := coretest.New(t, p, nil)
		i := c.Absent("aep_upgrade_rollout")
		config := f.rollout(coretest.Config{"wait_for": "finished"})
		diags := c.Apply(t.Context(), i, config)
		if !coretest.Says(diags.Errors(), "lwm2m_status_codes") {
			t.Error(diags.Errors())
		}
		wants(t, i, map[string]string{"succeeded_count": "0", "unknown_count": "4"})
		told := coretest.New(t, p, coretest.Config{"lwm2m_status_codes": "2022"})
		told.MustApply(t.Context(), i, config)
		wants(t, i, map[string]string{"succeeded_count": "4", "unknown_count": "0"})
	})
}

func TestRolloutWatchesThroughAnOutage(t *testing.T) {
	onEvery(t, 3, nil, func(t *testing.T, f *fleet) {
		time.AfterFunc(10*time.Second, func() { f.SetOutage(true) })
		time.AfterFunc(20*time.Minute, func() { f.SetOutage(false) })
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{"wait_for": "finished", "poll_interval": "10s"}))
		wants(t, i, map[string]string{"succeeded_count": "3"})
	})
}

func TestRolloutOfTaskThatVanishes(t *testing.T) {
	onEvery(t, 3, func(o *simulator.Options, ids []string) {
		o.Upgrade.Hang, o.Quirks.DeleteRunning = simulator.Among(ids...), simulator.DeleteRunningCancels
	}, func(t *testing.T, f *fleet) {
		time.AfterFunc(5*time.Minute, func() { _ = f.DeleteTask(f.task) })
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		diags := c.Apply(t.Context(), i, f.rollout(coretest.Config{"wait_for": "finished"}))
		if !coretest.Says(diags.Errors(), "does not exist") || !coretest.Says(diags.Errors(), "When last seen it was running") {
			t.Error(diags.Errors())
		}
	})
}
