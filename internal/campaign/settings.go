package campaign

import (
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"golang.org/x/text/unicode/norm"
)

// SameText reports whether the platform may show b where a was written: it may trim
// a text, and compose its characters in another way.
func SameText(a, b string) bool {
	return norm.NFC.String(strings.TrimSpace(a)) == norm.NFC.String(strings.TrimSpace(b))
}

// Shows reports whether a task shows the settings that a request has written. Texts
// are compared by SameText. A number that the platform leaves out is not compared.
func Shows(t aep.Task, q aep.ModifyTaskRequest) bool {
	return SameText(t.Name, q.Name) && SameText(t.Description, q.Description) &&
		(q.RetryTimes == nil || t.RetryTimes == nil || *t.RetryTimes == *q.RetryTimes) &&
		(q.TimeoutHours == nil || t.TimeoutHours == 0 || t.TimeoutHours == *q.TimeoutHours)
}
