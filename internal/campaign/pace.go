package campaign

import (
	"math"
	"time"
)

// pace is the progress of work that began at start.
type pace struct{ start time.Time }

// fields returns the fields of a log line: done, total, the rate a second, and the time that is left at this
// rate. The last two are absent while nothing is done.
func (p pace) fields(done, total int) map[string]any {
	fields := map[string]any{"done": done, "total": total}
	took := time.Since(p.start)
	if done > 0 && took > 0 {
		fields["per_second"] = math.Round(float64(done)/took.Seconds()*10) / 10
		left := float64(took) / float64(done) * float64(total-done)
		fields["left"] = time.Duration(left).Round(time.Second).String()
	}
	return fields
}
