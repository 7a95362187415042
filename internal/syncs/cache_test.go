package syncs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestCacheLoadsOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			s     Cache[int, int]
			loads atomic.Int32
			all   sync.WaitGroup
		)
		load := func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return int(loads.Add(1)), nil
		}
		for range 100 {
			all.Go(func() {
				if v, err := s.Get(t.Context(), 1, load); v != 1 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		all.Wait()
		if v, ok := s.Peek(1); !ok || v != 1 {
			t.Errorf("got %d, %t", v, ok)
		}
		if _, ok := s.Peek(2); ok {
			t.Error("another key has a value")
		}
		for range int(lifetime / (idle / 2)) { // while readers keep coming
			if v, ok := s.Peek(1); !ok || v != 1 {
				t.Errorf("got %d, %t", v, ok)
			}
			time.Sleep(idle / 2)
		}
		if v, _ := s.Get(t.Context(), 1, load); v != 2 {
			t.Errorf("got %d from a value that has served for too long", v)
		}
		time.Sleep(idle + time.Millisecond)
		if _, ok := s.Peek(1); ok || len(s.entries) > 0 {
			t.Error("a value that nobody reads is kept")
		}
	})
}

func TestCacheOutlivesALoaderThatGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			s     Cache[int, int]
			loads atomic.Int32
			all   sync.WaitGroup
		)
		load := func(ctx context.Context) (int, error) {
			loads.Add(1)
			select {
			case <-time.After(time.Minute):
				return 42, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		leader, cancel := context.WithCancel(t.Context())
		all.Go(func() {
			if _, err := s.Get(leader, 1, load); !errors.Is(err, context.Canceled) {
				t.Errorf("the leader got %v", err)
			}
		})
		synctest.Wait()
		for range 10 {
			all.Go(func() {
				if v, err := s.Get(t.Context(), 1, load); v != 42 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		impatient, stop := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
		defer stop()
		all.Go(func() {
			if _, err := s.Get(impatient, 1, load); err == nil || err.Error() != "enough" {
				t.Errorf("the impatient got %v", err)
			}
		})
		time.Sleep(2 * time.Second)
		cancel()
		all.Wait()
		if n := loads.Load(); n != 2 {
			t.Errorf("loaded %d times, want 2", n)
		}
	})
}

func TestCacheTellsAllOfAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			s     Cache[int, int]
			loads atomic.Int32
			all   sync.WaitGroup
		)
		broken := errors.New("broken")
		for range 100 {
			all.Go(func() {
				_, err := s.Get(t.Context(), 1, func(context.Context) (int, error) {
					time.Sleep(time.Second)
					loads.Add(1)
					return 0, broken
				})
				if !errors.Is(err, broken) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if n := loads.Load(); n != 1 {
			t.Errorf("failed %d times, want once", n)
		}
		if v, err := s.Get(t.Context(), 1, func(context.Context) (int, error) { return 1, nil }); v != 1 || err != nil {
			t.Errorf("got %d, %v: a failure is remembered", v, err)
		}
	})
}

func TestCacheForgetsWhatIsBeingLoaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			s   Cache[int, string]
			all sync.WaitGroup
		)
		loadAs := func(value string) func(context.Context) (string, error) {
			return func(context.Context) (string, error) {
				time.Sleep(time.Second)
				return value, nil
			}
		}
		all.Go(func() {
			if v, _ := s.Get(t.Context(), 1, loadAs("before")); v != "before" {
				t.Errorf("got %s", v)
			}
		})
		synctest.Wait()
		s.Invalidate(1)
		if v, _ := s.Get(t.Context(), 1, loadAs("after")); v != "after" {
			t.Errorf("a reader after the write got what was loaded %s it", v)
		}
		all.Wait()
		for range 4 {
			if v, ok := s.Peek(1); !ok || v != "after" {
				t.Errorf("got %s, %t: the older load has expired the newer", v, ok)
			}
			time.Sleep(idle * 2 / 3)
		}
	})
}

// TestCacheIsReadAgainForWhoeverNeedsMore lets readers of one key want more or
// less: each gets as much, and no load is repeated that had enough.
func TestCacheIsReadAgainForWhoeverNeedsMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var (
			s     Cache[int, int]
			loads []int
			all   sync.WaitGroup
		)
		read := func(want int) {
			v, err := s.GetIf(t.Context(), 1, func(v int) bool { return v >= want }, func(context.Context) (int, error) {
				loads = append(loads, want)
				time.Sleep(time.Second)
				return want, nil
			})
			if v < want || err != nil {
				t.Errorf("got %d, %v where %d were wanted", v, err, want)
			}
		}
		for _, want := range []int{1, 3, 1, 3} {
			all.Go(func() { read(want) })
			synctest.Wait()
		}
		all.Wait()
		read(2)
		if !slices.Equal(loads, []int{1, 3}) {
			t.Errorf("loaded %v, want what the first wanted, and what is enough for all", loads)
		}
	})
}
