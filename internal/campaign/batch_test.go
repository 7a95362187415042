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

// failures are errors of several kinds, as the client returns them.
type failures struct{ refused, oversize, ambiguous, unauthorized error }

func failing(t testing.TB) failures {
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
	f := failures{
		refused:      call(simulator.Fault{Kind: simulator.BusinessError, Code: 7, Message: "no"}),
		oversize:     call(simulator.Fault{Kind: simulator.BusinessError, Code: 8, Message: "too many"}),
		ambiguous:    call(simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusBadGateway}),
		unauthorized: call(simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusForbidden}),
	}
	if !aep.IsRefused(f.refused) || !aep.IsRefused(f.oversize) || !aep.Ambiguous(f.ambiguous) || !aep.IsUnauthorized(f.unauthorized) {
		t.Fatalf("got %v", f)
	}
	return f
}

// takers is a platform that takes numbers. It refuses bad numbers, numbers that it has
// taken already, and more than most at once.
type takers struct {
	failures
	bad       map[int]bool
	most      int
	piecemeal bool         // it takes the good numbers of a refused call
	inOrder   bool         // it takes the numbers of a refused call before the first bad one
	partly    bool         // it takes the first numbers of a call that is too large
	oneCode   bool         // it refuses both with one code
	silent    bool         // it gives no response to a call that is too large
	lost      map[int]bool // calls, counted from 1, that get no response
	carried   map[int]bool // lost calls that are carried out

	calls int
	taken map[int]int
	again []int // numbers sent after they were taken
}

func (p *takers) send(_ context.Context, batch []int) error {
	p.calls++
	lost := p.lost[p.calls]
	again := slices.DeleteFunc(slices.Clone(batch), func(i int) bool { return p.taken[i] == 0 })
	p.again = append(p.again, again...)
	bad := len(again) > 0 || slices.ContainsFunc(batch, func(i int) bool { return p.bad[i] })
	if !lost || p.carried[p.calls] {
		p.take(batch, bad)
	}
	switch {
	case lost, p.silent && len(batch) > p.most:
		return p.ambiguous
	case len(batch) > p.most && !p.oneCode:
		return p.oversize
	case bad, len(batch) > p.most:
		return p.refused
	}
	return nil
}

// take carries out a call, or a part of it.
func (p *takers) take(batch []int, bad bool) {
	if len(batch) > p.most {
		if !p.partly || bad && !p.piecemeal && !p.inOrder {
			return
		}
		batch = batch[:p.most]
	}
	for _, i := range batch {
		switch {
		case p.bad[i] && p.inOrder:
			return
		case bad && !p.piecemeal && !p.inOrder:
			return
		case !p.bad[i]:
			p.taken[i]++
		}
	}
}

func (p *takers) look(_ context.Context, batch []int, _ bool) (rest []int, err error) {
	return slices.DeleteFunc(slices.Clone(batch), func(i int) bool { return p.taken[i] > 0 }), nil
}

// operation returns the operation that sends numbers to p.
func (p *takers) operation(size int) *batchOperation[int] {
	return &batchOperation[int]{Runner: New(nil, Options{}), verb: "sent", size: new(batchSize).chosen(size, true), call: p.send, look: p.look}
}

