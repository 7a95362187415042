package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// cancelledBefore cancels the first n devices before the start.
func (f *fleet) cancelledBefore(n int) {
	f.t.Helper()
	atConsole(f.t, f.Cancel(f.task, f.devices[:n]...))
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
			c := newCore(t, f.Platform, nil)
			i := c.absent("aep_upgrade_rollout")
			config := f.rollout(object{"wait_for": "finished", "expected_device_count": 4})
			c.must(nil, c.apply(t.Context(), i, config)...)
			wants(t, i, map[string]string{
				"status": "finished", "total_count": "4", "succeeded_count": "4", "failed_count": "0", "success_percent": "100",
				"failed_device_ids": "[]",
			})
			c.settled(t.Context(), i, config)
		})
	})
}

// A watch that begins anew knows which devices took no part in the start.
func TestGateLeavesOutWhatWasCancelledBeforeTheStart(t *testing.T) {
	shown := func(o *simulator.Options, ids []string) {
		o.Quirks.TLinkCancelShowsFailed, o.Upgrade.Fail = true, simulator.FailDevices("5000", ids[4])
	}
	onEvery(t, 5, shown, func(t *testing.T, f *fleet) {
		f.cancelledBefore(2)
		c := newCore(t, f.Platform, nil)
		i := c.absent("aep_upgrade_rollout")
		config := f.rollout(object{"expected_device_count": 3})
		c.must(nil, c.apply(t.Context(), i, config)...)
		config["wait_for"] = "finished"
		diags := c.apply(t.Context(), i, config)
		mentions(t, "the gate", diags.errors(), "2 of the 3 devices", "66.66 %", "Failed devices: "+f.devices[4])
		c.must(nil, c.refresh(t.Context(), i)...)
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
					c := newCore(t, f.Platform, object{"lwm2m_status_codes": f.table})
					i := c.absent("aep_upgrade_rollout")
					config := f.rollout(object{"expected_device_count": 3, "wait_for": "finished"})
					for range 3 {
						made := c.refreshedPlan(i, config)
						if i.exists() && !tainted {
							made = c.planOne(t.Context(), i, config, lifecycle{replace: true})
						}
						mentions(t, "the gate", c.carryOut(t.Context(), i, config, made).errors(), "2 of the 3 devices", "Failed devices: "+f.devices[4])
						wants(t, i, map[string]string{"failed_count": "1", "total_count": "3", "failed_device_ids": "[" + f.devices[4] + "]"})
						i.tainted = tainted
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
			c := newCore(t, f.Platform, nil)
			i := c.absent("aep_upgrade_rollout")
			diags := c.apply(t.Context(), i, f.rollout(object{"wait_for": "finished", "abort_failure_percent": 60, "expected_device_count": 20}))
			mentions(t, "the abort", diags.errors(), "Upgrade task aborted", "15 of the 15 devices", "5 cancelled")
		})
	})
}

// T-Link may show devices that were cancelled before the start as failed.
func TestHealthyCampaignIsNotAborted(t *testing.T) {
	shown := func(o *simulator.Options, _ []string) { o.Quirks.TLinkCancelShowsFailed = true }
	onEvery(t, 32, shown, func(t *testing.T, f *fleet) {
		f.cancelledBefore(20)
		c := newCore(t, f.Platform, nil)
		i := c.absent("aep_upgrade_rollout")
		c.must(nil, c.apply(t.Context(), i, f.rollout(object{
			"wait_for": "finished", "abort_failure_percent": 50,
			"expected_device_count": 12,
		}))...)
		wants(t, i, map[string]string{"succeeded_count": "12", "success_percent": "100"})
		c.must(nil, c.apply(t.Context(), i, nil)...)
	})
}

