// Package sample has mutants that its test kills and others that survive.
package sample

// Clamp returns n, but at least 0 and at most 10.
func Clamp(n int) int {
	calls++
	if n < 0 {
		n = 0
	}
	if n > 10 {
		return 10
	}
	return n
}

var calls int
