package lives

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// recorder is a testing.TB that keeps the failures. Its caller reports them.
type recorder struct {
	testing.TB
	failures []string
}

type fatal struct{}

func (r *recorder) Helper() {}

func (r *recorder) Error(args ...any) { r.failures = append(r.failures, fmt.Sprint(args...)) }

func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatal(args ...any) { r.Error(args...); panic(fatal{}) }

func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// Script is everything that is drawn for a life: product, switches and moves.
type Script struct {
	seed     uint64
	Product  int64
	Switches []coretest.Switched
	Moves    []move
}

// Draw draws the script of a seed. The same seed always draws the same script.
func Draw(seed uint64) Script {
	draw := rand.New(rand.NewPCG(seed, 3))
	return Script{
		seed: seed, Product: []int64{coretest.LwM2MProduct, coretest.TLinkProduct}[draw.IntN(2)],
		Switches: coretest.DrawSwitches(draw.IntN), Moves: drawMoves(draw, 4+draw.IntN(16)),
	}
}

// Play plays a life in a bubble of virtual time. It returns its failures with the
// trace, "" if there are none, and the simulated time.
func Play(t *testing.T, like *coretest.Core, folder string, s Script) (failure string, simulated time.Duration) {
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
		p, hidden := s.platform(t)
		retried := slices.ContainsFunc(s.Switches, func(d coretest.Switched) bool { return d.Name == "AutoRetry" })
		l = newLife(r, p, like, s.Product, folder, rand.New(rand.NewPCG(s.seed, 5)))
		l.hidden = hidden
		for range 2 * 20 {
			if retried {
				l.again() // the platform itself tries failed devices again
			}
		}
		l.run()
		for _, m := range s.Moves {
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

// platform returns the platform of a script. hidden reports whether it hides the version of a device.
func (s Script) platform(t *testing.T) (p *simulator.Platform, hidden func(device string) bool) {
	hidden = func(string) bool { return false }
	p = coretest.NewPlatform(t, func(o *simulator.Options) {
		o.Products = simulator.DefaultProducts(40)
		for n := range o.Products {
			o.Products[n].Versions = deviceVersions
		}
		coretest.SetSwitches(o, s.Switches)
		if o.Quirks.HideVersions != nil {
			hidden = o.Quirks.HideVersions
		}
	})
	return p, hidden
}

// newLife returns a life with a drawn configuration and an empty state.
func newLife(t testing.TB, p *simulator.Platform, like *coretest.Core, product int64, folder string, draw *rand.Rand) *life {
	t.Helper()
	l := &life{
		Workspace: coretest.NewWorkspace(t, p, like), random: draw, ids: p.DeviceIDs(product),
		flashes: map[string]int{}, loose: map[string]bool{}, out: map[string]bool{},
		want: &configuration{product: product, folder: folder},
	}
	l.Choose = func(n int) int { return l.random.IntN(n) }
	l.Monitor.Lists, l.Monitor.Starts, l.Monitor.Sends = l.listed, l.starts, l.sends
	l.Arguments = coretest.Config{"master_key": coretest.MasterKeys[product]}
	for n := range 1 + draw.IntN(2) {
		task := &taskPart{label: fmt.Sprintf("t%d", n), name: l.name("task"), expect: -1, tries: draw.IntN(3)}
		for m := range 1 + draw.IntN(3) {
			l.addSet(task, m, 1+draw.IntN(4))
		}
		l.want.tasks = append(l.want.tasks, task)
	}
	l.applied = &configuration{product: product, folder: folder}
	return l
}

// Shortened removes moves and switches from a life that fails, as long as it fails in
// the same way. It returns the shorter script and its failure.
func Shortened(t *testing.T, like *coretest.Core, folder string, s Script, failure string) (Script, string) {
	t.Helper()
	keep := func(less Script) bool {
		said, _ := Play(t, like, folder, less)
		same := said != "" && summary(said) == summary(failure)
		if same {
			s, failure = less, said
		}
		return same
	}
	for changed := true; changed; {
		changed = false
		for n := range slices.Backward(s.Moves) {
			less := s
			less.Moves = slices.Delete(slices.Clone(s.Moves), n, n+1)
			changed = keep(less) || changed
		}
		for n := range slices.Backward(s.Switches) {
			less := s
			less.Switches = slices.Delete(slices.Clone(s.Switches), n, n+1)
			changed = keep(less) || changed
		}
	}
	return s, failure
}

// summary returns the beginning of a failure without numbers and names.
func summary(failure string) string {
	line, _, _ := strings.Cut(failure, "\n")
	words := strings.Fields(line)
	words = slices.DeleteFunc(words, func(word string) bool { return strings.ContainsAny(word, "0123456789._") })
	return strings.Join(words[:min(len(words), 8)], " ")
}
