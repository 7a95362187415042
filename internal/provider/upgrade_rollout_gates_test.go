package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// cancelledBefore cancels the first n devices before the start.
func (f *fleet) cancelledBefore(n int) {
	f.t.Helper()
	coretest.Must(f.t, f.Cancel(f.task, f.devices[:n]...))
}

// T-Link shows cancelled devices as failed, or not at all.
func onBothTLinkCancels(t *testing.T, test func(t *testing.T, shown func(*simulator.Options, []string))) {
	for _, failed := range []bool{false, true} {
		t.Run(fmt.Sprint("cancelled T-Link devices show as failed: ", failed), func(t *testing.T) {
			test(t, func(o *simulator.Options, _ []string) { o.Quirks.TLinkCancelShowsFailed = failed })
		})
	}
}

func TestDevicesCancelledBeforeTheStartTakeNoPart(t *testing.T) {
	onBothTLinkCancels(t, func(t *testing.T, shown func(*simulator.Options, []string)) {
		onEvery(t, 5, shown, func(t *testing.T, f *fleet) {
			f.cancelledBefore(1)
			c := coretest.New(t, f.Platform, nil)
			i := c.Absent("aep_upgrade_rollout")
			config := f.rollout(coretest.Config{"wait_for": "finished", "expected_device_count": 4})
			c.MustApply(t.Context(), i, config)
			wants(t, i, map[string]string{
				"status": "finished", "total_count": "4", "succeeded_count": "4", "failed_count": "0", "success_percent": "100",
				"failed_device_ids": "[]",
			})
			c.WantSettled(t.Context(), i, config)
		})
	})
}

// A watch that begins again knows which devices took no part in the start.
func TestGateLeavesOutWhatWasCancelledBeforeTheStart(t *testing.T) {
	shown := func(o *simulator.Options, ids []string) {
		o.Quirks.TLinkCancelShowsFailed, o.Upgrade.Fail = true, simulator.FailDevices("5000", ids[4])
	}
	onEvery(t, 5, shown, func(t *testing.T, f *fleet) {
		f.cancelledBefore(2)
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		config := f.rollout(coretest.Config{"expected_device_count": 3})
		c.MustApply(t.Context(), i, config)
		config["wait_for"] = "finished"
		diags := c.Apply(t.Context(), i, config)
		mentions(t, "the gate", diags.Errors(), "2 of the 3 devices", "66.66 %", "Failed devices: "+f.devices[4])
		c.MustRefresh(t.Context(), i)
		wants(t, i, map[string]string{"total_count": "3", "failed_count": "1", "failed_device_ids": "[" + f.devices[4] + "]"})
	})
}

// A rollout that is replaced knows which devices took no part in the start.
func TestReplacedRolloutLeavesOutWhatWasCancelledBeforeTheStart(t *testing.T) {
	for name, tainted := range map[string]bool{"tainted": true, "-replace": false} {
		t.Run(name, func(t *testing.T) {
			everyCancel(t, func(t *testing.T, shown func(*simulator.Options, []string)) {
				change := func(o *simulator.Options, ids []string) {
					shown(o, ids)
					o.Upgrade.Fail = simulator.FailDevices("5000", ids[4])
				}
				onEvery(t, 5, change, func(t *testing.T, f *fleet) {
					f.cancelledBefore(2)
					c := coretest.New(t, f.Platform, coretest.Config{"lwm2m_status_codes": f.table})
					i := c.Absent("aep_upgrade_rollout")
					config := f.rollout(coretest.Config{"expected_device_count": 3, "wait_for": "finished"})
					for range 3 {
						made := c.RefreshAndPlan(i, config)
						if i.Exists() && !tainted {
							made = c.PlanOne(t.Context(), i, config, coretest.Lifecycle{Replace: true})
						}
						mentions(t, "the gate", c.ApplyPlan(t.Context(), i, config, made).Errors(), "2 of the 3 devices", "Failed devices: "+f.devices[4])
						wants(t, i, map[string]string{"failed_count": "1", "total_count": "3", "failed_device_ids": "[" + f.devices[4] + "]"})
						i.Tainted = tainted
					}
					f.starts(1)
				})
			})
		})
	}
}

