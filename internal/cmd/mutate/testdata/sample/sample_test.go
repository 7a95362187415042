package sample

import "testing"

func TestClamp(t *testing.T) {
	for n, want := range map[int]int{-1: 0, 5: 5, 12: 10} {
		if got := Clamp(n); got != want {
			t.Errorf("Clamp(%d) is %d, want %d", n, got, want)
		}
	}
}
