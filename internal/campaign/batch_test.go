package campaign

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"pgregory.net/rapid"
)

// failing returns errors of the kinds that the client returns, made by it.
func failing(t testing.TB) (refused, ambiguous, unauthorized error) {
	t.Helper()
	p := simulator.New(simulator.Options{})
	defer p.Close()
	client := newRunner(t, p, setting{}).Client()
	key := aep.TaskKey{ProductID: simulator.LwM2MProduct, TaskID: 1}
	call := func(f simulator.Fault) error {
		f.Operation = simulator.OpOperational
		p.Inject(f)
		return client.JoinDevices(bg(), key, aep.LwM2M, []string{"a"})
	}
	refused = call(simulator.Fault{Kind: simulator.BusinessError, Code: 7, Message: "no"})
	ambiguous = call(simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusBadGateway})
	unauthorized = call(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusForbidden})
	if !aep.IsRefused(refused) || !aep.Ambiguous(ambiguous) || !aep.IsUnauthorized(unauthorized) {
		t.Fatalf("got %v, %v, %v", refused, ambiguous, unauthorized)
	}
	return refused, ambiguous, unauthorized
}

// takers is a platform that takes numbers: not those that are bad, not more
// than most at once; lost says which calls get no answer, and torn which of
// them are carried out all the same.
type takers struct {
	bad        map[int]bool
	most       int
	piecemeal  bool
	lost, torn map[int]bool
	refused    error
	ambiguous  error

	calls, looks int
	taken        map[int]int
}

func (p *takers) send(_ context.Context, batch []int) error {
	p.calls++
	lost, carried := p.lost[p.calls], !p.lost[p.calls] || p.torn[p.calls]
	bad := slices.ContainsFunc(batch, func(i int) bool { return p.bad[i] || p.taken[i] > 0 })
	if carried && len(batch) <= p.most && (!bad || p.piecemeal) {
		for _, i := range batch {
			if !p.bad[i] && p.taken[i] == 0 {
				p.taken[i]++
			}
		}
	}
	switch {
	case lost:
		return p.ambiguous
	case bad || len(batch) > p.most:
		return p.refused
	}
	return nil
}

func (p *takers) look(_ context.Context, batch []int) (settled, rest []int, err error) {
	p.looks++
	for _, i := range batch {
		if p.taken[i] > 0 {
			settled = append(settled, i)
		} else {
			rest = append(rest, i)
		}
	}
	return settled, rest, nil
}

func TestBatchesAccountForEveryItem(t *testing.T) {
	t.Parallel()
	refused, ambiguous, _ := failing(t)
	inVirtualTime := func(run func() error) (err error) {
		synctest.Test(t, func(*testing.T) { err = run() })
		return err
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 120).Draw(t, "items")
		items := make([]int, n)
		for i := range items {
			items[i] = i
		}
		set := func(label string, most, count int) map[int]bool {
			m := map[int]bool{}
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, most), 0, count).Draw(t, label) {
				m[i] = true
			}
			return m
		}
		p := &takers{
			bad: set("bad", 120, 20), most: rapid.IntRange(1, 50).Draw(t, "most"), piecemeal: rapid.Bool().Draw(t, "piecemeal"),
			lost: set("lost", 40, 3), torn: set("torn", 40, 20), taken: map[int]int{}, refused: refused, ambiguous: ambiguous,
		}
		b := &batches[int]{size: rapid.IntRange(0, 50).Draw(t, "size"), send: p.send, look: p.look}
		if err := inVirtualTime(func() error { return b.run(bg(), items) }); err != nil {
			t.Fatal(err)
		}
		var seen []int
		seen = append(append(seen, b.sent...), b.untried...)
		for _, r := range b.refused {
			seen = append(seen, r.item)
			// One that was taken from a refused batch may be refused the second
			// time; the reading back at the end knows better.
			if !p.bad[r.item] && p.taken[r.item] != 1 || r.err == nil {
				t.Fatalf("%d is blamed with %v", r.item, r.err)
			}
		}
		slices.Sort(seen)
		if !slices.Equal(seen, items) {
			t.Fatalf("accounted for %v", seen)
		}
		for _, i := range b.sent {
			if p.taken[i] != 1 {
				t.Fatalf("%d is booked as sent, and was taken %d times", i, p.taken[i])
			}
		}
		if len(b.sent) > 0 && len(b.untried) > 0 {
			t.Fatalf("%d were not tried though others were taken", len(b.untried))
		}
	})
}

func TestBatchesStopAtAnErrorThatIsNoRefusal(t *testing.T) {
	t.Parallel()
	refused, ambiguous, unauthorized := failing(t)
	for name, test := range map[string]struct {
		err   error
		calls int
	}{
		"unauthorized": {unauthorized, 1}, "no answer ever": {ambiguous, ambiguousTries},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &takers{most: 100, taken: map[int]int{}, bad: map[int]bool{5: true}, refused: refused}
				failed := 0
				b := &batches[int]{size: 10, look: p.look}
				b.send = func(ctx context.Context, batch []int) error {
					if slices.Contains(batch, 7) && len(batch) <= 5 {
						failed++
						return test.err
					}
					return p.send(ctx, batch)
				}
				items := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
				err := b.run(bg(), items)
				if !errors.Is(err, test.err) || failed != test.calls {
					t.Errorf("got %v after %d calls", err, failed)
				}
				if n := len(b.sent) + len(b.refused) + len(b.untried); n != len(items) {
					t.Errorf("accounted for %d of %d", n, len(items))
				}
			})
		})
	}
}

func TestBatchesKeepTheirSizeAfterASmallRemainder(t *testing.T) {
	t.Parallel()
	refused, _, _ := failing(t)
	// All of the first batch but two are taken by somebody else meanwhile.
	p := &takers{most: 100, taken: map[int]int{}, refused: refused}
	items := make([]int, 1000)
	for i := range items {
		if items[i] = i; i < 98 {
			p.taken[i] = 1
		}
	}
	b := &batches[int]{size: 100, send: p.send, look: p.look}
	if err := b.run(bg(), items); err != nil {
		t.Fatal(err)
	}
	if p.calls > 12 || len(b.sent) != 1000 {
		t.Errorf("%d calls for %d items", p.calls, len(b.sent))
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfDistinct(rapid.Int(), rapid.ID).Draw(t, "items")
		picked, rest := spread(items, probes)
		if len(picked) != min(probes, len(items)) {
			t.Fatalf("picked %d of %d", len(picked), len(items))
		}
		all := append(slices.Clone(picked), rest...)
		slices.Sort(all)
		slices.Sort(items)
		if !slices.Equal(all, items) {
			t.Fatalf("%v became %v", items, all)
		}
	})
}