// A T-Link task that was started elsewhere may show cancelled devices as failed.
// An abort then cancels nothing, also on a further try.
func TestAbortCancelsNothingThatItMayMisjudge(t *testing.T) {
	gates := object{"wait_for": "finished", "abort_failure_percent": 50, "abort_minimum_devices": 2, "expected_device_count": 3}
	for name, watch := range map[string]func(t *testing.T, c *core, f *fleet) (again func() diagnostics){
		"replaced, new one first": func(t *testing.T, c *core, f *fleet) func() diagnostics {
			i, deposed := c.absent("aep_upgrade_rollout"), c.absent("aep_upgrade_rollout")
			c.must(nil, c.apply(t.Context(), i, f.rollout(object{"expected_device_count": 3}))...)
			return func() diagnostics {
				made := c.planOne(t.Context(), i, f.rollout(gates), lifecycle{replace: true, createFirst: true})
				c.renew()
				return c.createFirst(t.Context(), i, deposed, f.rollout(gates), made)
			}
		},
		"started at the console": func(t *testing.T, c *core, f *fleet) func() diagnostics {
			atConsole(t, f.Start(f.task))
			i := c.absent("aep_upgrade_rollout")
			return func() diagnostics { return c.apply(t.Context(), i, f.rollout(gates)) }
		},
		"imported": func(t *testing.T, c *core, f *fleet) func() diagnostics {
			atConsole(t, f.Start(f.task))
			i, diags := c.imported(t.Context(), "aep_upgrade_rollout", fmt.Sprintf("%d/%d", f.product, f.task))
			c.must(nil, diags...)
			return func() diagnostics { return c.apply(t.Context(), i, f.rollout(gates)) }
		},
		"an empty wave, started at the console": func(t *testing.T, c *core, f *fleet) func() diagnostics {
			atConsole(t, f.Cancel(f.task, f.devices[2:]...))
			i := c.absent("aep_upgrade_rollout")
			c.must(nil, c.apply(t.Context(), i, f.rollout(object{"expected_device_count": 0}))...)
			atConsole(t, f.Join(f.task, f.DeviceIDs(f.product)[10:15]...))
			atConsole(t, f.Cancel(f.task, f.DeviceIDs(f.product)[10:12]...))
			atConsole(t, f.Start(f.task))
			return func() diagnostics { return c.apply(t.Context(), i, f.rollout(gates)) }
		},
		"by the action": func(t *testing.T, c *core, f *fleet) func() diagnostics {
			atConsole(t, f.Start(f.task))
			return func() diagnostics {
				_, diags := c.invoke(t.Context(), "aep_upgrade_start", f.target(gates))
				return diags
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			hang := func(o *simulator.Options, ids []string) {
				o.Quirks.TLinkCancelShowsFailed, o.Upgrade.Hang = true, func(string) bool { return true }
			}
			onEvery(t, 5, hang, func(t *testing.T, f *fleet) {
				if f.product != tLinkProduct {
					t.Skip("LwM2M shows cancelled devices as cancelled")
				}
				f.cancelledBefore(2)
				c := newCore(t, f.Platform, nil)
				try := watch(t, c, f)
				for range 2 {
					f.ResetJournal()
					said := try().errors()
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
		c := newCore(t, f.Platform, nil)
		i, deposed := c.absent("aep_upgrade_rollout"), c.absent("aep_upgrade_rollout")
		c.must(nil, c.apply(t.Context(), i, f.rollout(object{"expected_device_count": 3}))...)
		config := f.rollout(object{
			"wait_for": "finished", "abort_failure_percent": 50, "abort_minimum_devices": 2, "expected_device_count": 3,
		})
		made := c.planOne(t.Context(), i, config, lifecycle{replace: true, createFirst: true})
		c.renew()
		if said := c.createFirst(t.Context(), i, deposed, config, made).errors(); f.product != tLinkProduct {
			mentions(t, "LwM2M", said)
			return
		}
		c.renew()
		c.must(nil, c.read(t.Context(), deposed)...)
		c.must(nil, c.read(t.Context(), i)...)
		made = c.planOne(t.Context(), i, config, lifecycle{})
		c.renew()
		c.must(nil, c.perform(t.Context(), i, config, made)...)
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
		if f.product == tLinkProduct {
			return // the platform does not retry T-Link devices
		}
		c := newCore(t, f.Platform, nil)
		i := c.absent("aep_upgrade_rollout")
		c.must(nil, c.apply(t.Context(), i, f.rollout(object{
			"wait_for": "finished", "abort_failure_percent": 50,
			"abort_minimum_devices": 1,
		}))...)
		wants(t, i, map[string]string{"status": "finished", "succeeded_count": "6", "failed_count": "0"})
	})
}

// A device that stays failed has no try left: the watch does not wait for ever.
func TestVerdictComesWhenNoRetryDoes(t *testing.T) {
	bad := func(o *simulator.Options, ids []string) { o.Upgrade.Fail = simulator.FailDevices("5000", ids[:2]...) }
	onEvery(t, 6, bad, func(t *testing.T, f *fleet) {
		c := newCore(t, f.Platform, nil)
		time.AfterFunc(45*time.Second, func() { atConsole(t, f.SetJobStatusCode(f.task, 2)) })
		i := c.absent("aep_upgrade_rollout")
		began := time.Now()
		diags := c.apply(t.Context(), i, f.rollout(object{"wait_for": "finished"}))
		mentions(t, "the gate", diags.errors(), "4 of the 6 devices", "running")
		least := map[bool]time.Duration{true: time.Minute, false: 30 * time.Minute}[f.product == tLinkProduct]
		if took := time.Since(began); took < least || took > least+6*time.Minute {
			t.Errorf("the verdict took %s", took)
		}
	})
}

// A T-Link device in a state that is not documented is in none of the lists.
func TestTLinkDeviceInAnUnknownStateKeepsTheTaskOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform(t, func(o *simulator.Options) { o.Upgrade.UpgradeTime = 30 * time.Second })
		f := newFleet(t, p, tLinkProduct, tLinkFirmware, 6)
		p.Configure(func(o *simulator.Options) { o.Upgrade.Hang = simulator.Among(f.devices[0]) })
		time.AfterFunc(10*time.Second, func() { atConsole(t, p.SetSubtaskCode(f.task, f.devices[0], 5)) })
		time.AfterFunc(2*time.Hour, func() { atConsole(t, p.Finish(f.task)) })
		c := newCore(t, p, nil)
		i := c.absent("aep_upgrade_rollout")
		began := time.Now()
		c.must(nil, c.apply(t.Context(), i, f.rollout(object{"wait_for": "finished", "minimum_success_percent": 80}))...)
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
				c := newCore(t, f.Platform, object{"page_size": 5})
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
				i := c.absent("aep_upgrade_rollout")
				diags := c.apply(ctx, i, f.rollout(object{
					"wait_for": "finished", "abort_failure_percent": 50, "poll_interval": "10s", "timeouts": object{"create": "4m"},
				}))
				interrupt()
				if !strings.Contains(diags.errors(), "Upgrade task aborted") {
					t.Fatal(diags.errors())
				}
				if cut := strings.Contains(diags.errors(), "The steps after that failed"); cut != interrupted {
					t.Errorf("the cancelling was cut off: %t: %s", cut, diags.errors())
				}
			})
		})
	}
}

// withRetries sets how often the platform tries a failed device again.
func (f *fleet) withRetries(n int) {
	f.t.Helper()
	atConsole(f.t, f.ModifyTask(f.task, func(task *simulator.Task) { task.RetryTimes = n }))
}
