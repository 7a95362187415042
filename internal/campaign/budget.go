package campaign

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// Use is what a run does with devices, as far as a limit counts it.
type Use string

// The uses of devices. The limit counts each of them separately.
const (
	UseJoin  Use = "join"
	UseStart Use = "start"
	UseRetry Use = "retry"
)

// LimitError refuses to use more devices than a run may.
type LimitError struct {
	Use    Use
	Limit  int64
	Wanted int64 // by the whole run so far
	Excess int64 // of Wanted over Limit
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("this run would %s %s, %s more than the %s that its limit allows",
		e.Use, progress.Devices(e.Wanted), progress.Grouped(e.Excess), progress.Grouped(e.Limit))
}

// budget counts what a run does with devices. The zero value has no limit.
type budget struct {
	limit    *int64
	mu       sync.Mutex
	reserved map[Use]map[string]int64 // by owner
	spent    map[Use]int64
	unnamed  int // owners without a name so far
}

// Reserve announces that one owner (a resource or an action) will use n devices
// in this run. A further call of the same owner replaces its number; an owner
// without a name is another one at each call. The error is a *LimitError if all
// owners together exceed the limit of the run.
func (b *budget) Reserve(use Use, owner string, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reserved == nil {
		b.reserved = make(map[Use]map[string]int64)
	}
	if b.reserved[use] == nil {
		b.reserved[use] = make(map[string]int64)
	}
	if owner == "" {
		b.unnamed++
		owner = strconv.Itoa(b.unnamed)
	}
	b.reserved[use][owner] = n
	var sum int64
	for _, one := range b.reserved[use] {
		sum += one
	}
	return b.check(use, n, sum)
}

// Spend counts n devices that are about to be sent in one call. The error is a
// *LimitError if the run exceeds its limit with them; they are then not counted.
func (b *budget) Spend(use Use, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent == nil {
		b.spent = make(map[Use]int64)
	}
	if err := b.check(use, n, b.spent[use]+n); err != nil {
		return err
	}
	b.spent[use] += n
	return nil
}

// check allows n devices if all of them, sum, stay within the limit.
func (b *budget) check(use Use, n, sum int64) error {
	if b.limit == nil || n == 0 || sum <= *b.limit {
		return nil
	}
	return &LimitError{Use: use, Limit: *b.limit, Wanted: sum, Excess: sum - *b.limit}
}
