package cli

import "strings"

// Ending is an output without what Terraform says before it plans, and, where
// it was carried out, without the plan.
func Ending(output string) string {
	if at := strings.LastIndex(output, "\nPlan: "); at >= 0 && strings.Contains(output[at:], "...") {
		return output[at:]
	}
	if _, after, found := strings.Cut(output, "releases.\n"); found {
		return after
	}
	return output
}

// oneLine is an output without frames and line breaks.
func oneLine(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(output)), " ")
}