func TestBatchesAccountForEveryItem(t *testing.T) {
	t.Parallel()
	failures := failing(t)
	inVirtualTime := func(run func() error) (err error) {
		synctest.Test(t, func(*testing.T) { err = run() })
		return err
	}
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.Bool().Draw(t, "few")
		largest, mosts := 3000, 1500
		if few {
			largest, mosts = 120, 50
		}
		items := numbers(rapid.IntRange(0, largest).Draw(t, "items"))
		set := func(label string, most, count int) map[int]bool {
			return asSet(rapid.SliceOfN(rapid.IntRange(0, most), 0, count).Draw(t, label))
		}
		p := &takers{
			failures: failures, bad: set("bad", largest, 60), most: rapid.IntRange(1, mosts).Draw(t, "most"),
			piecemeal: rapid.Bool().Draw(t, "piecemeal"), silent: rapid.Bool().Draw(t, "silent"), inOrder: rapid.Bool().Draw(t, "inOrder"),
			partly: rapid.Bool().Draw(t, "partly"), oneCode: rapid.Bool().Draw(t, "oneCode"),
			lost: set("lost", 40, 3), carried: set("carried", 40, 20), taken: map[int]int{},
		}
		b := p.operation(rapid.IntRange(0, 50).Draw(t, "size"))
		if err := inVirtualTime(func() error { return b.run(bg(), items) }); err != nil {
			t.Fatal(err)
		}
		seen := slices.Concat(b.accepted, b.untried)
		for item, err := range b.refused {
			seen = append(seen, item)
			if !p.bad[item] || err == nil {
				t.Fatalf("%d is refused with %v", item, err)
			}
		}
		slices.Sort(seen)
		if !slices.Equal(seen, items) {
			t.Fatalf("accounted for %v", seen)
		}
		for _, i := range b.accepted {
			if p.taken[i] != 1 {
				t.Fatalf("%d is recorded as accepted, and was taken %d times", i, p.taken[i])
			}
		}
		if len(p.again) > 0 {
			t.Fatalf("%v were sent again", p.again)
		}
		if len(b.accepted) > 0 && len(b.untried) > 0 {
			t.Fatalf("%d were not tried though others were taken", len(b.untried))
		}
	})
}

// numbers returns the numbers from 0 to n-1.
func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestBatchesStopAtAnErrorThatIsNoRefusal(t *testing.T) {
	t.Parallel()
	failures := failing(t)
	for name, test := range map[string]struct {
		err   error
		calls int
	}{
		"unauthorized": {failures.unauthorized, 1}, "no response ever": {failures.ambiguous, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &takers{failures: failures, most: 100, taken: map[int]int{}, bad: map[int]bool{5: true}}
				failed := 0
				b := p.operation(10)
				b.call = func(ctx context.Context, batch []int) error {
					if slices.Contains(batch, 7) && len(batch) <= 5 {
						failed++
						return test.err
					}
					return p.send(ctx, batch)
				}
				err := b.run(bg(), numbers(13))
				if !errors.Is(err, test.err) || failed != test.calls {
					t.Errorf("got %v after %d calls", err, failed)
				}
				if n := len(b.accepted) + len(b.refused) + len(b.untried); n != 13 {
					t.Errorf("accounted for %d of 13", n)
				}
			})
		})
	}
}

func TestBatchesKeepTheirSizeAfterASmallRemainder(t *testing.T) {
	t.Parallel()
	// All numbers of the first batch but two are taken by someone else.
	p := &takers{failures: failing(t), most: 100, taken: map[int]int{}}
	for i := range 98 {
		p.taken[i] = 1
	}
	b := p.operation(100)
	if err := b.run(bg(), numbers(1000)); err != nil {
		t.Fatal(err)
	}
	if p.calls > 24 || len(b.accepted) != 1000 {
		t.Errorf("%d calls for %d items", p.calls, len(b.accepted))
	}
}

// Bad ids often come in a row, and a row is found with few parts. So the order of the
// list is kept: shuffled, the row in the middle would take more than 200 calls.
func TestBatchesTakeFewCalls(t *testing.T) {
	t.Parallel()
	failures := failing(t)
	from := func(first, n int) map[int]bool {
		bad := map[int]bool{}
		for i := range n {
			bad[first+i] = true
		}
		return bad
	}
	for name, test := range map[string]struct {
		bad   map[int]bool
		most  int
		calls int
	}{
		"all good":                   {nil, 100, 10},
		"one bad in the first":       {from(50, 1), 100, 33},
		"one bad in the middle":      {from(550, 1), 100, 30},
		"a batch of bad at the head": {from(0, 100), 100, 216},
		"all bad":                    {from(0, 1000), 100, 17},
		"a row of bad in the middle": {from(430, 20), 100, 60},
		"too many at once":           {nil, 30, 76},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &takers{failures: failures, bad: test.bad, most: test.most, taken: map[int]int{}}
			b := p.operation(100)
			if err := b.run(bg(), numbers(1000)); err != nil {
				t.Fatal(err)
			}
			if p.calls > test.calls {
				t.Errorf("%d calls, want at most %d", p.calls, test.calls)
			}
		})
	}
}
