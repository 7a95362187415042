package campaign

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// Use is an operation on devices that the limit of a run counts.
type Use string

// The uses of devices. The limit applies to each of them separately.
const (
	UseJoin  Use = "join"
	UseStart Use = "start"
	UseRetry Use = "retry"
)

// LimitError refuses to use more devices than the limit of the run allows.
type LimitError struct {
	Use    Use
	Limit  int64
	Wanted int64 // devices of the whole run so far
	Excess int64 // Wanted minus Limit
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("this run would %s %s, %s more than the %s that its limit allows",
		e.Use, progress.Devices(e.Wanted), progress.Grouped(e.Excess), progress.Grouped(e.Limit))
}

// budget counts the devices that a run uses. The zero value has no limit.
type budget struct {
	limit    *int64
	mu       sync.Mutex
	reserved map[Use]map[string]int64 // by owner
	spent    map[Use]int64
	unnamed  int // owners without a name so far
}

// Reserve records that one owner (a resource or an action) will use n devices in this run. A further call of
// the same owner replaces its number. An owner without a name counts as a new one at each call. The error is
// a *LimitError if all owners together exceed the limit.
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

// Spend counts n devices before they are sent. The error is a *LimitError if the run exceeds its limit with
// them; then they are not counted.
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

// check returns a *LimitError if sum, which includes n, exceeds the limit.
func (b *budget) check(use Use, n, sum int64) error {
	if b.limit == nil || n == 0 || sum <= *b.limit {
		return nil
	}
	return &LimitError{Use: use, Limit: *b.limit, Wanted: sum, Excess: sum - *b.limit}
}
