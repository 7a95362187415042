//go:build race

package coretest

// raceDetector slows tests down; see WithoutRaceDetector and Thinning.
const raceDetector = true

// Thinning is by how much tests of many cases are cut down under the race
// detector, which makes each case many times as slow; make runs them without, too.
const Thinning = 16
