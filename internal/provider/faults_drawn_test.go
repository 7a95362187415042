package provider_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// drawnCase is a stage of a campaign in which requests meet faults, on a drawn platform.
type drawnCase struct {
	stage   stage
	toggles []turned
	faults  []column
	at      []int
}

func (c drawnCase) String() string {
	text := fmt.Sprintf("%d %s on %v:", c.stage.product, c.stage.name, c.toggles)
	for n, one := range c.faults {
		text += fmt.Sprintf(" %s at %d", one.name, c.at[n])
	}
	return text
}

// drawCase draws a stage, a platform, and faults of different requests.
func drawCase(draw *rand.Rand, stages []stage, faults int) drawnCase {
	c := drawnCase{stage: stages[draw.IntN(len(stages))], toggles: drawToggles(draw.IntN)}
	all := columns()
	for range faults {
		c.faults = append(c.faults, all[draw.IntN(len(all))])
		c.at = append(c.at, draw.IntN(len(c.stage.requests)))
	}
	return c
}

// TestFaultsOnDrawnPlatforms lets a request, or two of one run, meet a fault
// each on a platform whose every switch is drawn.
func TestFaultsOnDrawnPlatforms(t *testing.T) {
	stages := append(campaignStages(t, lwm2mProduct), campaignStages(t, tLinkProduct)...)
	for name, one := range map[string]struct{ faults, cases int }{"one fault": {1, 500}, "two faults": {2, 1000}} {
		t.Run(name, func(t *testing.T) {
			const workers = 2
			var healed atomic.Int64
			t.Run("of", func(t *testing.T) {
				for worker := range workers {
					t.Run(fmt.Sprint(worker), func(t *testing.T) {
						t.Parallel()
						for seed := worker; seed < one.cases/thinning; seed += workers {
							c := drawCase(rand.New(rand.NewPCG(uint64(seed), uint64(one.faults))), stages, one.faults)
							if c.run(t) {
								healed.Add(1)
							}
						}
					})
				}
			})
			t.Logf("%d cases of %s, each right after at most one more apply; %d needed that one", one.cases/thinning, name, healed.Load())
		})
	}
}

// run lets the stage meet the faults, and reports whether it took another run
// to set things right.
func (c drawnCase) run(t *testing.T) (again bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if t.Failed() {
				t.Log(c)
			}
		}()
		s := c.stage
		e := newMatrixEstate(t, s.product, s.like)
		e.p.Configure(func(o *simulator.Options) {
			withToggles(o, c.toggles)
			o.Upgrade.WaitingTime = 1000 * time.Hour
		})
		e.arguments = object{"master_key": masterKeys[s.product]}
		for n, i := range e.instances() {
			*i = s.state[n]
		}
		e.furnish(s.before)
		e.rest()
		for n, one := range c.faults {
			e.adopt = e.adopt || one.adopt
			e.disarm = append(e.disarm, one.arm(e.p, c.at[n]))
		}
		again = e.converge(s)
		e.check(s)
	})
	return again
}

var masterKeys = map[int64]string{lwm2mProduct: simulator.LwM2MMasterKey, tLinkProduct: simulator.TLinkMasterKey}
