package provider_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// drawnCase is a stage of a campaign in which requests meet faults, on a drawn platform.
type drawnCase struct {
	stage    coretest.Stage
	switches []coretest.Switched
	faults   []coretest.Failure
	at       []int
}

func (c drawnCase) String() string {
	text := fmt.Sprintf("%d %s on %v:", c.stage.Product, c.stage.Name, c.switches)
	for n, one := range c.faults {
		text += fmt.Sprintf(" %s at %d", one.Name, c.at[n])
	}
	return text
}

// drawCase draws a stage, a platform, and faults of different requests.
func drawCase(draw *rand.Rand, stages []coretest.Stage, faults int) drawnCase {
	c := drawnCase{stage: stages[draw.IntN(len(stages))], switches: coretest.DrawSwitches(draw.IntN)}
	all := coretest.Failures()
	for range faults {
		c.faults = append(c.faults, all[draw.IntN(len(all))])
		c.at = append(c.at, draw.IntN(len(c.stage.Requests)))
	}
	return c
}

// TestFaultsOnDrawnPlatforms lets a request, or two of one run, meet a fault
// each on a platform whose every switch is drawn.
func TestFaultsOnDrawnPlatforms(t *testing.T) {
	coretest.WithoutRaceDetector(t, coretest.ManyCases)
	stages := append(coretest.Stages(t, coretest.LwM2MProduct), coretest.Stages(t, coretest.TLinkProduct)...)
	for name, one := range map[string]struct{ faults, cases int }{"one fault": {1, 500}, "two faults": {2, 1000}} {
		t.Run(name, func(t *testing.T) {
			const workers = 2
			var healed atomic.Int64
			t.Run("of", func(t *testing.T) {
				for worker := range workers {
					t.Run(fmt.Sprint(worker), func(t *testing.T) {
						t.Parallel()
						for seed := worker; seed < one.cases; seed += workers {
							c := drawCase(rand.New(rand.NewPCG(uint64(seed), uint64(one.faults))), stages, one.faults)
							if c.run(t) {
								healed.Add(1)
							}
						}
					})
				}
			})
			t.Logf("%d cases of %s, each right after at most one more apply; %d needed that one", one.cases, name, healed.Load())
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
		e := coretest.NewSmallCampaigns(t, s.Product, s.Like)
		e.Platform.Configure(func(o *simulator.Options) {
			coretest.SetSwitches(o, c.switches)
			o.Upgrade.WaitingTime = 1000 * time.Hour
		})
		e.Arguments = coretest.Config{"master_key": coretest.MasterKeys[s.Product]}
		for n, i := range e.Instances() {
			*i = s.State[n]
		}
		e.Restore(s.Before)
		e.Rest()
		for n, one := range c.faults {
			e.Adopt = e.Adopt || one.Adopt
			e.Disarm = append(e.Disarm, one.Arm(e.Platform, c.at[n]))
		}
		again = e.Converge(s)
		e.Check(s)
	})
	return again
}
