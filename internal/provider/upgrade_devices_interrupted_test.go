package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// TestInterruptedJoinIsNotSentAgain interrupts an apply after its join, and applies again while the lists lag behind. The
// platform refuses a second join of a device, or accepts it in silence.
func TestInterruptedJoinIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, accepts := range []bool{false, true} {
		for _, way := range []simulator.JoinLagWay{simulator.JoinLagWhole, simulator.JoinLagEach, simulator.JoinLagTail} {
			for _, grown := range []int{6, 8, 12} {
				t.Run(fmt.Sprint(accepts, way, grown), func(t *testing.T) {
					t.Parallel()
					withDevices(t, nil, func(t *testing.T, s devicesScene) {
						config := s.interrupted(t, grown)
						s.wantCounts(t, "after the next apply", grown, grown, 0, 0, 0)
						s.wantJoinedOnce(t, s.ids[:grown])
						config["device_ids"] = s.ids[:5]
						s.MustApply(s.ctx, s.set, config)
						s.expectActive(t, s.ids[:5]...)
					}, func(o *simulator.Options) {
						o.Quirks.JoinLag, o.Quirks.JoinLagWay, o.Quirks.AcceptSecondJoin = 20*time.Second, way, accepts
					})
				})
			}
		}
	}
}

// interrupted grows a set of five devices, interrupts the apply after its join, and applies again two seconds later.
func (s devicesScene) interrupted(t *testing.T, grown int) coretest.Config {
	t.Helper()
	config := s.setConfig(coretest.Config{"device_ids": s.ids[:5]})
	s.MustApply(s.ctx, s.set, config)
	s.later()
	config["device_ids"] = s.ids[:grown]
	ctx := s.interrupting()
	s.Core = s.Restarted(t, s.p, nil)
	s.Apply(ctx, s.set, config)
	time.Sleep(2 * time.Second)
	s.Core = s.Restarted(t, s.p, nil)
	s.MustRefresh(s.ctx, s.set)
	s.MustApply(s.ctx, s.set, config)
	return config
}

// TestOnlyAnInterruptedJoinIsWaitedFor measures applies a minute after an interrupted one, in virtual time.
func TestOnlyAnInterruptedJoinIsWaitedFor(t *testing.T) {
	t.Parallel()
	withDevices(t, nil, func(t *testing.T, s devicesScene) {
		config := s.interrupted(t, 8)
		s.later()
		for _, n := range []int{9, 10} {
			config["device_ids"] = s.ids[:n]
			began := time.Now()
			s.MustApply(s.ctx, s.set, config)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("the apply to %d devices took %s", n, took)
			}
		}
	})
}
