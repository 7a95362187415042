package campaign

import (
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// folded returns an id in lower case and without blanks around it, as some platforms
// compare ids.
func folded(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

// SpellingError says that a task lists devices under ids that differ in case or
// blanks.
type SpellingError struct {
	Key    aep.TaskKey
	Asked  string
	Listed string
	Count  int
}

func (e *SpellingError) Error() string {
	return fmt.Sprintf("task %d of product %d lists device %q, which was asked for as %q (%d devices in all differ in this way)",
		e.Key.TaskID, e.Key.ProductID, e.Listed, e.Asked, e.Count)
}

// Misspelled returns the first pair of ids, one of each set, that differ only in case
// or blanks.
func Misspelled(a, b deviceset.Set) (x, y string, found bool) {
	byFold := make(map[string]string, len(a))
	for _, id := range a {
		byFold[folded(id)] = id
	}
	for _, id := range b {
		if other, ok := byFold[folded(id)]; ok && other != id {
			return other, id, true
		}
	}
	return "", "", false
}