// Failures are compared with the devices that have succeeded or failed.
func TestAbortIsNotDilutedByCancelledDevices(t *testing.T) {
	onBothTLinkCancels(t, func(t *testing.T, shown func(*simulator.Options, []string)) {
		bad := func(o *simulator.Options, ids []string) {
			shown(o, ids)
			o.Upgrade.Fail, o.Upgrade.Hang = simulator.FailDevices("5000", ids...), simulator.Among(ids[35:]...)
		}
		onEvery(t, 40, bad, func(t *testing.T, f *fleet) {
			f.cancelledBefore(20)
			c := coretest.New(t, f.Platform, nil)
			i := c.Absent("aep_upgrade_rollout")
			diags := c.Apply(t.Context(), i, f.rollout(coretest.Config{
				"wait_for": "finished", "abort_failure_percent": 60,
				"expected_device_count": 20,
			}))
			mentions(t, "the abort", diags.Errors(), "Upgrade task aborted", "15 of the 15 devices", "5 cancelled")
		})
	})
}

// T-Link may show devices that were cancelled before the start as failed.
func TestHealthyCampaignIsNotAborted(t *testing.T) {
	shown := func(o *simulator.Options, _ []string) { o.Quirks.TLinkCancelShowsFailed = true }
	onEvery(t, 32, shown, func(t *testing.T, f *fleet) {
		f.cancelledBefore(20)
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{
			"wait_for": "finished", "abort_failure_percent": 50,
			"expected_device_count": 12,
		}))
		wants(t, i, map[string]string{"succeeded_count": "12", "success_percent": "100"})
		c.MustApply(t.Context(), i, nil)
	})
}

// A T-Link task that was started elsewhere may show cancelled devices as failed.
// An abort then cancels nothing, also on a further try.
func TestAbortCancelsNothingThatItMayMisjudge(t *testing.T) {
	gates := coretest.Config{"wait_for": "finished", "abort_failure_percent": 50, "abort_minimum_devices": 2, "expected_device_count": 3}
	for name, watch := range map[string]func(t *testing.T, c *coretest.Core, f *fleet) (again func() coretest.Diagnostics){
		"replaced, new one first": func(t *testing.T, c *coretest.Core, f *fleet) func() coretest.Diagnostics {
			i, deposed := c.Absent("aep_upgrade_rollout"), c.Absent("aep_upgrade_rollout")
			c.MustApply(t.Context(), i, f.rollout(coretest.Config{"expected_device_count": 3}))
			return func() coretest.Diagnostics {
				made := c.PlanOne(t.Context(), i, f.rollout(gates), coretest.Lifecycle{Replace: true, CreateFirst: true})
				c.BeginWalk()
				return c.CreateFirst(t.Context(), i, deposed, f.rollout(gates), made)
			}
		},
		"started at the console": func(t *testing.T, c *coretest.Core, f *fleet) func() coretest.Diagnostics {
			coretest.Must(t, f.Start(f.task))
			i := c.Absent("aep_upgrade_rollout")
			return func() coretest.Diagnostics { return c.Apply(t.Context(), i, f.rollout(gates)) }
		},
		"imported": func(t *testing.T, c *coretest.Core, f *fleet) func() coretest.Diagnostics {
			coretest.Must(t, f.Start(f.task))
			i, diags := c.Import(t.Context(), "aep_upgrade_rollout", fmt.Sprintf("%d/%d", f.product, f.task))
			c.NoErrors(diags)
			return func() coretest.Diagnostics { return c.Apply(t.Context(), i, f.rollout(gates)) }
		},
		"an empty wave, started at the console": func(t *testing.T, c *coretest.Core, f *fleet) func() coretest.Diagnostics {
			coretest.Must(t, f.Cancel(f.task, f.devices[2:]...))
			i := c.Absent("aep_upgrade_rollout")
			c.MustApply(t.Context(), i, f.rollout(coretest.Config{"expected_device_count": 0}))
			coretest.Must(t, f.Join(f.task, f.DeviceIDs(f.product)[10:15]...))
			coretest.Must(t, f.Cancel(f.task, f.DeviceIDs(f.product)[10:12]...))
			coretest.Must(t, f.Start(f.task))
			return func() coretest.Diagnostics { return c.Apply(t.Context(), i, f.rollout(gates)) }
		},
		"by the action": func(t *testing.T, c *coretest.Core, f *fleet) func() coretest.Diagnostics {
			coretest.Must(t, f.Start(f.task))
			return func() coretest.Diagnostics {
				_, diags := c.Invoke(t.Context(), "aep_upgrade_start", f.target(gates))
				return diags
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			hang := func(o *simulator.Options, ids []string) {
				o.Quirks.TLinkCancelShowsFailed, o.Upgrade.Hang = true, func(string) bool { return true }
			}
			onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
				if f.product != coretest.TLinkProduct {
					t.Skip("LwM2M shows cancelled devices as cancelled")
				}
				f.cancelledBefore(2)
				c := coretest.New(t, f.Platform, nil)
				try := watch(t, c, f)
				for range 2 {
					f.ResetJournal()
					said := try().Errors()
					mentions(t, "the abort", said, "Upgrade task aborted", "Nothing was cancelled", "does not tell them apart",
						"aep_upgrade_cancel")
					if n := len(f.Writes()); n != 0 || f.phases()[simulator.PhaseInProgress]+f.phases()[simulator.PhaseWaiting] != 3 {
						t.Errorf("%d writes; phases: %v", n, f.phases())
					}
				}
			})
		})
	}
}

