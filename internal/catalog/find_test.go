package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// listOf returns a reader of rows, which counts its calls.
func listOf[T any](calls *int, rows ...T) reader[T] {
	return func(context.Context) (aep.Listing[T], error) {
		*calls++
		return aep.Listing[T]{Rows: rows, Total: int64(len(rows))}, nil
	}
}

func named(id int64, name string) aep.Firmware { return aep.Firmware{ID: id, Name: name} }

// ids returns the ids of the rows of an error.
func ids(e *MatchError) (all []int64) {
	for _, one := range e.Rows {
		all = append(all, one.ID)
	}
	return all
}

// matchError returns err as a *MatchError.
func matchError(t *testing.T, err error) *MatchError {
	t.Helper()
	e, ok := errors.AsType[*MatchError](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	return e
}

func TestFindReadsListsUntilOneMatches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second, fallback []aep.Firmware
		want                    int64
		calls                   [3]int
	}{
		"in the first list":       {[]aep.Firmware{named(1, "ab"), named(2, "a")}, []aep.Firmware{named(3, "a")}, nil, 2, [3]int{1, 0, 0}},
		"in the second list":      {[]aep.Firmware{named(1, "ab")}, []aep.Firmware{named(3, "a")}, nil, 3, [3]int{1, 1, 0}},
		"in the fallback":         {nil, nil, []aep.Firmware{named(4, "a")}, 4, [3]int{1, 1, 1}},
		"nowhere":                 {nil, nil, []aep.Firmware{named(4, "b")}, 0, [3]int{1, 1, 1}},
		"nowhere, but resembling": {nil, []aep.Firmware{named(4, "ab")}, []aep.Firmware{named(5, "a")}, 0, [3]int{1, 1, 0}},
	} {
		var calls [3]int
		f, err := firmwareSearch(7, ByName, "a").find(t.Context(), listOf(&calls[2], c.fallback...),
			listOf(&calls[0], c.first...), listOf(&calls[1], c.second...))
		if f.ID != c.want || (err == nil) != (c.want != 0) || calls != c.calls {
			t.Errorf("%s: firmware %d, %v, calls %v", name, f.ID, err, calls)
		}
		if err != nil && matchError(t, err).Whole != (calls[2] == 1) {
			t.Errorf("%s: %+v", name, err)
		}
	}
}

// The candidates are those most alike first, then in the order of the platform. There are at most ten.
func TestCandidatesAreInOrder(t *testing.T) {
	t.Parallel()
	rows := []aep.Firmware{named(1, "other"), named(2, "water meter 2"), named(3, "Water\tMETER"), named(4, "meter"), named(5, "")}
	for i := range 10 {
		rows = append(rows, named(int64(10+i), "x"))
	}
	var calls int
	_, err := firmwareSearch(7, ByName, "Water meter").find(t.Context(), nil, listOf(&calls, rows...))
	e := matchError(t, err)
	if got, want := ids(e), []int64{3, 2, 4, 1, 5, 10, 11, 12, 13, 14}; !slices.Equal(got, want) || e.Total != 15 || e.Matches != 0 {
		t.Errorf("candidates %v, want %v; of %d, %d matches", got, want, e.Total, e.Matches)
	}
}

