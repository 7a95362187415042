package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// commands returns the commands in the order of the help.
func commands() []command { return slices.Concat(taskCommands, deviceCommands, platformCommands) }

// perform performs the command that the arguments name.
func perform(ctx context.Context, args []string, out io.Writer) error {
	family := false
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && slices.Equal(words, args[:len(words)]) {
			return c.invoke(ctx, args[len(words):], out)
		}
		family = family || words[0] == args[0]
	}
	switch {
	case !family:
		return fmt.Errorf("no command is named %q; see aep-simulator -h", args[0])
	case len(args) > 1 && slices.Contains([]string{"-h", "-help", "--help"}, args[1]):
		fmt.Fprintf(out, "The commands of aep-simulator %s. Each has -h.\n", args[0])
		return listCommands(out, args[0]+" ")
	case len(args) == 1:
		return fmt.Errorf("%s needs a command; see aep-simulator %s -h", args[0], args[0])
	}
	return fmt.Errorf("no command is named %q; see aep-simulator %s -h", strings.Join(args[:2], " "), args[0])
}

// printHelp prints the help of the program.
func printHelp(flags *flag.FlagSet, out io.Writer) {
	fmt.Fprint(out, "aep-simulator [flags] starts a simulated platform, until Ctrl-C.\n"+
		"aep-simulator COMMAND watches or changes a platform that runs. TASK and PRODUCT are an id or an exact name.\n\nCommands:\n")
	_ = listCommands(out, "") // An error of the output has no other way out.
	fmt.Fprint(out, "\nFlags of the start:\n")
	flags.SetOutput(out)
	flags.PrintDefaults()
}

// listCommands prints one line for each command whose name begins with a
// prefix.
func listCommands(out io.Writer, prefix string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		if strings.HasPrefix(c.name, prefix) {
			fmt.Fprintf(table, "  %s %s\t%s\n", c.name, c.arguments, c.summary)
		}
	}
	return table.Flush()
}