// A rollout that gave way before it was destroyed leaves what it knows behind.
func TestSuccessorLearnsFromADeposedRollout(t *testing.T) {
	shown := func(o *simulator.Options, _ []string) { o.Quirks.TLinkCancelShowsFailed = true }
	onEvery(t, 5, shown, func(t *testing.T, f *fleet) {
		f.cancelledBefore(2)
		c := coretest.New(t, f.Platform, nil)
		i, deposed := c.Absent("aep_upgrade_rollout"), c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{"expected_device_count": 3}))
		config := f.rollout(coretest.Config{
			"wait_for": "finished", "abort_failure_percent": 50, "abort_minimum_devices": 2, "expected_device_count": 3,
		})
		made := c.PlanOne(t.Context(), i, config, coretest.Lifecycle{Replace: true, CreateFirst: true})
		c.BeginWalk()
		if said := c.CreateFirst(t.Context(), i, deposed, config, made).Errors(); f.product != coretest.TLinkProduct {
			mentions(t, "LwM2M", said)
			return
		}
		c.BeginWalk()
		c.NoErrors(c.Read(t.Context(), deposed))
		c.NoErrors(c.Read(t.Context(), i))
		made = c.PlanOne(t.Context(), i, config, coretest.Lifecycle{})
		c.BeginWalk()
		c.NoErrors(c.Perform(t.Context(), i, config, made))
		wants(t, i, map[string]string{"succeeded_count": "3", "failed_count": "0", "success_percent": "100"})
	})
}

// The platform tries failed LwM2M devices again after a pause. Neither gate
// judges them in it.
func TestNoVerdictInThePauseBeforeARetry(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) {
		o.Upgrade.Fail = simulator.FailFirst(1, "5000", ids[:4]...)
		o.Upgrade.AutoRetry, o.Upgrade.AutoRetryPause = true, 10*time.Minute
	}
	onEvery(t, 6, bad, func(t *testing.T, f *fleet) {
		if f.product == coretest.TLinkProduct {
			return // the platform does not retry T-Link devices
		}
		c := coretest.New(t, f.Platform, nil)
		i := c.Absent("aep_upgrade_rollout")
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{
			"wait_for": "finished", "abort_failure_percent": 50,
			"abort_minimum_devices": 1,
		}))
		wants(t, i, map[string]string{"status": "finished", "succeeded_count": "6", "failed_count": "0"})
	})
}