// A row of another product is neither a match nor a candidate. Its product is named if it is the only match.
func TestRowsOfOtherProducts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows  []aep.DeviceGroup
		id    int64
		other int64
		total int64
	}{
		"only another":        {[]aep.DeviceGroup{{ID: 1, ProductID: 8, Name: "a"}, {ID: 2, ProductID: 7, Name: "b"}}, 0, 8, 1},
		"another and its own": {[]aep.DeviceGroup{{ID: 1, ProductID: 8, Name: "a"}, {ID: 2, ProductID: 7, Name: "a"}}, 2, 0, 0},
		"without a product":   {[]aep.DeviceGroup{{ID: 1, Name: "a"}}, 1, 0, 0},
		"candidates":          {[]aep.DeviceGroup{{ID: 1, ProductID: 8, Name: "ab"}, {ID: 2, ProductID: 7, Name: "abc"}}, 0, 0, 1},
	} {
		var calls int
		g, err := groupSearch(7, ByName, "a").find(t.Context(), nil, listOf(&calls, c.rows...))
		if g.ID != c.id {
			t.Errorf("%s: group %d, want %d", name, g.ID, c.id)
		}
		if c.id != 0 {
			continue
		}
		if e := matchError(t, err); e.OtherProduct != c.other || e.Total != c.total || !slices.Equal(ids(e), []int64{2}) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestNewestMatch(t *testing.T) {
	t.Parallel()
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	for name, c := range map[string]struct {
		times   []time.Time
		newest  int64   // id of the match
		undated []int64 // ids of the matches that may be the newest
	}{
		"in order":               {[]time.Time{at(1), at(2), at(3)}, 3, nil},
		"the first":              {[]time.Time{at(3), at(2), at(1)}, 1, nil},
		"only one":               {[]time.Time{{}}, 1, nil},
		"equal":                  {[]time.Time{at(1), at(2), at(2)}, 0, []int64{2, 3}},
		"equal, but not newest":  {[]time.Time{at(1), at(1), at(2)}, 3, nil},
		"without times":          {[]time.Time{{}, {}}, 0, []int64{1, 2}},
		"one without a time":     {[]time.Time{at(1), {}, at(2)}, 0, []int64{2, 3}},
		"equal in another place": {[]time.Time{at(2), at(2).UTC()}, 0, []int64{1, 2}},
	} {
		s := firmwareSearch(7, ByName, "a")
		s.newest = true
		var rows []aep.Firmware
		for i, created := range c.times {
			rows = append(rows, aep.Firmware{ID: int64(i + 1), Name: "a", CreatedAt: created})
		}
		f, err := s.only(rows)
		if f.ID != c.newest {
			t.Errorf("%s: firmware %d, want %d: %v", name, f.ID, c.newest, err)
		}
		if c.undated == nil {
			continue
		}
		if e := matchError(t, err); !e.Undated || !slices.Equal(ids(e), c.undated) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// A list that fails after a refusal does not hide the refusal.
func TestListThatFailsAfterARefusal(t *testing.T) {
	t.Parallel()
	refusal, failure := errors.New("no such firmware"), errors.New("no list")
	s := firmwareSearch(7, ByID, "1")
	s.refusal = refusal
	fails := func(context.Context) (aep.Listing[aep.Firmware], error) { return aep.Listing[aep.Firmware]{}, failure }
	if _, err := s.find(t.Context(), nil, fails); !errors.Is(err, refusal) || !errors.Is(err, failure) {
		t.Error(err)
	}
	s.refusal = nil
	if _, err := s.find(t.Context(), nil, fails); fmt.Sprint(err) != "no list" {
		t.Error(err)
	}
}

func TestMatchErrorText(t *testing.T) {
	t.Parallel()
	refusal := errors.New("code 1: none")
	for want, e := range map[string]MatchError{
		"product 1 does not exist":                                {Kind: KindProduct, By: ByID, Value: "1"},
		`firmware with version "1.0" of product 7 does not exist`: {Kind: KindFirmware, By: ByVersion, Value: "1.0", ProductID: 7},
		`device group with name "a" of product 7: 2 match`:        {Kind: KindGroup, By: ByName, Value: "a", ProductID: 7, Matches: 2},
		"device group 3 belongs to product 8, not to product 7":   {Kind: KindGroup, By: ByID, Value: "3", ProductID: 7, OtherProduct: 8},
		"firmware 9 of product 7 does not exist (code 1: none)":   {Kind: KindFirmware, By: ByID, Value: "9", ProductID: 7, Err: refusal},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
