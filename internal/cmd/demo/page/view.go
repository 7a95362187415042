package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"time"
)

//go:embed page.css
var style string

// view is what the template shows.
type view struct {
	Data

	Style                  template.CSS
	Headline               string
	Bad                    string // the firmware of the last campaign
	Lead                   string
	Tiles                  []tile
	Cards                  []card
	Lanes                  []lane
	MapLegend, ChartLegend []Phase
	Ticks                  []tick
	Marks                  []mark
	End                    time.Duration
	Bars                   []bar
	Gate                   gate
	StepRows               []bar
}

// tile is a number with its meaning.
type tile struct{ Number, Words, Class string }

// card is the map of a campaign.
type card struct {
	Firmware, Verdict, Class string
	Summary                  string
	Rows                     []row
}

// row is a wave on the map.
type row struct {
	Title, Outcome, Gate, Class, Alt string
	Devices                          int
	Dots                             dots
}

// lane is a wave on the time axis.
type lane struct {
	Firmware, Title, Note, Alt string
	Devices                    int
	Areas                      []area
}

// mark is an event on the time axis.
type mark struct {
	Number         int
	Percent, Title string
	At             time.Duration
}

// gate is the verdict on the wave that stopped the last campaign.
type gate struct {
	Parts []gatePart
	Words string
}

// gatePart is the share of the devices in one phase.
type gatePart struct{ Class, Percent, Words string }

// bar is a labelled length.
type bar struct{ Label, Words, Value, Percent string }

// newView prepares a run for the template.
func newView(d Data) view {
	v := view{Data: d, MapLegend: mapLegend(d), ChartLegend: chartLegend(d)}
	v.Style = template.CSS(style) //nolint:gosec // The style sheet is a file of this package.
	v.End = lastSample(d)
	v.Ticks = newTicks(v.End)
	for i, e := range d.Events {
		v.Marks = append(v.Marks, mark{i + 1, percent(e.At, v.End), e.Title, e.At})
	}
	for _, c := range d.Campaigns {
		v.Cards = append(v.Cards, newCard(c))
		for _, w := range c.Waves {
			v.Lanes = append(v.Lanes, newLane(c, w, v.End))
		}
	}
	v.Bars, v.StepRows = codeBars(d.Failures.Codes), stepBars(d.Steps)
	v.summarize()
	return v
}

// mapLegend returns the phases on the maps.
func mapLegend(d Data) []Phase {
	return phasesOf(d, func(w Wave, p Phase) bool { return w.Count(p) > 0 })
}

// chartLegend returns the phases on the time axis.
func chartLegend(d Data) []Phase {
	return phasesOf(d, func(w Wave, p Phase) bool {
		return slices.ContainsFunc(w.Samples, func(s Sample) bool { return s.Counts[p] > 0 })
	})
}

// phasesOf returns the phases that some wave has.
func phasesOf(d Data, has func(Wave, Phase) bool) []Phase {
	return slices.DeleteFunc(append(slices.Clone(stack), Untouched), func(p Phase) bool {
		return !slices.ContainsFunc(d.Campaigns, func(c Campaign) bool {
			return slices.ContainsFunc(c.Waves, func(w Wave) bool { return has(w, p) })
		})
	})
}

// summarize sets what the head of the page says about the first and the last
// campaign.
func (v *view) summarize() {
	if len(v.Campaigns) == 0 {
		return
	}
	first, last := v.Campaigns[0], v.Campaigns[len(v.Campaigns)-1]
	canary := last.Waves[0]
	v.Bad = last.Firmware
	v.Headline = fmt.Sprintf("A bad firmware reached %s of %s devices", group(last.Reached()), group(last.Devices()))
	v.Lead = fmt.Sprintf("Firmware %s went to all devices in %d waves. ", first.Firmware, len(first.Waves)) +
		fmt.Sprintf("Firmware %s failed in its canary, so the gate stopped the campaign: ", last.Firmware) +
		fmt.Sprintf("%s devices stayed untouched.", group(last.Count(Untouched)))
	v.Tiles = []tile{
		{group(first.Count(Succeeded)), "devices upgraded to " + first.Firmware, "succeeded"},
		{group(last.Reached()), "devices tried firmware " + last.Firmware, "progress"},
		{group(last.Count(Failed)), "of them failed", "failed"},
		{group(last.Count(Untouched)), "devices stayed untouched", "untouched"},
	}
	v.Gate = newGate(canary, last.Firmware)
}

