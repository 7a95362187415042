package page

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// many returns n devices in one phase.
func many(p Phase, n int) []Phase { return slices.Repeat([]Phase{p}, n) }

// run returns a small run: one campaign that passes, and one that its canary stops.
func run() Data {
	s := time.Second
	return Data{
		Program: "Terraform 1.2.3", Product: "Water meters", Duration: 9 * s,
		Campaigns: []Campaign{
			{Firmware: "1.0", Waves: []Wave{
				{Title: "canary", TaskID: 1, Minimum: 100, Devices: many(Succeeded, 2), Samples: []Sample{
					{0, Counts{InProgress: 2}}, {2 * s, Counts{Succeeded: 2}},
				}},
				{Title: "rest", TaskID: 2, Minimum: 90, Devices: append(many(Succeeded, 1199), Failed), Samples: []Sample{
					{2 * s, Counts{Waiting: 1200}}, {4 * s, Counts{Succeeded: 1199, Failed: 1}},
				}},
			}},
			{Firmware: "2.0", Waves: []Wave{
				{Title: "canary", TaskID: 3, Minimum: 100, Devices: []Phase{Succeeded, Failed, Failed, Cancelled}, Samples: []Sample{
					{5 * s, Counts{InProgress: 4}}, {8 * s, Counts{Succeeded: 1, Failed: 2, Cancelled: 1}},
				}},
				{Title: "rest", Minimum: 90, Devices: many(Untouched, 1198)},
			}},
		},
		Events:   []Event{{3 * s, "Ctrl-C"}},
		Failures: Failures{Codes: []Code{{"8", "update failed", 2}}, Devices: []Device{{"d<1>", "n", "update failed", "1.0"}}},
		Steps:    []Step{{"plan", s}, {"apply", 4 * s}},
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	d := run()
	bad := d.Campaigns[1]
	if bad.Devices() != 1202 || bad.Reached() != 4 || bad.Count(Failed) != 2 || bad.Passed() {
		t.Errorf("%d devices, %d reached, %d failed, passed: %v", bad.Devices(), bad.Reached(), bad.Count(Failed), bad.Passed())
	}
	if !d.Campaigns[0].Passed() {
		t.Error("the first campaign has not passed")
	}
	for want, w := range map[string]Wave{
		"all succeeded": d.Campaigns[0].Waves[0], "1,199 succeeded, 1 failed": d.Campaigns[0].Waves[1],
		"1 succeeded, 2 failed, 1 cancelled": bad.Waves[0], "all untouched": bad.Waves[1],
	} {
		if got := w.outcome(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for want, n := range map[string]int{"0": 0, "999": 999, "1,000": 1000, "1,002,003": 1002003} {
		if got := group(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestDots draws a wave of a row and a half, and a small one.
func TestDots(t *testing.T) {
	t.Parallel()
	wave := slices.Concat(many(Succeeded, 99), many(Failed, 2), many(Succeeded, 49))
	got := newDots(wave)
	want := []dotPath{{"succeeded", "M3 3h589M9 9h289"}, {"failed", "M597 3h1M3 9h1"}}
	if got.Width != 600 || got.Height != 12 || !slices.Equal(got.Paths, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if small := newDots(many(Untouched, 50)); small.Width != 300 || small.Height != 6 || small.Paths[0].D != "M3 3h295" {
		t.Errorf("50 devices: %+v", small)
	}
}

// TestDotsAreAsManyAsDevices adds up the lengths of all lines.
func TestDotsAreAsManyAsDevices(t *testing.T) {
	t.Parallel()
	var wave []Phase
	for i := range 4999 {
		wave = append(wave, Phase(i*i%7%int(phases)))
	}
	lines := regexp.MustCompile(`h(\d+)`)
	total := 0
	for _, p := range newDots(wave).Paths {
		for _, match := range lines.FindAllStringSubmatch(p.D, -1) {
			total += (atoi(t, match[1]) + pitch - 1) / pitch
		}
	}
	if total != len(wave) {
		t.Errorf("%d dots for %d devices", total, len(wave))
	}
}

func atoi(t *testing.T, digits string) (n int) {
	t.Helper()
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

func TestAreas(t *testing.T) {
	t.Parallel()
	w := run().Campaigns[1].Waves[0]
	got := newAreas(w.Samples, 10*time.Second)
	want := []area{
		{"succeeded", "M500.0 100.0L800.0 75.0L800.0 100.0L500.0 100.0Z"},
		{"failed", "M500.0 100.0L800.0 25.0L800.0 75.0L500.0 100.0Z"},
		{"cancelled", "M500.0 100.0L800.0 0.0L800.0 25.0L500.0 100.0Z"},
		{"progress", "M500.0 0.0L800.0 0.0L800.0 0.0L500.0 100.0Z"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if none := newAreas(w.Samples[:1], time.Second); none != nil {
		t.Errorf("one sample has the areas %q", none)
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for end, want := range map[time.Duration]string{
		2500 * time.Millisecond: "0 s 1 s 2 s", 29 * time.Second: "0 s 5 s 10 s 15 s 20 s 25 s", 0: "0 s",
		2 * time.Minute: "0 s 20 s 40 s 60 s 80 s 100 s 120 s",
	} {
		var labels []string
		for _, tick := range newTicks(end) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%s: got %q, want %q", end, got, want)
		}
	}
}

// rendered returns the page of the small run.
func rendered(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, run()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPage looks for what each section says.
func TestPage(t *testing.T) {
	t.Parallel()
	html := rendered(t)
	for _, words := range []string{
		"<h1>A bad firmware reached 4 of 1,202 devices</h1>", "Terraform 1.2.3", "1,198 devices stayed untouched",
		"canary wave, 4 devices, one dot each: 1 succeeded, 2 failed, 1 cancelled.", "stopped at the canary", "gate passed", "not started",
		"Firmware 2.0, canary: from 5.0 s to 8.0 s, at the end 1 succeeded, 2 failed, 1 cancelled.", "never created", "after 3.0 s",
		"25 % of the canary took firmware 2.0. The gate asks for 100 %.", "<code>8</code> update failed",
		"d&lt;1&gt;", "<th scope=\"row\">apply</th>",
	} {
		if !strings.Contains(html, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("the template has filtered a value")
	}
}

// TestPageStandsAlone looks for scripts and references, and for pictures without
// a text alternative.
func TestPageStandsAlone(t *testing.T) {
	t.Parallel()
	html := rendered(t)
	if found := regexp.MustCompile(`<script|<img|<iframe|@import|url\(|https?://|\son\w+=`).FindAllString(html, -1); len(found) > 0 {
		t.Errorf("the page has %q", found)
	}
	pictures, named := strings.Count(html, "<svg"), regexp.MustCompile(`<svg[^>]* role="img" aria-label="[^"]+"`).FindAllString(html, -1)
	if pictures != 8 || len(named) != pictures {
		t.Errorf("%d of %d pictures have a text alternative, want 8", len(named), pictures)
	}
	_, body, _ := strings.Cut(html, "<body>")
	decoder := xml.NewDecoder(strings.NewReader("<body>" + strings.TrimSuffix(body, "</html>\n")))
	for {
		if _, err := decoder.Token(); err != nil {
			if err.Error() != "EOF" {
				t.Errorf("the elements are not closed: %v", err)
			}
			break
		}
	}
}
