// Command aep-simulator serves the simulated platform over HTTP. With a
// command, it watches or changes a platform that runs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "aep-simulator:", err)
		os.Exit(1)
	}
}

// run performs a command, or serves a platform until the context ends.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return perform(ctx, args, stdout)
	}
	return serve(ctx, args, stdout)
}
