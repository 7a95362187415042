package simulator

import (
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

// hour is the options of a platform whose devices need an hour.
func hour() Options {
	var o Options
	o.Upgrade.Within(time.Hour)
	return o
}

func TestFailMakesUnfinishedUpgradesFail(t *testing.T) {
	t.Parallel()
	for _, product := range []int64{LwM2MProduct, TLinkProduct} {
		inBubble(t, hour(), func(t *testing.T, p *Platform, _ *caller) {
			ids := p.DeviceIDs(product)[:4]
			job := startable(t, p, product, ids...)
			wantEqual(t, "before the start", fmt.Sprint(p.Fail(job, "", ids[0])), "2504 任务未在升级中")
			must(t, p.Start(job))
			must(t, p.Fail(job, "", ids[0], ids[0]))
			time.Sleep(30 * time.Minute)
			must(t, p.Fail(job, "5", ids[1]))
			wantEqual(t, "a final device", fmt.Sprint(p.Fail(job, "", ids[2], ids[1])), "2506 设备不在该任务的升级中: "+ids[1])
			wantEqual(t, "an unknown device", fmt.Sprint(p.Fail(job, "", "x")), "2506 设备不在该任务的升级中: x")
			for i, want := range []string{"failed 8 1", "failed 5 1", "in_progress -1 1", "in_progress -1 1"} {
				s, _ := p.Subtask(job, ids[i])
				wantEqual(t, "device "+ids[i], fmt.Sprintf("%s %s %d", s.Phase, s.ResultCode, p.Upgrades(ids[i])), want)
			}
			must(t, p.Fail(job, "", ids[2:]...))
			wantStatus(t, p, job, Finished)
			time.Sleep(2 * time.Hour)
			if got, want := p.PhaseCounts(job), map[Phase]int{PhaseFailed: 4}; !reflect.DeepEqual(got, want) {
				t.Errorf("the phases are %v, want %v", got, want)
			}
		})
	}
}

func TestPhaseCountsAndFreeDevices(t *testing.T) {
	t.Parallel()
	for _, product := range []int64{LwM2MProduct, TLinkProduct} {
		inBubble(t, hour(), func(t *testing.T, p *Platform, _ *caller) {
			ids := p.DeviceIDs(product)
			job := startable(t, p, product, ids[1:6]...)
			must(t, p.Cancel(job, ids[2]))
			must(t, p.Start(job))
			must(t, p.Fail(job, "", ids[3]))
			want := map[Phase]int{PhaseWaiting: 3, PhaseCancelled: 1, PhaseFailed: 1}
			if got := p.PhaseCounts(job); !reflect.DeepEqual(got, want) {
				t.Errorf("the phases are %v, want %v", got, want)
			}
			if got, want := p.FreeDevices(product, 4), []string{ids[0], ids[2], ids[3], ids[6]}; !reflect.DeepEqual(got, want) {
				t.Errorf("the first four free devices are %q, want %q", got, want)
			}
			wantEqual(t, "free devices", len(p.FreeDevices(product, -1)), DefaultDeviceCount-3)
			wantEqual(t, "phases of no task", len(p.PhaseCounts(1)), 0)
			seen, _ := p.Task(job)
			wantEqual(t, "version", seen.FirmwareVersion, map[int64]string{LwM2MProduct: "1.3251", TLinkProduct: "10.3"}[product])
		})
	}
}

// TestUpgradeTimeChangesPresentUpgrades makes an hour a minute after half of
// it. The other half then takes half a minute.
func TestUpgradeTimeChangesPresentUpgrades(t *testing.T) {
	t.Parallel()
	inBubble(t, hour(), func(t *testing.T, p *Platform, _ *caller) {
		job := startable(t, p, TLinkProduct, p.DeviceIDs(TLinkProduct)[:3]...)
		must(t, p.Start(job))
		time.Sleep(30 * time.Minute)
		p.SetUpgradeTime(time.Minute)
		time.Sleep(30*time.Second - time.Millisecond)
		wantEqual(t, "states before", codesOf(p, job), "2 2 2")
		time.Sleep(2 * time.Millisecond)
		wantEqual(t, "states after", codesOf(p, job), "3 3 3")
		wantEqual(t, "times", fmt.Sprint(p.Options().Upgrade.WaitingTime, p.Options().Upgrade.UpgradeTime), "12s 48s")
		next := startable(t, p, TLinkProduct, p.DeviceIDs(TLinkProduct)[:1]...)
		must(t, p.Start(next))
		p.SetUpgradeTime(0)
		wantEqual(t, "states at once", codesOf(p, next), "3")
	})
}

// TestHoldAfterKeepsTheRestInProgress holds a task after two devices, and another
// one that has no more.
func TestHoldAfterKeepsTheRestInProgress(t *testing.T) {
	t.Parallel()
	for _, product := range []int64{LwM2MProduct, TLinkProduct} {
		options := hour()
		options.Upgrade.HoldAfter, options.Upgrade.Spread = 2, time.Hour
		inBubble(t, options, func(t *testing.T, p *Platform, _ *caller) {
			ids := p.DeviceIDs(product)
			job, small := startable(t, p, product, ids[:5]...), startable(t, p, product, ids[5:7]...)
			must(t, p.Start(job))
			must(t, p.Start(small))
			time.Sleep(24 * time.Hour)
			want := map[Phase]int{PhaseSucceeded: 2, PhaseInProgress: 3}
			if got := p.PhaseCounts(job); !reflect.DeepEqual(got, want) {
				t.Errorf("the phases are %v, want %v", got, want)
			}
			wantStatus(t, p, job, Running)
			wantStatus(t, p, small, Finished)
			p.Configure(func(o *Options) { o.Upgrade.HoldAfter = 0 })
			time.Sleep(2 * time.Hour)
			wantStatus(t, p, job, Finished)
			wantEqual(t, "succeeded", p.PhaseCounts(job)[PhaseSucceeded], 5)
			wantEqual(t, "upgrades of a device", p.Upgrades(ids[0]), 1)
		})
	}
}

// TestHoldAfterWithoutUpgradeTime must not repeat a step of no duration for ever.
func TestHoldAfterWithoutUpgradeTime(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Upgrade: Upgrade{HoldAfter: 1}}, func(t *testing.T, p *Platform, _ *caller) {
		job := startable(t, p, LwM2MProduct, p.DeviceIDs(LwM2MProduct)[:3]...)
		must(t, p.Start(job))
		wantEqual(t, "in progress", p.PhaseCounts(job)[PhaseInProgress], 2)
		p.Configure(func(o *Options) { o.Upgrade.HoldAfter = 2 })
		time.Sleep(2 * time.Second)
		wantEqual(t, "in progress", p.PhaseCounts(job)[PhaseInProgress], 1)
	})
}

func TestFailPercentOfOneVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"": 100, "1.3251": 100, "1.4000": 0} {
		options := Options{Upgrade: Upgrade{FailPercent: 100, FailVersion: version}}
		inBubble(t, options, func(t *testing.T, p *Platform, _ *caller) {
			job := startable(t, p, LwM2MProduct, p.DeviceIDs(LwM2MProduct)...)
			must(t, p.Start(job))
			wantEqual(t, "failed with version "+version, p.PhaseCounts(job)[PhaseFailed], want)
		})
	}
	inBubble(t, Options{Upgrade: Upgrade{FailPercent: 30}}, func(t *testing.T, p *Platform, _ *caller) {
		ids := p.DeviceIDs(LwM2MProduct)
		p.Configure(func(o *Options) { o.Upgrade.Fail = FailDevices("5", ids...) })
		job := startable(t, p, LwM2MProduct, ids...)
		must(t, p.Start(job))
		s, _ := p.Subtask(job, ids[0])
		wantEqual(t, "Fail decides first", s.ResultCode, "5")
	})
}

func TestProductsAreSnapshots(t *testing.T) {
	t.Parallel()
	p := New(Options{Products: DefaultProducts(7)})
	defer p.Close()
	want := []Product{
		{ID: LwM2MProduct, Name: "Water meters", Protocol: ProtocolLwM2M, DeviceCount: 7, Firmware: []Firmware{
			{3296, "Water meter 1.3000", "1.3000"}, {3297, "Water meter 1.3251", "1.3251"}, {3298, "Water meter 1.4000", "1.4000"},
		}},
		{ID: TLinkProduct, Name: "Street lamps", Protocol: ProtocolTLink, DeviceCount: 7, Firmware: []Firmware{
			{3274, "Street lamp 10.2", "10.2"}, {3275, "Street lamp 10.3", "10.3"}, {3276, "Street lamp 10.4", "10.4"},
		}},
	}
	if got := p.Products(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestAfterRequestSeesEveryRequest counts a request that the gateway refuses
// and one that a fault meets.
func TestAfterRequestSeesEveryRequest(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Latency: time.Second}, func(t *testing.T, p *Platform, c *caller) {
		var seen []string
		p.AfterRequest(func(r Request) {
			seen = append(seen, fmt.Sprintf("%s %d %s %v %v", r.Operation, r.HTTPStatus, r.Fault, r.Done, r.Elapsed))
		})
		p.Inject(Fault{Operation: OpQueryTask, Kind: ResetAfter})
		_, err := c.try(OpQueryTask, ofTask(LwM2MProduct, 1), "")
		if err == nil {
			t.Error("the fault has not met the request")
		}
		synctest.Wait()
		c.masterKey = "wrong"
		c.call(OpQueryTask, ofTask(LwM2MProduct, 1), "")
		synctest.Wait()
		want := []string{OpQueryTask + " 0 reset_after true 1s", OpQueryTask + " 403  true 1s"}
		if !reflect.DeepEqual(seen, want) {
			t.Errorf("got %q, want %q", seen, want)
		}
	})
}
