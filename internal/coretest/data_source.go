package coretest

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// DataReader reads data sources as core does. All its reads are of one run.
type DataReader struct {
	*Core
	Platform *simulator.Platform
}

// NewDataReader configures a provider for a platform. The provider block has arguments
// beside those of the platform.
func NewDataReader(t testing.TB, p *simulator.Platform, arguments Config) *DataReader {
	t.Helper()
	return &DataReader{Core: New(t, p, arguments), Platform: p}
}

// Read validates and reads a data source. It returns the state, nil if there is none,
// and the diagnostics. The platform's journal then holds only the requests of this read.
func (r *DataReader) Read(name string, arguments Config) (state Config, said string) {
	r.T.Helper()
	r.Platform.ResetJournal()
	value, said := r.Raw(name, arguments)
	if value.Type() == nil || value.IsNull() {
		return nil, said
	}
	return Plain(value).(Config), said
}

// Raw validates and reads a data source. It returns the state as a value, and the
// diagnostics.
func (r *DataReader) Raw(name string, arguments Config) (tftypes.Value, string) {
	r.T.Helper()
	kind := r.Schemas.DataSourceSchemas[name].ValueType()
	if text := r.Validate(name, arguments); text != "" {
		return tftypes.Value{}, "validate: " + text
	}
	config := r.Pack(r.Typed(kind, arguments))
	read, err := r.Server.ReadDataSource(r.T.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
	r.Must(err)
	return r.Unpack(read.State, kind), Describe(read.Diagnostics)
}

// Validate validates the configuration of a data source. It returns the diagnostics.
func (r *DataReader) Validate(name string, arguments Config) (said string) {
	r.T.Helper()
	validated, err := r.Server.ValidateDataResourceConfig(r.T.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: name, Config: r.Pack(r.Typed(r.Schemas.DataSourceSchemas[name].ValueType(), arguments)),
	})
	r.Must(err)
	return Describe(validated.Diagnostics)
}

// MustRead is Read without diagnostics.
func (r *DataReader) MustRead(name string, arguments Config) Config {
	r.T.Helper()
	state, said := r.Read(name, arguments)
	if said != "" {
		r.T.Fatalf("%s: %s", name, said)
	}
	return state
}

// Requests returns the requests since the last read began, without those for the clock.
func (r *DataReader) Requests() []string {
	var all []string
	for _, one := range r.Platform.Requests() {
		if one.Operation == simulator.OpEcho {
			continue
		}
		line := one.Path[strings.LastIndex(one.Path, "/"):]
		for _, parameter := range []string{"taskStatus", "searchValue", "pageNow", "pageSize"} {
			if value := one.Query.Get(parameter); value != "" {
				line = fmt.Sprintf("%s %s=%s", line, parameter, value)
			}
		}
		all = append(all, line)
	}
	return all
}

// WantRequests fails the test if the number of requests of a path is another.
func (r *DataReader) WantRequests(want map[string]int) {
	r.T.Helper()
	got := map[string]int{}
	for _, line := range r.Requests() {
		path, _, _ := strings.Cut(line, " ")
		got[path]++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.T.Errorf("requests %v, want %v:\n%s", got, want, strings.Join(r.Requests(), "\n"))
	}
}

// Describe returns diagnostics as text, with severity and attribute path.
func Describe(diags Diagnostics) string {
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

// Plain returns a value as maps, slices, strings, numbers and booleans.
func Plain(value tftypes.Value) any {
	switch {
	case !value.IsKnown():
		return Unknown{}
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
			list[i] = Plain(one)
		}
		return list
	case value.As(&named) == nil:
		members := make(Config, len(named))
		for name, one := range named {
			members[name] = Plain(one)
		}
		return members
	}
	return nil
}

// Column returns one attribute of each object in a list.
func Column(state Config, list, attribute string) []any {
	var values []any
	for _, row := range state[list].([]any) {
		values = append(values, row.(Config)[attribute])
	}
	return values
}

// WantMembers fails the test if a named member of an object has another value.
func WantMembers(t testing.TB, got any, want Config) {
	t.Helper()
	members, ok := got.(Config)
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
