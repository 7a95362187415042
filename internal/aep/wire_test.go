package aep

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestIntegerAcceptsEveryForm(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		json string
		want int64
		set  bool
	}{
		"number":          {`24`, 24, true},
		"zero":            {`0`, 0, true},
		"negative":        {`-1`, -1, true},
		"text":            {`"24"`, 24, true},
		"padded text":     {`" 24 "`, 24, true},
		"null":            {`null`, 0, false},
		"empty text":      {`""`, 0, false},
		"blank text":      {`"  "`, 0, false},
		"null as text":    {`"null"`, 0, false},
		"above 2^53":      {`9007199254740993`, 9007199254740993, true},
		"above 2^53 text": {`"9007199254740993"`, 9007199254740993, true},
		"largest":         {`9223372036854775807`, 9223372036854775807, true},
		"escaped text":    {`"\u0032\u0034"`, 24, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n integer
			if err := json.Unmarshal([]byte(c.json), &n); err != nil {
				t.Fatal(err)
			}
			if n.value != c.want || n.set != c.set {
				t.Errorf("got %+v, want %d, %t", n, c.want, c.set)
			}
		})
	}
}

func TestIntegerRejectsOtherValues(t *testing.T) {
	t.Parallel()
	for _, literal := range []string{`1.5`, `1e3`, `1e400`, `"abc"`, `"1.0"`, `true`, `{}`, `[1]`, `9223372036854775808`, `"NaN"`} {
		t.Run(literal, func(t *testing.T) {
			t.Parallel()
			var w wireTask
			err := json.Unmarshal([]byte(`{"outTime":`+literal+`}`), &w)
			if err == nil {
				t.Fatalf("got %+v, want an error", w.OutTime)
			}
			if cause := decodeCause(err, true); !strings.HasPrefix(cause, "outTime: got ") || !strings.HasSuffix(cause, ", want a whole number") {
				t.Errorf("got %q, want the member in it", cause)
			}
		})
	}
}

func TestTextAcceptsEveryForm(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ json, want string }{
		"text":               {`"10007905"`, "10007905"},
		"number":             {`10007905`, "10007905"},
		"fraction":           {`1.50`, "1.50"},
		"null":               {`null`, ""},
		"empty":              {`""`, ""},
		"true":               {`true`, "true"},
		"chinese":            {`"彩色电视"`, "彩色电视"},
		"escaped":            {`"a\u4e2d\n\"b\\"`, "a中\n\"b\\"},
		"surrogates":         {`"\ud83d\ude00"`, "😀"},
		"half a surrogate":   {`"\ud83d"`, "\uFFFD"},
		"invalid UTF-8":      {"\"a\xffb\"", "a\uFFFDb"},
		"space is preserved": {`" a "`, " a "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got text
			if err := json.Unmarshal([]byte(c.json), &got); err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	for _, literal := range []string{`{}`, `["a"]`} {
		var got text
		if err := json.Unmarshal([]byte(literal), &got); err == nil {
			t.Errorf("%s: got %q, want an error", literal, got)
		}
	}
}

func TestStampAcceptsEveryForm(t *testing.T) {
	t.Parallel()
	at := time.Date(2019, 5, 16, 16, 28, 57, 0, ChinaTime)
	cases := map[string]struct {
		json string
		want time.Time
	}{
		"date":            {`"2019-05-16 16:28:57"`, at},
		"date with ms":    {`"2019-05-16 16:28:57.831"`, at.Add(831 * time.Millisecond)},
		"epoch ms":        {`1557995337000`, at},
		"epoch ms text":   {`"1557995337000"`, at},
		"RFC 3339":        {`"2019-05-16T08:28:57Z"`, at},
		"null":            {`null`, time.Time{}},
		"empty":           {`""`, time.Time{}},
		"zero":            {`0`, time.Time{}},
		"something else":  {`"昨天"`, time.Time{}},
		"impossible date": {`"2019-02-30 00:00:00"`, time.Time{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got wireTime
			if err := json.Unmarshal([]byte(c.json), &got); err != nil {
				t.Fatal(err)
			}
			if !got.Equal(c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if _, zone := got.Zone(); !c.want.IsZero() && zone != 8*60*60 {
				t.Errorf("got the zone %s, want China's", got.Location())
			}
		})
	}
}

// Every numeric member of every response may be a number, a text, null or "".
func TestEveryNumericMemberIsLenient(t *testing.T) {
	t.Parallel()
	task := func(pick func(Task) int64) func(string) (int64, error) {
		return func(member string) (int64, error) {
			var w wireTask
			err := json.Unmarshal([]byte(member), &w)
			return pick(w.task(0)), err
		}
	}
	device := func(pick func(Device) int64) func(string) (int64, error) {
		return func(member string) (int64, error) {
			w := wireDevice{DeviceID: "d"}
			err := json.Unmarshal([]byte(member), &w)
			d, _ := w.device()
			return pick(d), err
		}
	}
	cases := map[string]struct {
		read  func(string) (int64, error)
		unset int64
	}{
		"jobId":      {task(func(t Task) int64 { return t.ID }), 0},
		"productId":  {task(func(t Task) int64 { return t.ProductID }), 0},
		"jobStatus":  {task(func(t Task) int64 { return int64(t.Status) }), 0},
		"firmwareId": {task(func(t Task) int64 { return t.FirmwareID }), 0},
		"outTime":    {task(func(t Task) int64 { return t.TimeoutHours }), 0},
		"retryTimes": {task(func(t Task) int64 {
			if t.RetryTimes == nil {
				return -1
			}
			return *t.RetryTimes
		}), -1},
		"upgradePlan":         {task(func(t Task) int64 { return t.UpgradePlan }), 0},
		"allNum":              {task(func(t Task) int64 { return t.DeviceCount }), 0},
		"deviceStatus":        {task(func(t Task) int64 { return t.DeviceStatus }), 0},
		"device taskId":       {device(func(d Device) int64 { return d.SubtaskID }), 0},
		"device taskState":    {device(func(d Device) int64 { return int64(d.SubtaskCode) }), int64(NoSubtaskCode)},
		"device netStatus":    {device(func(d Device) int64 { return d.NetStatus }), 0},
		"device deviceStatus": {device(func(d Device) int64 { return d.Status }), 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			member := name[strings.LastIndex(name, " ")+1:]
			for literal, want := range map[string]int64{`3`: 3, `"3"`: 3, `null`: c.unset, `""`: c.unset} {
				got, err := c.read(`{"` + member + `":` + literal + `}`)
				if err != nil || got != want {
					t.Errorf("%s: %s: got %d, %v, want %d", member, literal, got, err, want)
				}
			}
		})
	}
}
