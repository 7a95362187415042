package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// dataReader reads data sources over the protocol, as Terraform would, with one
// provider for all reads of a run.
type dataReader struct {
	t       testing.TB
	p       *simulator.Platform
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// unknown stands in a configuration for a value that only the apply will tell.
type unknown struct{}

func newDataReader(t testing.TB, p *simulator.Platform, arguments map[string]any) *dataReader {
	t.Helper()
	server, err := factories(p)["aep"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := &dataReader{t: t, p: p, server: server, schemas: schemas}
	block := map[string]any{
		"endpoint": simulator.BaseURL, "app_key": simulator.DefaultAppKey, "app_secret": simulator.DefaultAppSecret, "requests_per_second": 0,
	}
	for name, value := range arguments {
		block[name] = value
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: r.dynamic(schemas.Provider.ValueType().(tftypes.Object), block), TerraformVersion: "1.11.4",
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := said(configured.Diagnostics); text != "" {
		t.Fatal(text)
	}
	return r
}

func (r *dataReader) dynamic(kind tftypes.Object, arguments map[string]any) *tfprotov6.DynamicValue {
	r.t.Helper()
	values := map[string]tftypes.Value{}
	for name, one := range kind.AttributeTypes {
		value, given := arguments[name]
		if _, isUnknown := value.(unknown); isUnknown {
			values[name] = tftypes.NewValue(one, tftypes.UnknownValue)
			continue
		}
		if !given {
			values[name] = tftypes.NewValue(one, nil)
			continue
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			r.t.Fatal(err)
		}
		if values[name], err = tftypes.ValueFromJSON(encoded, one); err != nil {
			r.t.Fatalf("%s: %v", name, err)
		}
	}
	value, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		r.t.Fatal(err)
	}
	return &value
}

// read validates and reads a data source; the journal then holds the requests
// of this read alone.
func (r *dataReader) read(name string, arguments map[string]any) (state map[string]any, diagnostics string) {
	r.t.Helper()
	r.p.ResetJournal()
	value, diagnostics := r.raw(name, arguments)
	if value.Type() == nil || value.IsNull() {
		return nil, diagnostics
	}
	return plainValue(value).(map[string]any), diagnostics
}

func (r *dataReader) raw(name string, arguments map[string]any) (tftypes.Value, string) {
	r.t.Helper()
	kind := r.schemas.DataSourceSchemas[name].ValueType().(tftypes.Object)
	config := r.dynamic(kind, arguments)
	validated, err := r.server.ValidateDataResourceConfig(context.Background(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
	if err != nil {
		r.t.Fatal(err)
	}
	if text := said(validated.Diagnostics); text != "" {
		return tftypes.Value{}, "validate: " + text
	}
	read, err := r.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
	if err != nil {
		r.t.Fatal(err)
	}
	if read.State == nil {
		return tftypes.Value{}, said(read.Diagnostics)
	}
	value, err := read.State.Unmarshal(kind)
	if err != nil {
		r.t.Fatal(err)
	}
	return value, said(read.Diagnostics)
}

// must is read without diagnostics.
func (r *dataReader) must(name string, arguments map[string]any) map[string]any {
	r.t.Helper()
	state, diagnostics := r.read(name, arguments)
	if diagnostics != "" {
		r.t.Fatalf("%s: %s", name, diagnostics)
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

func said(diagnostics []*tfprotov6.Diagnostic) string {
	var all []string
	for _, d := range diagnostics {
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
		object map[string]tftypes.Value
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
	case value.As(&object) == nil:
		members := make(map[string]any, len(object))
		for name, one := range object {
			members[name] = plainValue(one)
		}
		return members
	}
	return nil
}

// rowsOf returns one attribute of every object in a list.
func rowsOf(state map[string]any, list, attribute string) []any {
	var values []any
	for _, row := range state[list].([]any) {
		values = append(values, row.(map[string]any)[attribute])
	}
	return values
}

// wantMembers compares the named members of an object.
func wantMembers(t testing.TB, got any, want map[string]any) {
	t.Helper()
	object, ok := got.(map[string]any)
	if !ok {
		t.Fatalf("got %v, want an object", got)
	}
	for name, value := range want {
		if n, isInt := value.(int); isInt {
			value = float64(n)
		}
		if fmt.Sprintf("%#v", object[name]) != fmt.Sprintf("%#v", value) {
			t.Errorf("%s = %#v, want %#v", name, object[name], value)
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
