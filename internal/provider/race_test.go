//go:build race

package provider_test

// raceDetector slows tests down; see withoutRaceDetector and thinning.
const raceDetector = true

// thinning is by how much tests of many cases are cut down under the race
// detector, which makes each case many times as slow; make runs them without, too.
const thinning = 16
