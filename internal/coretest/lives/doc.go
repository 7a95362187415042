// Package lives plays random lives of campaigns, for tests only.
//
// A life is a campaign on a simulated platform whose every switch is drawn. Its moves
// are drawn, too: changes of the configuration, runs of Terraform with faults, and
// actions at the console. The monitor of package coretest inspects
// every request. Invariants are checked after each apply. At the end, two applies
// without faults at most bring the platform to the configuration.
//
// The seed draws all of it, so that a life can be played again.
package lives
