// Package progress decides what the states of subtasks mean. It maps state codes to phases, counts devices by
// phase, and judges whether a task meets its gates. It does no I/O.
//
// The platform's documents number the states of LwM2M subtasks in two ways under one API version. Evidence in
// the rows decides which numbering is in use.
package progress
