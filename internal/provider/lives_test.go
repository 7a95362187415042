package provider_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/coretest/lives"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// AEP_LIVES is the number of lives to play, and AEP_LIVES_SEED the seed of the first.
// With AEP_LIVES=1 and its seed, a life that failed is played again and shortened.
const (
	livesVariable = "AEP_LIVES"
	seedVariable  = "AEP_LIVES_SEED"
	defaultLives  = 100
)

func variable(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}

// TestLives plays random lives of campaigns on random platforms. No apply harms a
// campaign. At the end, two applies without faults at most bring the platform to the
// configuration.
func TestLives(t *testing.T) {
	coretest.WithoutRaceDetector(t, coretest.ManyCases)
	t.Parallel()
	count, first := variable(livesVariable, defaultLives), variable(seedVariable, 1)
	like := coretest.New(t, coretest.NewPlatform(t), nil)
	seen := lives.NewCensus()
	const workers = 2
	t.Run("of", func(t *testing.T) {
		for worker := range uint64(workers) {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				for seed := first + worker; seed < first+count; seed += workers {
					s := lives.Draw(seed)
					failure, hours := lives.Play(t, like, folder, s)
					seen.Add(s, hours)
					if failure == "" {
						continue
					}
					if count == 1 || os.Getenv("AEP_LIVES_SHORTEN") != "" {
						s, failure = lives.Shortened(t, like, folder, s, failure)
					}
					t.Errorf("life %d (%s=%d %s=1), product %d\non %v\nof %v:\n%s",
						seed, seedVariable, seed, livesVariable, s.Product, s.Switches, s.Moves, failure)
				}
			})
		}
	})
	t.Log(seen)
}

// FuzzLives plays the lives of any seed.
func FuzzLives(f *testing.F) {
	like := coretest.New(f, simulator.New(simulator.Options{}), nil)
	folder := f.TempDir()
	for seed := range uint64(8) {
		f.Add(1_000_000 + seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		s := lives.Draw(seed)
		if failure, _ := lives.Play(t, like, folder, s); failure != "" {
			t.Errorf("product %d\non %v\nof %v:\n%s", s.Product, s.Switches, s.Moves, failure)
		}
	})
}
