package cli

import "strings"

// Ending returns an output without the text before the plan. If the plan was applied,
// Ending also leaves out the plan.
func Ending(output string) string {
	if at := strings.LastIndex(output, "\nPlan: "); at >= 0 && strings.Contains(output[at:], "...") {
		return output[at:]
	}
	if _, after, found := strings.Cut(output, "releases.\n"); found {
		return after
	}
	return output
}

// oneLine returns an output without frames and line breaks.
func oneLine(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(output)), " ")
}
