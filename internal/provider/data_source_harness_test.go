package provider_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// dataReader reads data sources as core does, with one provider for all reads of
// a run.
type dataReader struct {
	*core
	p *simulator.Platform
}

func newDataReader(t testing.TB, p *simulator.Platform, arguments object) *dataReader {
	t.Helper()
	return &dataReader{core: newCore(t, p, arguments), p: p}
}

// read validates and reads a data source; the journal then holds the requests
// of this read alone.
func (r *dataReader) read(name string, arguments object) (state object, said string) {
	r.t.Helper()
	r.p.ResetJournal()
	value, said := r.raw(name, arguments)
	if value.Type() == nil || value.IsNull() {
		return nil, said
	}
	return plainValue(value).(object), said
}

func (r *dataReader) raw(name string, arguments object) (tftypes.Value, string) {
	r.t.Helper()
	kind := r.schemas.DataSourceSchemas[name].ValueType()
	config := r.pack(r.typed(kind, arguments))
	validated, err := r.server.ValidateDataResourceConfig(r.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
	r.must(err)
	if text := toldBy(validated.Diagnostics); text != "" {
		return tftypes.Value{}, "validate: " + text
	}
	read, err := r.server.ReadDataSource(r.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
	r.must(err)
	return r.unpack(read.State, kind), toldBy(read.Diagnostics)
}

// quiet is read without diagnostics.
func (r *dataReader) quiet(name string, arguments object) object {
	r.t.Helper()
	state, said := r.read(name, arguments)
	if said != "" {
		r.t.Fatalf("%s: %s", name, said)
	}
	return state
}

// asked returns the requests since the last read began, the clock's apart.
func (r *dataReader) asked() []string {
	var all []string
	for _, one := range r.p.Requests() {
		if one.Operation == simulator.OpEcho {
			continue
		}
		line := one.Path[strings.LastIndex(one.Path, "/"):]
		for _, parameter := range []string{"taskStatus", "searchValue", "pageNow", "pageSize"} {
			if value := one.Query.Get(parameter); value != "" {
				line += fmt.Sprintf(" %s=%s", parameter, value)
			}
		}
		all = append(all, line)
	}
	return all
}

// wantRequests compares how many requests of each path there were.
func (r *dataReader) wantRequests(want map[string]int) {
	r.t.Helper()
	got := map[string]int{}
	for _, line := range r.asked() {
		path, _, _ := strings.Cut(line, " ")
		got[path]++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("requests %v, want %v:\n%s", got, want, strings.Join(r.asked(), "\n"))
	}
}

// toldBy writes diagnostics with what they are about.
func toldBy(diags diagnostics) string {
	var all []string
	for _, d := range diags {
		at := ""
		if d.Attribute != nil {
			at = " @" + d.Attribute.String()
		}
		all = append(all, fmt.Sprintf("%s: %s: %s%s", d.Severity, d.Summary, d.Detail, at))
	}
	return strings.Join(all, "\n")
}

// plainValue turns a value into maps, slices, strings, numbers and booleans.
func plainValue(value tftypes.Value) any {
	switch {
	case !value.IsKnown():
		return unknown{}
	case value.IsNull():
		return nil
	}
	var (
		text   string
		number big.Float
		flag   bool
		many   []tftypes.Value
		named  map[string]tftypes.Value
	)
	switch {
	case value.As(&text) == nil:
		return text
	case value.As(&number) == nil:
		n, _ := number.Float64()
		return n
	case value.As(&flag) == nil:
		return flag
	case value.As(&many) == nil:
		list := make([]any, len(many))
		for i, one := range many {
			list[i] = plainValue(one)
		}
		return list
	case value.As(&named) == nil:
		members := make(object, len(named))
		for name, one := range named {
			members[name] = plainValue(one)
		}
		return members
	}
	return nil
}

// rowsOf returns one attribute of every object in a list.
func rowsOf(state object, list, attribute string) []any {
	var values []any
	for _, row := range state[list].([]any) {
		values = append(values, row.(object)[attribute])
	}
	return values
}

// wantMembers compares the named members of an object.
func wantMembers(t testing.TB, got any, want object) {
	t.Helper()
	members, ok := got.(object)
	if !ok {
		t.Fatalf("got %v, want an object", got)
	}
	for name, value := range want {
		if n, isInt := value.(int); isInt {
			value = float64(n)
		}
		if fmt.Sprintf("%#v", members[name]) != fmt.Sprintf("%#v", value) {
			t.Errorf("%s = %#v, want %#v", name, members[name], value)
		}
	}
}

// consoleTask makes a task with devices at the console.
func consoleTask(t testing.TB, p *simulator.Platform, draft simulator.TaskDraft, devices int) (int64, []string) {
	t.Helper()
	if draft.Name == "" {
		draft.Name = "meters"
	}
	if draft.ProductID == 0 {
		draft.ProductID, draft.FirmwareID, draft.RetryTimes = lwm2mProduct, lwm2mFirmware, 2
	}
	id, err := p.CreateTask(draft)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 0, devices)
	for _, device := range p.DeviceIDs(draft.ProductID) {
		if d, _ := p.Device(draft.ProductID, device); len(ids) < devices && d.JobID == 0 {
			ids = append(ids, device)
		}
	}
	if devices > 0 {
		atConsole(t, p.Join(id, ids...))
	}
	return id, ids
}

// atConsole fails the test on an error of a back door.
func atConsole(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
