package deviceset

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Max is how many devices a set may have: all that a product can hold.
const Max = 1_000_000

// maxIDLength is far above the ids that the platform hands out (32 characters).
const maxIDLength = 256

const maxLine = 64 << 10 // bytes

// Set is a sorted list of device ids without duplicates. It is not changed
// once made, so sets may share their elements.
type Set []string

// New checks ids and sorts a copy of them. Its error names the first
// id at fault by its position, counted from 0.
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

// sorted returns a sorted copy of ids, or an error that names a duplicate by
// its places.
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

// Of sorts ids that the platform has given, and drops duplicates.
func Of(ids []string) Set {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// idProblem says why id can't be a device id, "" if it can. The API joins ids
// with commas, so one with a comma would be two.
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

// plain reports whether an id is made of visible ASCII without commas, as nearly
// every id is.
func plain(id string) bool {
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return true
}

// quoted shows an id in an error, cut where it goes on for too long.
func quoted(id string) string {
	const shown = 80
	if len(id) <= shown {
		return strconv.Quote(id)
	}
	return strconv.Quote(id[:shown]) + "…"
}

// ReadFile reads a file of device ids: one a line; blank lines and those
// that begin with # do not count; CRLF and a byte order mark are accepted. Its
// errors name the line at fault.
func ReadFile(path string) (Set, error) {
	// Opening what is no regular file, such as a pipe, may wait for ever.
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	set, err := parseDevices(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return set, nil
}

func parseDevices(r io.Reader) (Set, error) {
	var (
		ids     []string
		lines   []int32 // where each id stands
		texts   arena
		scanner = bufio.NewScanner(r)
		number  int32
	)
	scanner.Buffer(make([]byte, maxLine), maxLine)
	for scanner.Scan() {
		number++
		line := scanner.Bytes()
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		id := texts.add("", line)
		if problem := idProblem(id); problem != "" {
			return nil, fmt.Errorf("line %d: device id %s %s", number, quoted(id), problem)
		}
		if len(ids) == Max {
			return nil, fmt.Errorf("line %d: a set may have at most %d devices", number, Max)
		}
		ids, lines = append(ids, id), append(lines, number)
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d is longer than %d bytes; a file holds one device id a line", number+1, maxLine)
	case err != nil:
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	return sorted(ids, func(i int) string { return fmt.Sprintf("line %d", lines[i]) })
}

// arena makes strings that share large pieces of memory: a million small ones
// keep the garbage collector busy.
type arena struct{ piece strings.Builder }

const arenaPiece = 256 << 10 // bytes; at least maxLine

// add returns the string that head and rest make together.
func (a *arena) add(head string, rest []byte) string {
	if a.piece.Cap()-a.piece.Len() < len(head)+len(rest) {
		a.piece = strings.Builder{}
		a.piece.Grow(arenaPiece)
	}
	start := a.piece.Len()
	a.piece.WriteString(head)
	a.piece.Write(rest)
	return a.piece.String()[start:]
}

// Digest returns the hex SHA-256 of the ids joined by newlines: in HCL,
// sha256(join("\n", sort(ids))).
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
		return nil // the usual case, at a fraction of the work
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
