// Package ownership registers what one run does with tasks and devices. It knows which set claims which
// device of which task, which tasks stay, leave and are created, and which starts are planned. It does no I/O
// and needs no connection to the platform.
package ownership
