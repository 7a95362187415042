//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup gives a command a process group of its own. So Ctrl-C in a terminal
// reaches the program through Interrupt only. At a second interrupt, Terraform
// would end without saving its state.
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends a process and all processes that it started, at once.
func killGroup(process *os.Process) error { return syscall.Kill(-process.Pid, syscall.SIGKILL) }
