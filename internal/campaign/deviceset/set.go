package deviceset

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Max is how many devices a set may have: as many as a product can.
const Max = 1_000_000

// Set is a sorted list of device ids without duplicates. It is immutable, so sets may share memory.
type Set []string

// New returns the set of ids. Its error names the first invalid id by its position, counted from 0.
func New(ids []string) (Set, error) {
	if len(ids) > Max {
		return nil, fmt.Errorf("%d device ids; a set may have at most %d", len(ids), Max)
	}
	element := func(i int) string { return fmt.Sprintf("element %d", i) }
	for i, id := range ids {
		if problem := idProblem(id); problem != "" {
			return nil, fmt.Errorf("%s: device id %s %s", element(i), quoted(id), problem)
		}
	}
	return sorted(ids, element)
}

// sorted returns a sorted copy of ids. Its error names the places of a duplicate.
func sorted(ids []string, place func(i int) string) (Set, error) {
	set := Set(slices.Clone(ids))
	slices.Sort(set)
	for i := 1; i < len(set); i++ {
		if set[i] != set[i-1] {
			continue
		}
		var places []string
		for j, id := range ids {
			if id == set[i] {
				places = append(places, place(j))
			}
		}
		return nil, fmt.Errorf("device id %q is listed more than once: %s", set[i], strings.Join(places, ", "))
	}
	return set, nil
}

// Of returns the set of ids from the platform. It sorts ids in place and drops duplicates.
func Of(ids []string) Set {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Digest returns the hex SHA-256 of the ids joined by newlines. In HCL it is sha256(join("\n", sort(ids))).
func (s Set) Digest() string {
	h := sha256.New()
	w := bufio.NewWriter(h)
	for i, id := range s {
		if i > 0 {
			_ = w.WriteByte('\n')
		}
		_, _ = w.WriteString(id)
	}
	_ = w.Flush()
	return hex.EncodeToString(h.Sum(nil))
}

// Contains reports whether id is in the set.
func (s Set) Contains(id string) bool {
	_, found := slices.BinarySearch(s, id)
	return found
}

// Minus returns the ids of s that are not in other.
func (s Set) Minus(other Set) Set {
	if len(other) == 0 {
		return s
	}
	if slices.Equal(s, other) {
		return nil // the usual case, with much less work
	}
	rest := make(Set, 0, max(0, len(s)-len(other)))
	i := 0
	for _, id := range s {
		for i < len(other) && other[i] < id {
			i++
		}
		if i == len(other) || other[i] != id {
			rest = append(rest, id)
		}
	}
	return rest
}

// Union returns the ids of both sets.
func (s Set) Union(other Set) Set {
	all := make(Set, 0, len(s)+len(other))
	for len(s) > 0 && len(other) > 0 {
		switch c := strings.Compare(s[0], other[0]); {
		case c < 0:
			all, s = append(all, s[0]), s[1:]
		case c > 0:
			all, other = append(all, other[0]), other[1:]
		default:
			all, s, other = append(all, s[0]), s[1:], other[1:]
		}
	}
	return append(append(all, s...), other...)
}

// Wave returns the ids that belong to one wave.
func (s Set) Wave(waves *Waves, index int) Set {
	var share Set
	for _, id := range s {
		if waves.Of(id) == index {
			share = append(share, id)
		}
	}
	return share
}

// Intersection returns the ids that are in both sets.
func (s Set) Intersection(other Set) Set { return s.Minus(s.Minus(other)) }

// idProblem returns why id can't be a device id, "" if it can. The API joins ids with commas, so an id can't
// contain one.
func idProblem(id string) string {
	switch {
	case id == "":
		return "is empty"
	case len(id) > maxIDLength:
		return fmt.Sprintf("is longer than %d bytes", maxIDLength)
	}
	if plain(id) {
		return ""
	}
	for _, r := range id {
		switch {
		case r == ',':
			return "contains a comma"
		case r == unicode.ReplacementChar:
			return "is not valid UTF-8"
		case unicode.IsSpace(r):
			return "contains white space"
		case unicode.IsControl(r):
			return "contains a control character"
		case !unicode.IsGraphic(r):
			return fmt.Sprintf("contains the invisible character %U", r)
		}
	}
	return ""
}

// plain reports whether an id consists of visible ASCII without commas, as nearly every id does.
func plain(id string) bool {
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return true
}

// quoted returns an id in quotes, shortened if it is very long.
func quoted(id string) string {
	const shown = 80
	if len(id) <= shown {
		return strconv.Quote(id)
	}
	return strconv.Quote(id[:shown]) + "…"
}

// maxIDLength exceeds the ids that the platform assigns (32 characters).
const maxIDLength = 256
