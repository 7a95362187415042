package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// candidateRows is how many rows are read for the candidates of an error.
const candidateRows = 100

// search is a look-up of one object among the rows of lists.
type search[T any] struct {
	kind      string
	productID int64 // 0: any product
	by, value string
	describe  func(T) Candidate
	product   func(T) int64 // product of a row, 0 if it has none; nil if the lists have rows of the product only
	// newest permits several matches, of which the newest is returned.
	newest bool
	// refusal is the failure that made the search necessary, nil if there was none.
	refusal error
}

// find returns the only match that belongs to the product. It reads the lists in their order, until one has such a
// match. If there is a fallback, the lists are searches, and it is the whole list. It is read if all searches are
// empty. Its rows are candidates for the message.
func (s search[T]) find(ctx context.Context, fallback reader[T], lists ...reader[T]) (T, error) {
	var none T
	var seen aep.Listing[T]
	searched := 0 // rows of lists before a fallback
	if fallback != nil {
		lists = append(lists, fallback)
	}
	for i, read := range lists {
		if fallback != nil && i == len(lists)-1 {
			if searched = len(seen.Rows); searched > 0 {
				break
			}
		}
		list, err := read(ctx)
		if err != nil {
			return none, s.failed(err)
		}
		if own := filtered(list.Rows, func(row T) bool { return s.matches(row) && s.owns(row) }); len(own) > 0 {
			return s.only(own)
		}
		seen.Rows = append(seen.Rows, list.Rows...)
		seen.Total += list.Total
	}
	e := s.none(seen)
	e.Whole = searched == 0 && int64(len(seen.Rows)) >= seen.Total
	return none, e
}

// failed returns the error for a list that could not be read.
func (s search[T]) failed(err error) error {
	if s.refusal == nil {
		return err
	}
	return fmt.Errorf("%w; %w", s.refusal, err)
}

func (s search[T]) matches(row T) bool { return s.valueOf(s.describe(row)) == s.value }

// valueOf returns the attribute that is compared.
func (s search[T]) valueOf(c Candidate) string {
	switch s.by {
	case ByName:
		return c.Name
	case ByVersion:
		return c.Version
	}
	return idText(c.ID)
}

// owns reports whether a row belongs to the product.
func (s search[T]) owns(row T) bool {
	return s.product == nil || ofProduct(s.product(row), s.productID)
}

// only returns the only one of some matches, or the newest.
func (s search[T]) only(matches []T) (T, error) {
	if len(matches) == 1 {
		return matches[0], nil
	}
	var none T
	if !s.newest {
		return none, s.several(matches)
	}
	newest := s.newestOf(matches)
	if len(newest) > 1 {
		e := s.several(newest)
		e.Undated = true
		return none, e
	}
	return newest[0], nil
}

// newestOf returns the matches that may be the newest: those created last, and those without a time.
func (s search[T]) newestOf(matches []T) []T {
	last := slices.MaxFunc(matches, func(a, b T) int { return s.describe(a).CreatedAt.Compare(s.describe(b).CreatedAt) })
	return filtered(matches, func(row T) bool {
		at := s.describe(row).CreatedAt
		return at.IsZero() || at.Equal(s.describe(last).CreatedAt)
	})
}

func (s search[T]) error() *MatchError {
	return &MatchError{Kind: s.kind, ProductID: s.productID, By: s.by, Value: s.value, Err: s.refusal}
}

// several returns the error for more than one match.
func (s search[T]) several(matches []T) *MatchError {
	e := s.error()
	e.Matches, e.Total = len(matches), int64(len(matches))
	for _, row := range matches[:min(len(matches), MaxCandidates)] {
		e.Rows = append(e.Rows, s.describe(row))
	}
	return e
}

// none returns the error for no match. Its candidates are rows of the product, those most alike first.
func (s search[T]) none(seen aep.Listing[T]) *MatchError {
	e := s.error()
	own := filtered(seen.Rows, s.owns)
	if i := slices.IndexFunc(seen.Rows, s.matches); i >= 0 {
		e.OtherProduct = s.product(seen.Rows[i])
	}
	e.Total = seen.Total - int64(len(seen.Rows)-len(own))
	for _, row := range own {
		e.Rows = append(e.Rows, s.describe(row))
	}
	slices.SortStableFunc(e.Rows, func(a, b Candidate) int { return cmp.Compare(s.distance(a), s.distance(b)) })
	e.Rows = e.Rows[:min(len(e.Rows), MaxCandidates)]
	return e
}

// distance returns how much a candidate differs from the wanted value. It returns 0 if only in case and white
// space, 1 if one contains the other, otherwise 2.
func (s search[T]) distance(c Candidate) int {
	got, want := folded(s.valueOf(c)), folded(s.value)
	switch {
	case got == want:
		return 0
	case strings.Contains(got, want), got != "" && strings.Contains(want, got):
		return 1
	}
	return 2
}

// folded returns a text in lower case, without white space.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
