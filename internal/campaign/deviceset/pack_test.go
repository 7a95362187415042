package deviceset

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPackBringsEverySetBack(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{
		"nothing":           nil,
		"one":               {"0"},
		"hex":               {"00", "00ff", "0a0b", "ff00"},
		"upper-case hex":    {"00FF", "AB", "AB00"},
		"both cases":        {"aB", "ab"},
		"hex of odd length": {"0", "0a", "abc"},
		"digits alone":      {"10005986000001", "10005986000002"},
		"no hex":            {"device-1", "device-2", "水表-3"},
		"a long beginning":  {strings.Repeat("a", 30) + strings.Repeat("0", 30), strings.Repeat("a", 30) + "1", strings.Repeat("a", 32)},
		"the longest":       {strings.Repeat("a", maxIDLength), strings.Repeat("b", maxIDLength)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := New(ids)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := set.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Unpack(packed); err != nil || !slices.Equal(got, set) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// TestPackedSetsAreSmall bounds what a set of 100,000 devices adds to a state,
// which holds the packed text in base64 twice: random ids, and ids in a row.
func TestPackedSetsAreSmall(t *testing.T) {
	t.Parallel()
	const size = 100_000
	for name, c := range map[string]struct {
		id   func(i int) string
		most int // bytes of packed text
	}{
		"random hex digits":       {func(i int) string { return hash(i)[:32] }, 2_300_000},
		"random upper-case":       {func(i int) string { return strings.ToUpper(hash(i)[:32]) }, 2_300_000},
		"11 digits in a row":      {func(i int) string { return fmt.Sprintf("%011d", 13_400_000_000+i) }, 5_500},
		"31 digits in a row":      {func(i int) string { return fmt.Sprintf("%031d", i) }, 5_500},
		"32 digits in a row":      {func(i int) string { return fmt.Sprintf("%032d", i) }, 5_500},
		"product id and a number": {func(i int) string { return fmt.Sprintf("10005986%06d", i) }, 5_500},
		"hex digits in a row":     {func(i int) string { return fmt.Sprintf("%032x", i) }, 5_500},
		"a name and a number":     {func(i int) string { return fmt.Sprintf("meter-%d", i) }, 5_500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids := make([]string, size)
			for i := range ids {
				ids[i] = c.id(i)
			}
			set, err := New(ids)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := set.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if len(packed) > c.most {
				t.Errorf("%d ids such as %s take %d bytes, want at most %d", size, set[0], len(packed), c.most)
			}
		})
	}
}

func hash(i int) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return hex.EncodeToString(sum[:])
}

// TestUnpackReadsWhatEarlierVersionsPacked holds a text that a state may contain.
func TestUnpackReadsWhatEarlierVersionsPacked(t *testing.T) {
	t.Parallel()
	const packed = "eAEAJwDY/wAxMDAwNTk4NjAwMDAwMQoNMgoAZGV2aWNlLTEKAOawtOihqC0zCgEAAP//qcwKzw"
	want := Set{"10005986000001", "10005986000002", "device-1", "水表-3"}
	if got, err := Unpack(packed); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestUnpackRefusesWhatPackNeverWrites(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"half an id":             "\x00a",
		"more shared than there": "\x00a\n\x02b\n",
		"out of order":           "\x00b\n\x00a\n",
		"twice the same":         "\x00a\n\x01\n",
		"an empty id":            "\x00\n",
		"an id with a comma":     "\x00a,b\n",
	} {
		if got, err := Unpack(deflated(t, text)); err == nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got, err := Unpack(deflated(t, "\x00ab\n\x01c\n")); err != nil || !slices.Equal(got, Set{"ab", "ac"}) {
		t.Errorf("got %v, %v, want [ab ac]", got, err)
	}
}

func deflated(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.RawStdEncoding.EncodeToString(b.Bytes())
}

func BenchmarkUnpackMillion(b *testing.B) {
	set, err := parseDevices(bytes.NewReader(million()))
	if err != nil {
		b.Fatal(err)
	}
	packed, err := set.Pack()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Unpack(packed); err != nil {
			b.Fatal(err)
		}
	}
}
