package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// command is a command line without the program's name.
type command struct {
	name, arguments, summary string

	// prepare declares the flags of the command. It returns what the command
	// does with them.
	prepare func(*flag.FlagSet) action
}

// action performs a command.
type action func(context.Context, session) error

// session is one command on a running platform. args are the arguments that
// are no flags.
type session struct {
	*client

	args []string
	out  io.Writer
}

// invoke performs a command with the arguments after its name. -h prints its
// flags to out.
func (c command) invoke(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	endpoint := flags.String("endpoint", "", "`URL` of the simulated platform, by default the variable AEP_ENDPOINT")
	do := c.prepare(flags)
	positional, err := parseMixed(flags, args)
	*endpoint = cmp.Or(*endpoint, os.Getenv("AEP_ENDPOINT"))
	switch {
	case errors.Is(err, flag.ErrHelp):
		words := strings.Fields(c.name + " " + c.arguments + " [flags]")
		fmt.Fprintf(out, "Usage: aep-simulator %s\n\nThe command %s. Its flags:\n", strings.Join(words, " "), c.summary)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w; see aep-simulator %s -h", c.name, err, c.name)
	case *endpoint == "":
		return fmt.Errorf("%s: no platform is named: set AEP_ENDPOINT as the start of the platform prints it, or use -endpoint", c.name)
	}
	if err := do(ctx, session{&client{strings.TrimSuffix(*endpoint, "/")}, positional, out}); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}

// parseMixed parses flags before, between and after the other arguments, which
// it returns.
func parseMixed(flags *flag.FlagSet, args []string) (positional []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return positional, nil
		}
		positional = append(positional, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// arguments returns an error unless there are as many arguments as names.
func (s session) arguments(names ...string) error {
	if len(s.args) == len(names) {
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("%d arguments, but it takes none", len(s.args))
	}
	return fmt.Errorf("%d arguments, but it takes %d: %s", len(s.args), len(names), strings.Join(names, " "))
}

// optional returns a function that sets a text.
func optional(value **string) func(string) error {
	return func(text string) error {
		*value = &text
		return nil
	}
}

// optionalNumber returns a function that sets a number.
func optionalNumber(value **int) func(string) error {
	return func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("not a number")
		}
		*value = &number
		return nil
	}
}
