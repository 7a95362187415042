package campaign

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// spell notes which of the missing devices the task lists in another spelling.
func (m *membership) spell(ids deviceset.Set, joined []aep.JoinedDevice) {
	missing := ids.Minus(m.present())
	if len(missing) == 0 {
		return
	}
	asked := make(map[string]string, len(missing))
	for _, id := range missing {
		asked[folded(id)] = id
	}
	m.spelled = make(map[string]string)
	for _, d := range joined {
		if id, ok := asked[folded(d.ID)]; ok && !ids.Contains(d.ID) {
			m.spelled[id] = d.ID
		}
	}
}

// folded returns an id without what a platform may disregard: case and
// surrounding blanks.
func folded(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

// SpellingError says that a task lists devices whose ids differ from those asked
// for in case or blanks only.
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

// misspelled returns a *SpellingError, or nil if every device is listed as asked for.
func (m membership) misspelled(key aep.TaskKey) error {
	if len(m.spelled) == 0 {
		return nil
	}
	var asked deviceset.Set
	for id := range m.spelled {
		asked = append(asked, id)
	}
	first := slices.Min(asked)
	return &SpellingError{Key: key, Asked: first, Listed: m.spelled[first], Count: len(asked)}
}

// Misspelled returns the first pair of ids, one of each set, that differ in case
// or blanks only.
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
