package deviceset

import (
	"bytes"
	"testing"
)

func BenchmarkParseMillion(b *testing.B) {
	file := million()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseDevices(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSetsOfMillion(b *testing.B) {
	set, err := parseDevices(bytes.NewReader(million()))
	if err != nil {
		b.Fatal(err)
	}
	half := make(Set, 0, len(set)/2)
	for i := 0; i < len(set); i += 2 {
		half = append(half, set[i])
	}
	waves, err := NewWaves([]int64{1, 9, 90}, "seed")
	if err != nil {
		b.Fatal(err)
	}
	for name, do := range map[string]func(){
		"digest": func() { _ = set.Digest() },
		"minus":  func() { _ = set.Minus(half) },
		"union":  func() { _ = set.Union(half) },
		"wave":   func() { _ = set.Wave(waves, 1) },
		"pack":   func() { _, _ = set.Pack() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
