package provider_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// recorder is a testing.TB that keeps failures for the caller to report.
type recorder struct {
	testing.TB
	failures []string
}

type fatal struct{}

func (r *recorder) Helper()                           {}
func (r *recorder) Error(args ...any)                 { r.failures = append(r.failures, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); panic(fatal{}) }
func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// script is all that is drawn of a life.
type script struct {
	seed    uint64
	product int64
	toggles []turned
	moves   []move
}

func drawScript(seed uint64) script {
	draw := rand.New(rand.NewPCG(seed, 3))
	return script{
		seed: seed, product: []int64{lwm2mProduct, tLinkProduct}[draw.IntN(2)],
		toggles: drawToggles(draw.IntN), moves: drawMoves(draw, 4+draw.IntN(16)),
	}
}

// AEP_LIVES is how many lives to play, AEP_LIVES_SEED the first of them; with
// the seed of a life that failed, and AEP_LIVES=1, it is played again and cut short.
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

// TestLives plays random lives of campaigns on random platforms. Whatever
// happens in one, no apply harms a campaign, and two applies without faults at
// most bring the platform to what is wanted.
func TestLives(t *testing.T) {
	t.Parallel()
	lives, first := variable(livesVariable, defaultLives)/thinning, variable(seedVariable, 1)
	like := newCore(t, newPlatform(t), nil)
	seen := newCensus()
	const workers = 2
	t.Run("of", func(t *testing.T) {
		for worker := range uint64(workers) {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				for seed := first + worker; seed < first+lives; seed += workers {
					s := drawScript(seed)
					failure, hours := play(t, like, folder, s)
					seen.add(s, hours)
					if failure == "" {
						continue
					}
					if lives == 1 || os.Getenv("AEP_LIVES_SHORTEN") != "" {
						s, failure = shortened(t, like, folder, s, failure)
					}
					t.Errorf("life %d (%s=%d %s=1), product %d\non %v\nof %v:\n%s",
						seed, seedVariable, seed, livesVariable, s.product, s.toggles, s.moves, failure)
				}
			})
		}
	})
	t.Log(seen)
}

// FuzzLives plays the lives of any seed.
func FuzzLives(f *testing.F) {
	like := newCore(f, simulator.New(simulator.Options{}), nil)
	folder := f.TempDir()
	for seed := range uint64(8) {
		f.Add(1_000_000 + seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		s := drawScript(seed)
		if failure, _ := play(t, like, folder, s); failure != "" {
			t.Errorf("product %d\non %v\nof %v:\n%s", s.product, s.toggles, s.moves, failure)
		}
	})
}

// shortened leaves out of a life what it fails without.
func shortened(t *testing.T, like *core, folder string, s script, failure string) (script, string) {
	for changed := true; changed; {
		changed = false
		for n := len(s.moves) - 1; n >= 0; n-- {
			less := s
			less.moves = slices.Delete(slices.Clone(s.moves), n, n+1)
			if said, _ := play(t, like, folder, less); said != "" && summary(said) == summary(failure) {
				s, failure, changed = less, said, true
			}
		}
		for n := len(s.toggles) - 1; n >= 0; n-- {
			less := s
			less.toggles = slices.Delete(slices.Clone(s.toggles), n, n+1)
			if said, _ := play(t, like, folder, less); said != "" && summary(said) == summary(failure) {
				s, failure, changed = less, said, true
			}
		}
	}
	return s, failure
}

// summary is what a failure says, without numbers and names.
func summary(failure string) string {
	line, _, _ := strings.Cut(failure, "\n")
	words := strings.Fields(line)
	words = slices.DeleteFunc(words, func(word string) bool { return strings.ContainsAny(word, "0123456789._") })
	return strings.Join(words[:min(len(words), 8)], " ")
}

// play lets a life happen and says what is wrong, "" if nothing.
func play(t *testing.T, like *core, folder string, s script) (failure string, simulated time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{TB: t}
		var l *life
		began := time.Now()
		defer func() {
			if p := recover(); p != nil && p != any(fatal{}) {
				panic(p)
			}
			simulated = time.Since(began)
			if len(r.failures) > 0 {
				failure = strings.Join(append(r.failures, l.trace...), "\n")
			}
		}()
		p := newPlatform(t, func(o *simulator.Options) {
			o.Products = simulator.DefaultProducts(40)
			withToggles(o, s.toggles)
		})
		retried := slices.ContainsFunc(s.toggles, func(d turned) bool { return d.name == "AutoRetry" })
		l = newLife(r, p, like, s.product, folder, rand.New(rand.NewPCG(s.seed, 5)))
		for range 2 * 20 {
			if retried {
				l.again() // the platform itself tries failed devices again
			}
		}
		l.run()
		for _, m := range s.moves {
			if len(r.failures) == 0 {
				l.happen(m)
			}
		}
		if len(r.failures) == 0 {
			l.end()
		}
	})
	return failure, simulated
}
