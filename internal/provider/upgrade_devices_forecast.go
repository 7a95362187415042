package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// checkCreateTime warns if a new set would take longer than its time limits. unlisted is how many other devices
// it cancels.
func (p *setPlanning) checkCreateTime(ctx context.Context, unlisted int) {
	if p.known {
		p.checkTime(ctx, opCreate, p.plan, 0, campaign.Work{Held: unlisted, Attach: len(p.want.set), Detach: unlisted})
		p.checkReadTime(ctx)
	}
}

// checkUpdateTime warns if a change would take longer than the time limits of its set.
func (p *setPlanning) checkUpdateTime(ctx context.Context, add, cancel int) {
	p.checkTime(ctx, opUpdate, p.plan, p.ledger.size(), campaign.Work{Held: int(p.ledger.Expected()), Attach: add, Detach: cancel})
	p.checkReadTime(ctx)
}

// checkDeleteTime warns if the cancel of the members would take longer than the time limit.
func (p *setPlanning) checkDeleteTime(ctx context.Context, l ledger) {
	p.checkTime(ctx, opDelete, p.state, l.size(), campaign.Work{Held: int(l.Expected()), Detach: l.active(l.All)})
}

// checkReadTime warns if the comparison of each device, which every later plan makes, would take longer than
// the time limit.
func (p *setPlanning) checkReadTime(ctx context.Context) {
	mode, n := p.plan.DriftDetection.ValueString(), len(p.want.set)
	if mode == driftFull || mode == driftAuto && n <= fullDriftLimit {
		p.checkTime(ctx, opRead, p.plan, n, campaign.Work{Held: n, Check: n})
	}
}

// checkTime warns if the work of an operation would take longer than its time limit. m has the arguments that
// the operation uses, and members is how many devices the set has then.
func (p *setPlanning) checkTime(ctx context.Context, operation string, m upgradeDevicesModel, members int, work campaign.Work) {
	runner := p.runner()
	if runner == nil || timeoutUnknown(m, operation) {
		return
	}
	block, defaults := m.limitsFor(int64(len(p.want.set)), int64(members))
	limit, _ := operationLimit(ctx, operation, block, defaults) // an invalid limit was refused before
	conditions := runner.Conditions(int(m.BatchSize.ValueInt64()))
	if forecast := work.Forecast(conditions); forecast.Duration > limit {
		p.diags.Append(takesLonger(m, operation, limit, estimate{work, conditions, forecast}))
	}
}

// timeoutUnknown reports whether the time limit of an operation is known only after apply.
func timeoutUnknown(m upgradeDevicesModel, operation string) bool {
	value := m.Timeouts.Attributes()[operation]
	return m.Timeouts.IsUnknown() || value != nil && value.IsUnknown()
}

// estimate is a forecast with its inputs.
type estimate struct {
	campaign.Work
	campaign.Conditions
	campaign.Forecast
}

func takesLonger(m upgradeDevicesModel, operation string, limit time.Duration, e estimate) diag.Diagnostic {
	task := ""
	if m.taskKnown() {
		task = " of " + m.taskName()
	}
	then := "What is done within the limit is in the state, and the next apply continues."
	switch operation {
	case opRead:
		then = "Every plan makes this comparison. drift_detection = \"count\" compares only the number of devices."
	case opDelete:
		then = "A destroy uses the limit that was applied."
	}
	return warning("Time limit shorter than the work",
		"%s: %s%s takes about %s, and timeouts.%s is %s. The estimate counts %s:%s\n\n"+
			"Set timeouts.%s = %q. %s\n\n"+
			"A larger batch_size or page_size needs fewer calls, if the platform accepts it. "+
			"max_concurrent_requests and requests_per_second permit more calls at once. "+
			"Waves divide the devices among several applies.",
		m.named(), e.workText(), task, inBrief(e.Duration), operation, trimmed(limit), counted(e.Calls(), "call", "calls"), e.callLines(),
		operation, trimmed(ampleLimit(e.Duration)), then)
}

// workText returns what is done to how many devices.
func (e estimate) workText() string {
	var parts []string
	for _, one := range []struct {
		verb    string
		devices int
	}{{"attaching", e.Attach}, {"cancelling", e.Detach}, {"comparing", e.Check}} {
		if one.devices > 0 {
			parts = append(parts, one.verb+" "+countedDevices(one.devices, ""))
		}
	}
	return strings.Join(parts, " and ")
}

// callLines lists the calls of a forecast, and what decides how long they take. The text begins with a newline.
func (e estimate) callLines() string {
	var b strings.Builder
	if e.Batches > 0 {
		fmt.Fprintf(&b, "\n  - %s with up to %s each, one after the other", grouped(e.Batches), countedDevices(e.BatchSize, ""))
	}
	if e.Reads > 0 {
		fmt.Fprintf(&b, "\n  - %s that read up to %s each, %d at once", grouped(e.Reads), counted(e.PageSize, "row", "rows"), e.Concurrency)
	}
	if e.RequestsPerSecond > 0 {
		fmt.Fprintf(&b, "\n  - at most %g calls a second", e.RequestsPerSecond)
	}
	source := "as measured in this run"
	if !e.Measured {
		source = "assumed: this run has measured none"
	}
	fmt.Fprintf(&b, "\n  - %s for a call, %s", inBrief(e.Latency), source)
	return b.String()
}

// ampleLimit returns a time limit for work that takes about d: half as much again, in steps of five minutes.
func ampleLimit(d time.Duration) time.Duration { return roundedUp(d*3/2, 5*time.Minute) }

func roundedUp(d, step time.Duration) time.Duration { return (d + step - 1).Truncate(step) }

// inBrief returns a duration, rounded up to what matters, such as 0.35s, 48s and 21m.
func inBrief(d time.Duration) string {
	switch {
	case d > 2*time.Minute:
		return trimmed(roundedUp(d, time.Minute))
	case d > 10*time.Second:
		return trimmed(roundedUp(d, time.Second))
	}
	return trimmed(roundedUp(d, 10*time.Millisecond))
}

// trimmed returns a duration as people write it, such as 10m instead of 10m0s.
func trimmed(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
