package deviceset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want Set
	}{
		"empty":                  {"", nil},
		"nothing but comments":   {"# a\n\n   \n#b", nil},
		"sorted":                 {"b\na\nc\n", Set{"a", "b", "c"}},
		"without a last newline": {"b\na", Set{"a", "b"}},
		"byte order mark":        {"\xef\xbb\xbfb\na\n", Set{"a", "b"}},
		"mark before a comment":  {"\xef\xbb\xbf# x\na\n", Set{"a"}},
		"carriage returns":       {"b\r\na\r\n\r\n", Set{"a", "b"}},
		"blanks around":          {"  b\t\n\ta \n", Set{"a", "b"}},
		"comments":               {"# head\nb\n  # in between\na\n#end", Set{"a", "b"}},
		"longest id":             {strings.Repeat("x", 256), Set{strings.Repeat("x", 256)}},
		"comment in GBK":         {"# \xb1\xb8\xd7\xa2\r\na\r\n", Set{"a"}},
		"not only ascii":         {"设备1\n", Set{"设备1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "devices.txt")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ReadFile(path)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestReadFileNamesTheLineAtFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"duplicate":         {"a\nb\n# a\na\r\nc\na", `device id "a" is listed more than once: line 1, line 4, line 6`},
		"comma":             {"a\nb,c\n", `line 2: device id "b,c" contains a comma`},
		"space":             {"a\n\nb c\n", `line 3: device id "b c" contains white space`},
		"no-break space":    {"a\u00a0b", `line 1: device id "a\u00a0b" contains white space`},
		"old Mac newlines":  {"a\rb", `line 1: device id "a\rb" contains white space`},
		"binary":            {"\x7fELF\x02\x00\x00", `line 1 is not UTF-8 text`},
		"control character": {"a\x01b", `line 1: device id "a\x01b" contains a control character`},
		"zero width space":  {"a\u200bb", `line 1: device id "a\u200bb" contains the invisible character U+200B`},
		"mark further down": {"a\n\ufeffb", `line 2: device id "\ufeffb" contains the invisible character U+FEFF`},
		"UTF-16":            {"\xff\xfea\x00\n", `line 1 is not UTF-8 text`},
		"invalid UTF-8":     {"# \xff is fine here\n\xe8\xae", `line 2 is not UTF-8 text`},
		"too long":          {strings.Repeat("x", 257), `line 1: device id "` + strings.Repeat("x", 80) + `"… is longer than 256 bytes`},
		"endless line":      {"a\n" + strings.Repeat("x", maxLine+1), `line 2 is longer than 65536 bytes`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseDevices(strings.NewReader(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) || got != nil {
				t.Errorf("got %v, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

func TestReadFileThatIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v", err)
		}
	}
}

func TestDeviceFileMayHoldAMillion(t *testing.T) {
	t.Parallel()
	set, err := parseDevices(bytes.NewReader(million()))
	if err != nil || len(set) != Max {
		t.Fatalf("got %d, %v", len(set), err)
	}
	_, err = parseDevices(bytes.NewReader(append(million(), "one-more\n"...)))
	if err == nil || !strings.Contains(err.Error(), "line 1000001") {
		t.Errorf("got %v", err)
	}
	if _, err = New(make([]string, Max+1)); err == nil {
		t.Error("a set may have too many devices")
	}
}

// numbered makes n ids in a row.
func numbered(prefix string, n int) Set {
	set := make(Set, n)
	for i := range set {
		set[i] = fmt.Sprintf("%s%07d", prefix, i)
	}
	return set
}

// million is a file of as many ids as a set may have.
func million() []byte {
	text := make([]byte, 0, 33*Max)
	for i := range Max {
		text = fmt.Appendf(text, "%032x\n", uint64(i)*0x9e3779b97f4a7c15)
	}
	return text
}

func TestNewNamesTheElementAtFault(t *testing.T) {
	t.Parallel()
	given := []string{"b", "a"}
	set, err := New(given)
	if err != nil || !slices.Equal(set, Set{"a", "b"}) || given[0] != "b" {
		t.Errorf("got %v, %v of %v", set, err, given)
	}
	for want, ids := range map[string][]string{
		`element 1: device id "" is empty`:                             {"a", ""},
		`device id "a" is listed more than once: element 0, element 2`: {"a", "b", "a"},
	} {
		if _, err := New(ids); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func drawSet(t *rapid.T, label string) Set {
	drawn := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-e]{1,3}`), 0, 40, rapid.ID).Draw(t, label)
	set, err := New(drawn)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func members(set Set) map[string]bool {
	m := map[string]bool{}
	for _, id := range set {
		m[id] = true
	}
	return m
}

func TestSetsBehaveAsSets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSet(t, "a"), drawSet(t, "b")
		inA, inB := members(a), members(b)
		minus, union := map[string]bool{}, maps.Clone(inB)
		for id := range inA {
			union[id] = true
			if !inB[id] {
				minus[id] = true
			}
		}
		for name, got := range map[string]Set{"minus": a.Minus(b), "union": a.Union(b)} {
			want := minus
			if name == "union" {
				want = union
			}
			if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
				t.Fatalf("%s: got %v", name, got)
			}
		}
		for id := range union {
			if a.Contains(id) != inA[id] {
				t.Fatalf("a contains %s: %t", id, a.Contains(id))
			}
		}
		if a.Contains("zzz") {
			t.Fatal("a contains what it does not")
		}
		sum := sha256.Sum256([]byte(strings.Join(a, "\n")))
		if a.Digest() != hex.EncodeToString(sum[:]) {
			t.Fatalf("digest %s", a.Digest())
		}
		packed, err := a.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Unpack(packed); err != nil || !slices.Equal(back, a) {
			t.Fatalf("unpacked %v, %v", back, err)
		}
	})
}

func TestUnpackRefusesWhatIsCorrupt(t *testing.T) {
	t.Parallel()
	good, err := numbered("d", 500).Pack()
	if err != nil {
		t.Fatal(err)
	}
	pack := func(set Set) string {
		packed, err := set.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return packed
	}
	for name, packed := range map[string]string{
		"nothing":          "",
		"no base64":        "!" + good,
		"cut":              good[:len(good)/2],
		"cut at the end":   good[:len(good)-4],
		"trailing garbage": good + "AAAA",
		"a byte changed":   good[:40] + string(good[40]^1) + good[41:],
		"out of order":     pack(Set{"b", "a"}),
		"twice":            pack(Set{"a", "a"}),
		"an empty id":      pack(Set{"", "a"}),
		"an id with comma": pack(Set{"a,b"}),
	} {
		if set, err := Unpack(packed); err == nil {
			t.Errorf("%s: unpacked %d ids", name, len(set))
		}
	}
	if set, err := Unpack(good); err != nil || len(set) != 500 {
		t.Errorf("got %d, %v", len(set), err)
	}
}

func FuzzParseDevices(f *testing.F) {
	for _, seed := range []string{"", "a\nb\r\n#c\n", "\xef\xbb\xbfa\n a \n", "a,b\n", "\xff\n", "a\na\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := parseDevices(bytes.NewReader(text))
		if err != nil {
			return
		}
		for i, id := range set {
			if idProblem(id) != "" || i > 0 && id <= set[i-1] || !bytes.Contains(text, []byte(id)) {
				t.Fatalf("%q at %d", id, i)
			}
		}
		again, err := parseDevices(strings.NewReader(strings.Join(set, "\n")))
		if err != nil && !slices.ContainsFunc(set, func(id string) bool { return id[0] == '#' }) || err == nil && !slices.Equal(again, set) {
			t.Fatalf("read again: %v, %v", again, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	good, _ := numbered("d", 5).Pack()
	f.Add(good)
	f.Add("")
	f.Add(good[:10])
	f.Fuzz(func(t *testing.T, packed string) {
		set, err := Unpack(packed)
		if err != nil {
			return
		}
		again, err := set.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Unpack(again); err != nil || !slices.Equal(back, set) {
			t.Fatalf("%v came back as %v, %v", set, back, err)
		}
	})
}
