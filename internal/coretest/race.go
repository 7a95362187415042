//go:build race

package coretest

// raceDetector is true under the race detector; see WithoutRaceDetector.
const raceDetector = true
