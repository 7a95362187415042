package campaign

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestPackBringsEverySetBack(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{
		"nothing":            nil,
		"one":                {"0"},
		"hex":                {"00", "00ff", "0a0b", "ff00"},
		"upper-case hex":     {"00FF", "AB", "AB00"},
		"both cases":         {"aB", "ab"},
		"hex of odd length":  {"0", "0a", "abc"},
		"digits alone":       {"10005986000001", "10005986000002"},
		"no hex":             {"device-1", "device-2", "水表-3"},
		"lengths at a bound": {strings.Repeat("a", 30) + strings.Repeat("0", 30), strings.Repeat("a", 30) + strings.Repeat("1", 30), strings.Repeat("a", 32)},
		"the longest":        {strings.Repeat("a", maxIDLength), strings.Repeat("b", maxIDLength)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := NewDeviceSet(ids)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := set.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := UnpackDeviceSet(packed); err != nil || !slices.Equal(got, set) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// A set of 100,000 devices must fit a state of 5 MB, which writes the packed
// text in base64 twice more.
func TestPackedSetsAreSmall(t *testing.T) {
	t.Parallel()
	const size = 10_000
	p := simulator.New(simulator.Options{Products: simulator.DefaultProducts(size)})
	defer p.Close()
	for _, product := range []int64{simulator.LwM2MProduct, simulator.TLinkProduct} {
		for _, change := range []func(string) string{strings.ToLower, strings.ToUpper} {
			var ids []string
			for _, id := range p.DeviceIDs(product) {
				ids = append(ids, change(id))
			}
			set, err := NewDeviceSet(ids)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := set.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if state := len(packed) * 16 / 9; state > size*40 {
				t.Errorf("%d ids such as %s take %d bytes of state", size, set[0], state)
			}
		}
	}
}

func TestUnpackRefusesWhatPackNeverWrites(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"an unknown form":    "?",
		"half a length":      "x\xff\x00",
		"a length too long":  "x\x02a",
		"more than is there": "x\x11a",
		"out of order":       "x\x01b\x01a",
		"twice the same":     "x\x01a\x10",
		"an empty id":        "x\x00",
		"no deflated text":   "t\x01a",
	} {
		sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(data)))
		if got, err := UnpackDeviceSet(base64.RawStdEncoding.EncodeToString(append(sum, data...))); err == nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
	good := "x\x01a"
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(good)))
	if got, err := UnpackDeviceSet(base64.RawStdEncoding.EncodeToString(append(sum, good...))); err != nil || !slices.Equal(got, DeviceSet{"61"}) {
		t.Errorf("got %v, %v", got, err)
	}
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
		if _, err := UnpackDeviceSet(packed); err != nil {
			b.Fatal(err)
		}
	}
}
