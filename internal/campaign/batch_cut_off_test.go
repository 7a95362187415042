package campaign

import (
	"fmt"
	"strings"
	"testing"
)

// TestCutOffIsFoundAmongExceptions reads batches as texts: x shows, and a dot is missing.
func TestCutOffIsFoundAmongExceptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent string // batches
		size int
		cut  string // positions of the items that were cut off, in all batches together
		sure bool
	}{
		"nothing sent":                       {"", 0, "[]", false},
		"all show":                           {"xxxx xx", 4, "[]", false},
		"two are cut off":                    {"xx xx.. xx....", 2, "[4 5 8 9 10 11]", true},
		"one is cut off":                     {"xxx xxx...", 3, "[6 7 8]", false},
		"a bad item before the cut":          {"xxx .xx..... xxx.....", 3, "[6 7 8 9 10 14 15 16 17 18]", true},
		"a bad item at the end":              {"xxxx xxx. xxxx", 4, "[]", false},
		"joined by others behind the cut":    {"xxx......x xxx.......", 3, "[3 4 5 6 7 8 13 14 15 16 17 18 19]", true},
		"a batch that shows nothing is late": {"xx.. ....", 2, "[2 3]", false},
		"nothing shows":                      {".... ...", 0, "[]", false},
		"every second is bad":                {"x.x.x.xx", 8, "[]", false},
	} {
		b := &batchOperation[int]{most: maxBatch, size: new(batchSize), Runner: New(nil, Options{})}
		all := strings.ReplaceAll(c.sent, " ", "")
		items := numbers(len(all))
		for _, batch := range strings.Fields(c.sent) {
			b.sent, items = append(b.sent, items[:len(batch)]), items[len(batch):]
		}
		got := b.cutOff(func(i int) bool { return all[i] == 'x' })
		if len(got.items) == 0 {
			got.items = []int{}
		}
		if got.size != c.size || fmt.Sprint(got.items) != c.cut || got.sure != c.sure {
			t.Errorf("%s: got %+v, want %d, %s, %t", name, got, c.size, c.cut, c.sure)
		}
	}
}
