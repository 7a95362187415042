// Package coretest plays Terraform's core for tests of the provider. The provider
// runs in the process of the test, and its requests reach a simulated platform
// without a socket. Only tests import this package.
//
// The words are those of Terraform:
//
//   - The platform is a [simulator.Platform] from [NewPlatform]. A test acts at its
//     console (create, join, cancel, start), gives it faults, and reads its journal.
//   - The provider is served over protocol 6 behind a [Core]. A walk configures the
//     provider again; a plan and an apply are walks of their own.
//   - A configuration is a [Config]: arguments by name. [Unknown] is a value that is
//     known after apply.
//   - The state of one resource is an [Instance]. [Core.Apply] creates, updates,
//     replaces or destroys it. [Core.Import] finds it by its id.
//   - The plan of one resource is a [Change], with the action, the planned values and
//     the diagnostics.
//
// A [Core] works on single resources. A [Workspace] works on a configuration of
// several resources, in the orders that Terraform may choose. It knows deposed objects,
// targets, moved blocks and lost processes. Its [Monitor] fails the test for each
// request that no run may send.
//
// Both fail the test where core would report a bug in the provider. A plan must agree
// with its configuration, a final plan with the plan, and a new state with its plan.
//
// Tests run in a bubble of [testing/synctest], where an hour passes at once.
// [CheckUnknowns] asks all arguments of a resource for unknown values. Package lives
// plays random campaigns, and package cli drives the real Terraform.
//
// TestExample in example_test.go is a test to begin with.
package coretest