func newGate(w Wave, firmware string) gate {
	var g gate
	n := max(1, len(w.Devices))
	for _, p := range stack {
		if count := w.Count(p); count > 0 {
			g.Parts = append(g.Parts, gatePart{p.Class(), fmt.Sprintf("%.2f%%", 100*float64(count)/float64(n)), fmt.Sprintf("%d %s", count, p)})
		}
	}
	g.Words = fmt.Sprintf("%d %% of the %s took firmware %s. The gate asks for %d %%.", 100*w.Count(Succeeded)/n, w.Title, firmware, w.Minimum)
	return g
}

func newCard(c Campaign) card {
	shown := card{Firmware: c.Firmware, Verdict: "passed", Class: "passed"}
	shown.Summary = fmt.Sprintf("%s of %s devices upgraded", group(c.Count(Succeeded)), group(c.Devices()))
	for _, w := range c.Waves {
		if w.TaskID > 0 && !w.Passed() {
			shown.Verdict, shown.Class = "stopped at the "+w.Title, "stopped"
			shown.Summary = fmt.Sprintf("%s of %s devices untouched", group(c.Count(Untouched)), group(c.Devices()))
		}
		shown.Rows = append(shown.Rows, newRow(w))
	}
	return shown
}

func newRow(w Wave) row {
	r := row{Title: w.Title, Outcome: w.outcome(), Devices: len(w.Devices), Dots: newDots(w.Devices)}
	switch {
	case w.TaskID == 0:
		r.Gate, r.Class = "not started", "none"
	case w.Passed():
		r.Gate, r.Class = "gate passed", "passed"
	default:
		r.Gate, r.Class = "gate failed", "stopped"
	}
	r.Alt = fmt.Sprintf("%s wave, %s devices, one dot each: %s.", w.Title, group(len(w.Devices)), r.Outcome)
	return r
}

func newLane(c Campaign, w Wave, end time.Duration) lane {
	l := lane{Firmware: c.Firmware, Title: w.Title, Devices: len(w.Devices), Areas: newAreas(w.Samples, end)}
	if len(l.Areas) == 0 {
		l.Note = "never created"
		l.Alt = fmt.Sprintf("Firmware %s, %s: the task was never created.", c.Firmware, w.Title)
		return l
	}
	from, to := w.Samples[0].At, w.Samples[len(w.Samples)-1].At
	l.Alt = fmt.Sprintf("Firmware %s, %s: from %s to %s, at the end %s.", c.Firmware, w.Title, seconds(from), seconds(to), w.outcome())
	return l
}

func codeBars(codes []Code) []bar {
	most := 0
	for _, c := range codes {
		most = max(most, c.Devices)
	}
	var bars []bar
	for _, c := range codes {
		bars = append(bars, bar{c.Code, c.Words, group(c.Devices), fmt.Sprintf("%d%%", 100*c.Devices/max(1, most))})
	}
	return bars
}

func stepBars(steps []Step) []bar {
	longest := time.Duration(1)
	for _, s := range steps {
		longest = max(longest, s.Took)
	}
	var bars []bar
	for _, s := range steps {
		bars = append(bars, bar{Label: s.Title, Value: seconds(s.Took), Percent: percent(s.Took, longest)})
	}
	return bars
}

// lastSample returns the time of the last sample of all waves.
func lastSample(d Data) time.Duration {
	var last time.Duration
	for _, c := range d.Campaigns {
		for _, w := range c.Waves {
			if n := len(w.Samples); n > 0 {
				last = max(last, w.Samples[n-1].At)
			}
		}
	}
	return last
}
