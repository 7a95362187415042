package provider

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"pgregory.net/rapid"
)

// phase2019 returns the phase of a code in the older numbering of LwM2M.
func phase2019(code aep.SubtaskCode) progress.Phase {
	return progress.PhaseOf(aep.LwM2M, code, progress.Table2019)
}

// sampleSubtask has a value in every column.
var sampleSubtask = aep.Subtask{
	ID: 91, DeviceID: "f11853c1", DeviceName: "north, gate 1", DeviceSN: "0000013", IMEI: "860000000000001", Code: 8, ResultCode: "1",
	VersionBefore: "1.2000", VersionAfter: "1.3251",
	UpdatedAt:  time.Date(2026, 5, 21, 2, 34, 4, 0, time.UTC),
	FinishedAt: time.Date(2026, 5, 21, 2, 35, 0, 0, time.UTC),
}

func TestSubtasksCSV(t *testing.T) {
	t.Parallel()
	const header = "subtask_id,device_id,device_name,device_sn,imei,phase,state_code,result_code," +
		"version_before,version_after,updated_at,finished_at\r\n"
	const full = `91,f11853c1,"north, gate 1",0000013,860000000000001,succeeded,8,1,1.2000,1.3251,` +
		"2026-05-21T10:34:04+08:00,2026-05-21T10:35:00+08:00\r\n"
	for name, one := range map[string]struct {
		rows []aep.Subtask
		want string
	}{
		"no rows":          {nil, ""},
		"every column":     {[]aep.Subtask{sampleSubtask}, full},
		"no value":         {[]aep.Subtask{{ID: 1, DeviceID: "a", Code: aep.NoSubtaskCode}}, "1,a,,,,unknown,,,,,,\r\n"},
		"no result":        {[]aep.Subtask{{ID: 1, DeviceID: "a", ResultCode: "-1"}}, "1,a,,,,waiting,0,,,,,\r\n"},
		"in their order":   {[]aep.Subtask{{ID: 2, DeviceID: "b"}, {ID: 1}}, "2,b,,,,waiting,0,,,,,\r\n1,,,,,waiting,0,,,,,\r\n"},
		"quotes":           {[]aep.Subtask{{ID: 1, DeviceID: `say "a"`}}, `1,"say ""a""",,,,waiting,0,,,,,` + "\r\n"},
		"lines":            {[]aep.Subtask{{ID: 1, DeviceID: "a\nb\rc\r\nd"}}, "1,\"a\r\nb\r\nc\r\nd\",,,,waiting,0,,,,,\r\n"},
		"a negative state": {[]aep.Subtask{{ID: 1, DeviceID: "a", Code: -7}}, "1,a,,,,unknown,'-7,,,,,\r\n"},
		"another negative": {[]aep.Subtask{{ID: 1, DeviceID: "a", ResultCode: "-12"}}, "1,a,,,,waiting,0,'-12,,,,\r\n"},
	} {
		if got := subtasksCSV(subtaskColumns(phase2019), one.rows); got != header+one.want {
			t.Errorf("%s:\n%q, want\n%q", name, got, header+one.want)
		}
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`,
		"+86 10":                 "'+86 10", "-1+2": "'-1+2", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\n=1", "\n=1": "'\n=1",
		"  =1": "'  =1", "\uFEFF=1": "'\uFEFF=1", "\u200b@a": "'\u200b@a", "\x1b[31m=1": "[31m=1", "\x7f=1": "'=1", "a\x00b": "ab",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠a": "'＠a",
		"a=1": "a=1", "'=1": "'=1", "": "", "1-2": "1-2", "设备-1": "设备-1",
	} {
		if got := csvCell(stringOrNull(text)); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// anySubtask draws a subtask whose texts hold the characters that matter to the reports.
func anySubtask(t *rapid.T) aep.Subtask {
	text := rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune("=+-@\t\r\n|`\"',;<>[]()#&*_\\!:/.wGH1a ＝设\u202e\u2028")), 0, 12, -1),
		rapid.String(),
		rapid.SampledFrom([]string{"", "-1", "@octocat", "#12", "https://example.com", "<img src=x>", "www.example.com", "1.3251"}),
	)
	return aep.Subtask{
		ID: rapid.Int64Range(1, 1<<40).Draw(t, "id"), DeviceID: text.Draw(t, "device"), DeviceName: text.Draw(t, "name"),
		DeviceSN: text.Draw(t, "sn"), IMEI: text.Draw(t, "imei"), Code: aep.SubtaskCode(rapid.IntRange(-2, 12).Draw(t, "code")),
		ResultCode: text.Draw(t, "result"), VersionBefore: text.Draw(t, "before"), VersionAfter: text.Draw(t, "after"),
		FinishedAt: time.Unix(rapid.Int64Range(0, 1<<31).Draw(t, "finished"), 0),
	}
}

func TestCSVReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(anySubtask), 0, 5).Draw(t, "rows")
		text := subtasksCSV(subtaskColumns(phase2019), rows)
		if lines := strings.ReplaceAll(text, "\r\n", ""); strings.ContainsAny(lines, "\r\n") {
			t.Fatalf("a line does not end with CRLF: %q", text)
		}
		reader := csv.NewReader(strings.NewReader(text))
		reader.FieldsPerRecord = 12
		records, err := reader.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(records) != 1+len(rows) {
			t.Fatalf("%d records, want %d", len(records), 1+len(rows))
		}
		for i, row := range rows {
			wantRecord(t, records[1+i], row)
		}
	})
}

// wantRecord compares the texts of a record with those of a subtask.
func wantRecord(t *rapid.T, record []string, row aep.Subtask) {
	texts := map[int]string{
		1: row.DeviceID, 2: row.DeviceName, 3: row.DeviceSN, 4: row.IMEI, 7: row.ResultCode,
		8: row.VersionBefore, 9: row.VersionAfter,
	}
	if texts[7] == "-1" {
		texts[7] = ""
	}
	for column, text := range texts {
		want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
		for _, r := range want { // no control character but line breaks and tabs
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				want = strings.ReplaceAll(want, string(r), "")
			}
		}
		got, marked := strings.CutPrefix(record[column], "'")
		if marked && got != want {
			got, marked = record[column], false
		}
		first, _ := utf8.DecodeRuneInString(want)
		if got != want || !marked && slices.Contains([]rune("=+-@\t\n＝＋－＠"), first) {
			t.Fatalf("column %d: %q, want %q", column, record[column], want)
		}
	}
}