// A device that stays failed has no try left: the watch does not wait for ever.
func TestVerdictComesWhenNoRetryDoes(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) { o.Upgrade.Fail = simulator.FailDevices("5000", ids[:2]...) }
	onEvery(t, 6, bad, func(t *testing.T, f *fleet) {
		c := coretest.New(t, f.Platform, nil)
		time.AfterFunc(45*time.Second, func() { coretest.Must(t, f.SetJobStatusCode(f.task, 2)) })
		i := c.Absent("aep_upgrade_rollout")
		began := time.Now()
		diags := c.Apply(t.Context(), i, f.rollout(coretest.Config{"wait_for": "finished"}))
		mentions(t, "the gate", diags.Errors(), "4 of the 6 devices", "running")
		least := map[bool]time.Duration{true: time.Minute, false: 30 * time.Minute}[f.product == coretest.TLinkProduct]
		if took := time.Since(began); took < least || took > least+6*time.Minute {
			t.Errorf("the verdict took %s", took)
		}
	})
}

// A T-Link device in a state that is not documented is in none of the lists.
func TestTLinkDeviceInAnUnknownStateKeepsTheTaskOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := coretest.NewPlatform(t, func(o *simulator.Options) { o.Upgrade.UpgradeTime = 30 * time.Second })
		f := newFleet(t, p, coretest.TLinkProduct, coretest.TLinkFirmware, 6)
		p.Configure(func(o *simulator.Options) { o.Upgrade.Hang = simulator.Among(f.devices[0]) })
		time.AfterFunc(10*time.Second, func() { coretest.Must(t, p.SetSubtaskCode(f.task, f.devices[0], 5)) })
		time.AfterFunc(2*time.Hour, func() { coretest.Must(t, p.Finish(f.task)) })
		c := coretest.New(t, p, nil)
		i := c.Absent("aep_upgrade_rollout")
		began := time.Now()
		c.MustApply(t.Context(), i, f.rollout(coretest.Config{"wait_for": "finished", "minimum_success_percent": 80}))
		if took := time.Since(began); took < 2*time.Hour {
			t.Errorf("the task was called finished after %s", took)
		}
		wants(t, i, map[string]string{"status": "finished", "succeeded_count": "6"})
	})
}

// The cancelling of an abort is not cut off by the time limit of the watch; an
// interruption ends it.
func TestAbortOutlivesItsTimeLimit(t *testing.T) {
	slow := func(o *simulator.Options, ids []string) {
		o.Upgrade.Fail = simulator.FailDevices("5000", ids...)
		o.Upgrade.Hang = simulator.Among(ids[10:]...)
		o.Latency = 3 * time.Second
	}
	for name, interrupted := range map[string]bool{"deadline": false, "interruption": true} {
		t.Run(name, func(t *testing.T) {
			onEvery(t, 40, slow, func(t *testing.T, f *fleet) {
				f.withRetries(0)
				c := coretest.New(t, f.Platform, coretest.Config{"page_size": 5})
				ctx, interrupt := context.WithCancel(t.Context())
				f.AfterProcessed(func(r simulator.Request) {
					if r.Operation == simulator.OpOperational && r.Write {
						time.AfterFunc(time.Second, func() {
							if interrupted {
								interrupt()
							}
						})
					}
				})
				i := c.Absent("aep_upgrade_rollout")
				diags := c.Apply(ctx, i, f.rollout(coretest.Config{
					"wait_for": "finished", "abort_failure_percent": 50, "poll_interval": "10s", "timeouts": coretest.Config{"create": "4m"},
				}))
				interrupt()
				if !coretest.Says(diags.Errors(), "Upgrade task aborted") {
					t.Fatal(diags.Errors())
				}
				if cut := strings.Contains(diags.Errors(), "The steps after that failed"); cut != interrupted {
					t.Errorf("the cancelling was cut off: %t: %s", cut, diags.Errors())
				}
			})
		})
	}
}

// withRetries sets how often the platform tries a failed device again.
func (f *fleet) withRetries(n int) {
	f.t.Helper()
	coretest.Must(f.t, f.ModifyTask(f.task, func(task *simulator.Task) { task.RetryTimes = n }))
}
