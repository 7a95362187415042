package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"pgregory.net/rapid"
)

// foundSubtasks returns rows as the result of a search, in the older numbering of LwM2M.
func foundSubtasks(rows []aep.Subtask) campaign.FoundSubtasks {
	counts := progress.NewCounts(progress.Query{Protocol: aep.LwM2M}, progress.Table2019).Tally(rows)
	return campaign.FoundSubtasks{
		Listing: aep.Listing[aep.Subtask]{Rows: rows, Total: int64(len(rows))}, Histogram: counts.Histogram(), Phase: counts.Phase,
	}
}

func lwM2MTask() aep.Task {
	return aep.Task{
		ID: 3456, ProductID: 10005977, Name: "Meters | north <b>", Status: aep.TaskRunning, FirmwareVersion: "1.3251",
		KnownProtocol: aep.LwM2M,
	}
}

func TestSubtasksMarkdown(t *testing.T) {
	t.Parallel()
	rows := []aep.Subtask{
		sampleSubtask,
		{ID: 92, DeviceID: "f2", DeviceName: "@octocat #12", Code: 7, ResultCode: "8", VersionBefore: "1.2000"},
		{ID: 93, DeviceID: "f3", Code: 7, ResultCode: "5000", VersionAfter: "1.3251"},
		{ID: 94, DeviceID: "f4", ResultCode: "-1"},
	}
	found := foundSubtasks(rows)
	found.Truncated, found.Total = true, 1234
	const want = `### Meters &#124; north &lt;b&gt;

Task 3456 of product 10005977: status running, firmware version ` + "`1.3251`" + `, 4 devices.

| Phase, of the whole task | Devices |
| --- | --- |
| waiting | 1 |
| succeeded | 1 |
| failed | 2 |

| Result code, of the returned subtasks | Subtasks |
| --- | --- |
| ` + "`-1`" + ` no result yet | 1 |
| ` + "`1`" + ` firmware updated | 1 |
| ` + "`5000`" + ` | 1 |
| ` + "`8`" + ` update failed | 1 |

| Firmware version, of the returned subtasks | Subtasks |
| --- | --- |
| ` + "`unknown`" + ` | 2 |
| ` + "`1.2000`" + ` | 1 |
| ` + "`1.3251`" + ` | 1 |

The words for result codes are those of the LwM2M standard (Update Result). The platform documents none.

Truncated by ` + "`max_results`" + `: 4 rows of 1,234 that match.

| Device | Name | Phase | Result | Version | Finished (UTC+8) |
| --- | --- | --- | --- | --- | --- |
| ` + "`f2` | &#64;&#8203;octocat &#35;&#8203;12 | failed | `8` update failed | `1.2000`" + ` |  |
| ` + "`f3` |  | failed | `5000` | → `1.3251`" + ` |  |
| ` + "`f4` |  | waiting | `-1` no result yet | " + ` |  |
| ` + "`f11853c1` | north, gate 1 | succeeded | `1` firmware updated | `1.2000` → `1.3251`" + ` | 2026-05-21 10:35:00 |
`
	if got := (subtasksReport{lwM2MTask(), found}).markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// T-Link has no standard for result codes.
func TestMarkdownHasNoWordsForTLinkResults(t *testing.T) {
	t.Parallel()
	task := lwM2MTask()
	task.KnownProtocol, task.Name, task.FirmwareVersion = aep.TLink, " \n", ""
	got := subtasksReport{task, foundSubtasks([]aep.Subtask{{ID: 1, DeviceID: "a", Code: 8, ResultCode: "8"}})}.markdown()
	if !strings.Contains(got, "\n| `8` | 1 |\n") || strings.Contains(got, "LwM2M") || strings.Contains(got, "update failed") {
		t.Error(got)
	}
	const title = "### Task 3456 of product 10005977\n\nTask 3456 of product 10005977: status running, 1 device.\n"
	if !strings.HasPrefix(got, title) {
		t.Errorf("got\n%s\nwant\n%s", got, title)
	}
}

// That no result means none yet is not of the standard.
func TestMarkdownWithoutResults(t *testing.T) {
	t.Parallel()
	got := subtasksReport{lwM2MTask(), foundSubtasks([]aep.Subtask{{ID: 1, DeviceID: "a", ResultCode: "-1"}})}.markdown()
	if !strings.Contains(got, "\n| `-1` no result yet | 1 |\n") || strings.Contains(got, "standard") {
		t.Error(got)
	}
	got = subtasksReport{lwM2MTask(), foundSubtasks([]aep.Subtask{{ID: 1, DeviceID: "a"}})}.markdown()
	if strings.Contains(got, "Result code,") || strings.Contains(got, "standard") {
		t.Error(got)
	}
}

func TestMarkdownOfNoSubtasks(t *testing.T) {
	t.Parallel()
	const head = "### Meters &#124; north &lt;b&gt;\n\nTask 3456 of product 10005977: status running, firmware version `1.3251`, "
	const sentence = "\nNo subtask is listed: the task has none, or none matches the filters.\n"
	if got := (subtasksReport{lwM2MTask(), foundSubtasks(nil)}).markdown(); got != head+"0 devices.\n"+sentence {
		t.Error(got)
	}
	found := foundSubtasks(nil)
	found.Histogram = progress.Histogram{Total: 1234, Failed: 1234}
	want := head + "1,234 devices.\n\n| Phase, of the whole task | Devices |\n| --- | --- |\n| failed | 1,234 |\n" + sentence
	if got := (subtasksReport{lwM2MTask(), found}).markdown(); got != want {
		t.Error(got)
	}
}

var moreRows = regexp.MustCompile("\n\n([0-9,]+) more rows? (?:is|are) in the attribute `csv`: (.*)\\.\n$")

// The report of a long list ends between 59,000 and 60,000 bytes, with the number of rows that it leaves out.
func TestMarkdownFitsIntoAComment(t *testing.T) {
	t.Parallel()
	hostile := strings.Repeat("<", 300)
	for name, one := range map[string]struct {
		rows  []aep.Subtask
		least int
		first int // rows of the first phase in the table
		rest  string
	}{
		"usual": {manySubtasks(20_000), 59_500, 6667, " failed, 13,333 succeeded"},
		"hostile": {slicesOf(500, aep.Subtask{
			DeviceID: hostile, DeviceName: hostile, ResultCode: hostile, VersionBefore: hostile, VersionAfter: hostile,
		}), 57_000, 500, " waiting"},
	} {
		got := subtasksReport{lwM2MTask(), foundSubtasks(one.rows)}.markdown()
		if len(got) > 60_000 || len(got) < one.least {
			t.Errorf("%s: %d bytes", name, len(got))
		}
		more := moreRows.FindStringSubmatch(got)
		if more == nil {
			t.Fatalf("%s ends with %q", name, got[len(got)-200:])
		}
		_, table, _ := strings.Cut(got, "| Device |")
		shown := strings.Count(table, "\n|") - 1
		if want := grouped(len(one.rows) - shown); more[1] != want || more[2] != grouped(one.first-shown)+one.rest {
			t.Errorf("%s: %s more rows, %s, want %s: %d are shown", name, more[1], more[2], want, shown)
		}
	}
	// Rows of another length end elsewhere.
	for n := range 60 {
		rows := manySubtasks(1000)
		for i := range rows {
			rows[i].DeviceName = strings.Repeat("n", n)
		}
		if got := (subtasksReport{lwM2MTask(), foundSubtasks(rows)}).markdown(); len(got) > 60_000 || len(got) < 59_700 {
			t.Errorf("names of %d characters: %d bytes", n, len(got))
		}
	}
	// All rows fit into this one.
	if got := (subtasksReport{lwM2MTask(), foundSubtasks(manySubtasks(100))}).markdown(); moreRows.MatchString(got) ||
		strings.Count(got, "\n| `device-") != 100 {
		t.Error(got)
	}
}

// Failures are shown even if the platform lists them last. Rows of one phase keep the platform's order.
func TestMarkdownShowsFailuresFirst(t *testing.T) {
	t.Parallel()
	rows := manySubtasks(5000)
	for i := range rows {
		rows[i].Code, rows[i].ResultCode = 8, "1"
	}
	for i, code := range []aep.SubtaskCode{0, 2, 10, 99, 7, 7} {
		rows[4994+i].Code = code
	}
	got := subtasksReport{lwM2MTask(), foundSubtasks(rows)}.markdown()
	_, table, _ := strings.Cut(got, "| Device |")
	for i, want := range []string{
		"4998` |, failed", "4999` |, failed", "4997` |, unknown", "4996` |, cancelled", "4995` |, in progress", "4994` |, waiting",
		"0000` |, succeeded", "0001` |, succeeded",
	} {
		id, phase, _ := strings.Cut(want, ",")
		if line := strings.Split(table, "\n")[2+i]; !strings.Contains(line, id) || !strings.Contains(line, "|"+phase+" |") {
			t.Errorf("row %d: got %s, want %s", i, line, want)
		}
	}
	if more := moreRows.FindStringSubmatch(got); more == nil || more[2] != more[1]+" succeeded" {
		t.Errorf("got %q, want succeeded rows to be left out only", more)
	}
}

// The standard's 0 means "not updated yet", which is wrong for a success.
func TestMarkdownHasNoWordsForSuccessWithResult0(t *testing.T) {
	t.Parallel()
	got := subtasksReport{lwM2MTask(), foundSubtasks([]aep.Subtask{{ID: 1, DeviceID: "a", Code: 8, ResultCode: "0"}})}.markdown()
	if !strings.Contains(got, "| `0` |") || strings.Contains(got, "not updated") || strings.Contains(got, "standard") {
		t.Error(got)
	}
	got = subtasksReport{lwM2MTask(), foundSubtasks([]aep.Subtask{{ID: 1, DeviceID: "a", Code: 2, ResultCode: "0"}})}.markdown()
	if strings.Count(got, "| `0` initial value, not updated yet |") != 2 || !strings.Contains(got, "standard") {
		t.Error(got)
	}
}

// slicesOf returns n copies of a subtask, each with a code of its own.
func slicesOf(n int, s aep.Subtask) []aep.Subtask {
	rows := make([]aep.Subtask, n)
	for i := range rows {
		rows[i] = s
		rows[i].ResultCode = fmt.Sprintf("%d%s", i, s.ResultCode)
	}
	return rows
}

// manySubtasks returns n subtasks as a platform lists them: a third has failed.
func manySubtasks(n int) []aep.Subtask {
	rows := make([]aep.Subtask, n)
	for i := range rows {
		rows[i] = sampleSubtask
		rows[i].ID, rows[i].DeviceID = int64(100_000+i), fmt.Sprintf("device-%025d", i)
		if i%3 == 0 {
			rows[i].Code, rows[i].ResultCode, rows[i].VersionAfter = 7, "8", ""
		}
	}
	return rows
}

// The largest counts come first, and one line adds up the rest.
func TestCountLinesAreFew(t *testing.T) {
	t.Parallel()
	counts := map[string]int64{}
	for i := range 23 {
		counts[fmt.Sprintf("v%02d", i)] = int64(1000 + i)
	}
	got := countLines(counts, markdownCode)
	if !strings.HasPrefix(got, "| `v22` | 1,022 |\n| `v21` | 1,021 |\n") ||
		!strings.HasSuffix(got, "\n| `v03` | 1,003 |\n| 3 others | 3,003 |\n") {
		t.Error(got)
	}
	delete(counts, "v00")
	delete(counts, "v01")
	delete(counts, "v02")
	if got := countLines(counts, markdownCode); strings.Contains(got, "others") || strings.Count(got, "\n") != 20 {
		t.Error(got)
	}
}

func TestMarkdownTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a|b\\|c":                "a&#124;b&#92;&#124;c",
		"a\r\nb\tc  d\x00e":      "a b c d e",
		"line\u2028two\u0085":    "line two",
		"`code`":                 "&#96;code&#96;",
		"<b>&lt;</b>":            "&lt;b&gt;&amp;lt;&lt;/b&gt;",
		"[x](http://e.org)":      "&#91;x&#93;(http&#58;//e.org)",
		"www.e.org":              "www&#46;e.org",
		"a@e.org @octocat":       "a&#64;&#8203;e.org &#64;&#8203;octocat",
		"#12 GH-12 o/r#3":        "&#35;&#8203;12 GH&#45;&#8203;12 o/r&#35;&#8203;3",
		"gh-7 Gh-7 gH-7":         "gh&#45;&#8203;7 Gh&#45;&#8203;7 gH&#45;&#8203;7",
		"**b** _i_ ~~s~~":        "&#42;&#42;b&#42;&#42; &#95;i&#95; &#126;&#126;s&#126;&#126;",
		"a\u202eb":               "a\ufffdb",
		"设备-0000001, 1.3251":     "设备-0000001, 1.3251",
		strings.Repeat("设", 101): strings.Repeat("设", 99) + "…",
	} {
		if got := markdownText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"": "", "1.3251": "`1.3251`", "a_b-C.9": "`a_b-C.9`", "a b": "a b", "`": "&#96;", "-1": "`-1`", "版本": "版本",
		strings.Repeat("a", 101): strings.Repeat("a", 99) + "…",
	} {
		if got := markdownCode(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

var (
	ownCode = regexp.MustCompile("`[0-9A-Za-z._-]+`")
	meaning = regexp.MustCompile(`[<>\[\]*\\@~$]|https?:|www\.|#[^0-9]|[^&]#|` + "`")
)

// TestMarkdownStaysATable draws hostile texts. Every line of a table must have as many cells as its head, and no
// text may have a meaning in Markdown.
func TestMarkdownStaysATable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anySubtask), 0, 30).Draw(t, "rows")
		task := lwM2MTask()
		task.Name, task.FirmwareVersion = anySubtask(t).DeviceName, anySubtask(t).VersionAfter
		got := subtasksReport{task, foundSubtasks(rows)}.markdown()
		_, body, _ := strings.Cut(got, "### ")
		pipes, tableRows := 0, 0
		for line := range strings.Lines(body) {
			if found := meaning.FindString(ownCode.ReplaceAllString(line, "")); found != "" {
				t.Fatalf("%q has a meaning in %q", found, line)
			}
			if !strings.HasPrefix(line, "|") {
				pipes, tableRows = 0, 0
				if strings.Contains(line, "|") {
					t.Fatalf("a pipe outside a table: %q", line)
				}
				continue
			}
			if tableRows++; pipes == 0 {
				pipes = strings.Count(line, "|")
			}
			if n := strings.Count(line, "|"); n != pipes {
				t.Fatalf("%d pipes, want %d: %q", n, pipes, line)
			}
		}
		if len(rows) > 0 && tableRows != 2+len(rows) {
			t.Fatalf("the last table has %d lines, want %d:\n%s", tableRows, 2+len(rows), got)
		}
	})
}
