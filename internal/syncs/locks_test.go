package syncs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLocksShareOneModeOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const reading, joining Mode = 1, 2
		var (
			locks   Locks[int]
			mu      sync.Mutex
			holders = map[Mode]int{}
			most    = map[Mode]int{}
			all     sync.WaitGroup
		)
		step := func(mode Mode, n int) {
			mu.Lock()
			defer mu.Unlock()
			if holders[mode] += n; holders[mode] == 0 {
				delete(holders, mode)
			}
			most[mode] = max(most[mode], holders[mode])
			if len(holders) > 1 {
				t.Errorf("holders at a time: %v", holders)
			}
		}
		for i := range 30 {
			all.Go(func() {
				mode := Mode(i % 3)
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				gaveUp := errors.New("gave up")
				if i%5 == 0 {
					time.AfterFunc(time.Duration(i)*time.Millisecond, func() { cancel(gaveUp) })
				}
				err := locks.Do(ctx, 1, mode, func() error {
					step(mode, 1)
					time.Sleep(10 * time.Millisecond)
					step(mode, -1)
					return nil
				})
				if err != nil && !errors.Is(err, gaveUp) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most[reading] < 2 || most[joining] < 2 || most[Exclusive] != 1 {
			t.Errorf("most holders at a time: %v", most)
		}
		if left := slices.Collect(maps.Keys(locks.byKey)); len(left) > 0 {
			t.Errorf("locks are left for the keys %v", left)
		}
	})
}

func TestLocksOfOtherKeysAreFree(t *testing.T) {
	t.Parallel()
	var locks Locks[int]
	err := locks.Do(t.Context(), 1, Exclusive, func() error {
		return locks.Do(t.Context(), 2, Exclusive, func() error { return nil })
	})
	if err != nil {
		t.Error(err)
	}
}
