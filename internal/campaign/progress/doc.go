// Package progress decides what the states of subtasks mean: which phase a state
// code means, how many devices are in each phase, and whether a task meets its
// gates. It does no I/O.
//
// The platform's documents number the states of LwM2M subtasks in two ways under one
// API version. Evidence in the rows decides which numbering is in use.
package progress
