package coretest

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Config is a block of configuration by argument; what it leaves out is null.
type Config = map[string]any

// Unknown stands for a value that Terraform does not know yet.
type Unknown struct{}

type Diagnostics []*tfprotov6.Diagnostic

func (d Diagnostics) of(severity tfprotov6.DiagnosticSeverity) string {
	var texts []string
	for _, one := range d {
		if one.Severity == severity {
			texts = append(texts, one.Summary+": "+one.Detail)
		}
	}
	return strings.Join(texts, "\n")
}

func (d Diagnostics) Errors() string   { return d.of(tfprotov6.DiagnosticSeverityError) }
func (d Diagnostics) Warnings() string { return d.of(tfprotov6.DiagnosticSeverityWarning) }

// Typed turns Go values into a value of a Terraform type.
func (c *Core) Typed(typ tftypes.Type, value any) tftypes.Value {
	switch v := value.(type) {
	case nil:
		return tftypes.NewValue(typ, nil)
	case tftypes.Value:
		return v
	case Unknown:
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	case int:
		return tftypes.NewValue(typ, big.NewFloat(float64(v)))
	case int64:
		return tftypes.NewValue(typ, new(big.Float).SetInt64(v))
	case float64:
		return tftypes.NewValue(typ, big.NewFloat(v))
	case []string:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return c.Typed(typ, list)
	case []any:
		element := tftypes.Type(tftypes.String)
		if list, ok := typ.(tftypes.List); ok {
			element = list.ElementType
		} else if set, ok := typ.(tftypes.Set); ok {
			element = set.ElementType
		}
		values := make([]tftypes.Value, len(v))
		for i := range v {
			values[i] = c.Typed(element, v[i])
		}
		return tftypes.NewValue(typ, values)
	case Config:
		values := make(map[string]tftypes.Value)
		if m, ok := typ.(tftypes.Map); ok {
			for name, member := range v {
				values[name] = c.Typed(m.ElementType, member)
			}
			return tftypes.NewValue(typ, values)
		}
		attributes := typ.(tftypes.Object).AttributeTypes
		for name, attribute := range attributes {
			values[name] = c.Typed(attribute, v[name])
		}
		for name := range v {
			if attributes[name] == nil {
				c.T.Fatalf("there is no argument %q", name)
			}
		}
		return tftypes.NewValue(typ, values)
	default:
		return tftypes.NewValue(typ, v)
	}
}

func (c *Core) Pack(value tftypes.Value) *tfprotov6.DynamicValue {
	packed, err := tfprotov6.NewDynamicValue(value.Type(), value)
	c.Must(err)
	return &packed
}

func (c *Core) Unpack(packed *tfprotov6.DynamicValue, typ tftypes.Type) tftypes.Value {
	if packed == nil {
		return tftypes.NewValue(typ, nil)
	}
	value, err := packed.Unmarshal(typ)
	c.Must(err)
	return value
}

// Fields returns the attributes of an object by name; nil if it is null.
func Fields(value tftypes.Value) map[string]tftypes.Value {
	var members map[string]tftypes.Value
	if value.IsNull() || !value.IsKnown() || value.As(&members) != nil {
		return nil
	}
	return members
}

// Text writes one attribute of an instance: numbers and texts plainly, "null", "unknown".
func Text(value tftypes.Value) string {
	var (
		s string
		n big.Float
		b bool
		l []tftypes.Value
	)
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return "null"
	case value.Type().Is(tftypes.String) && value.As(&s) == nil:
		return s
	case value.Type().Is(tftypes.Number) && value.As(&n) == nil:
		return n.Text('f', -1)
	case value.Type().Is(tftypes.Bool) && value.As(&b) == nil:
		return fmt.Sprint(b)
	case value.As(&l) == nil:
		parts := make([]string, len(l))
		for i := range l {
			parts[i] = Text(l[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return value.String()
}

func (i *Instance) Get(attribute string) string { return Text(Fields(i.Value)[attribute]) }

func (i *Instance) Exists() bool { return !i.Value.IsNull() }

func Text64(n int64) string { return fmt.Sprint(n) }
