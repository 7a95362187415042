package deviceset

import (
	"crypto/sha256"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// waveByBook follows the rule in words: the first 8 bytes of the hash as a
// number, its remainder by the sum, the first wave whose weights exceed it.
func waveByBook(id string, weights []int64, seed string) int {
	h := sha256.New()
	h.Write([]byte(seed))
	h.Write([]byte{0})
	h.Write([]byte(id))
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	rest := new(big.Int).Mod(new(big.Int).SetBytes(h.Sum(nil)[:8]), sum)
	for i, w := range weights {
		if rest.Sub(rest, big.NewInt(w)).Sign() < 0 {
			return i
		}
	}
	return -1
}

func TestWaves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, 5), 1, 6).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "positive")] = rapid.Int64Range(1, 1<<31).Draw(t, "weight")
		seed := rapid.String().Draw(t, "seed")
		waves, err := NewWaves(weights, seed)
		if err != nil {
			t.Fatal(err)
		}
		set, more := drawSet(t, "devices"), drawSet(t, "more")
		split := waves.Split(set)
		if len(split) != len(weights) {
			t.Fatalf("%d waves for %d weights", len(split), len(weights))
		}
		var all Set
		for i, wave := range split {
			if !slices.Equal(Set(wave), set.Wave(waves, i)) {
				t.Fatalf("wave %d is %v and %v", i, wave, set.Wave(waves, i))
			}
			for _, id := range wave {
				if want := waveByBook(id, weights, seed); want != i {
					t.Fatalf("%s is in wave %d, want %d", id, i, want)
				}
			}
			// A list that grows moves nobody.
			if moved := Set(wave).Minus(set.Union(more).Wave(waves, i)); len(moved) > 0 {
				t.Fatalf("wave %d lost %v", i, moved)
			}
			all = append(all, wave...)
		}
		slices.Sort(all)
		if !slices.Equal(all, set) {
			t.Fatalf("the waves hold %v of %v", all, set)
		}
	})
}

func TestWaveOfKnownDevices(t *testing.T) {
	t.Parallel()
	// Computed by other programs: sha256sum, and Python's hashlib.
	waves, err := NewWaves([]int64{1, 9, 90}, "2026")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"0339a95176c4bfbb029ef319318ee151": 2,
		"1000598611113":                    2,
		"设备":                               1,
		"a":                                1,
		"0000000000000000000000000010cbc5": 0,
		"00000000000000000000000000013556": 1,
		"00000000000000000000000000000000": 2,
	}
	for id, wave := range want {
		if got := waves.Of(id); got != wave {
			t.Errorf("%s is in wave %d, want %d", id, got, wave)
		}
	}
}

func TestWavesFollowTheirWeights(t *testing.T) {
	t.Parallel()
	waves, err := NewWaves([]int64{1, 0, 9, 90}, "2026")
	if err != nil {
		t.Fatal(err)
	}
	const n = 100_000
	for i, percent := range []int{1, 0, 9, 90} {
		got, want := len(numbered("d", n).Wave(waves, i)), n*percent/100
		if got < want*9/10 || got > want*11/10 {
			t.Errorf("wave %d has %d devices, want about %d", i, got, want)
		}
	}
}

func TestNewWavesRefusesBadWeights(t *testing.T) {
	t.Parallel()
	for name, weights := range map[string][]int64{
		"none": nil, "all zero": {0, 0}, "negative": {1, -1}, "too large": {1, 1<<31 + 1},
	} {
		if _, err := NewWaves(weights, ""); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
