package provider_test

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// object is a block of configuration by argument; what it leaves out is null.
type object = map[string]any

// unknown stands for a value that Terraform does not know yet.
type unknown struct{}

type diagnostics []*tfprotov6.Diagnostic

func (d diagnostics) of(severity tfprotov6.DiagnosticSeverity) string {
	var texts []string
	for _, one := range d {
		if one.Severity == severity {
			texts = append(texts, one.Summary+": "+one.Detail)
		}
	}
	return strings.Join(texts, "\n")
}

func (d diagnostics) errors() string   { return d.of(tfprotov6.DiagnosticSeverityError) }
func (d diagnostics) warnings() string { return d.of(tfprotov6.DiagnosticSeverityWarning) }

// typed turns Go values into a value of a Terraform type.
func (c *core) typed(typ tftypes.Type, value any) tftypes.Value {
	switch v := value.(type) {
	case nil:
		return tftypes.NewValue(typ, nil)
	case tftypes.Value:
		return v
	case unknown:
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
		return c.typed(typ, list)
	case []any:
		element := tftypes.Type(tftypes.String)
		if list, ok := typ.(tftypes.List); ok {
			element = list.ElementType
		} else if set, ok := typ.(tftypes.Set); ok {
			element = set.ElementType
		}
		values := make([]tftypes.Value, len(v))
		for i := range v {
			values[i] = c.typed(element, v[i])
		}
		return tftypes.NewValue(typ, values)
	case object:
		values := make(map[string]tftypes.Value)
		if m, ok := typ.(tftypes.Map); ok {
			for name, member := range v {
				values[name] = c.typed(m.ElementType, member)
			}
			return tftypes.NewValue(typ, values)
		}
		attributes := typ.(tftypes.Object).AttributeTypes
		for name, attribute := range attributes {
			values[name] = c.typed(attribute, v[name])
		}
		for name := range v {
			if attributes[name] == nil {
				c.t.Fatalf("there is no argument %q", name)
			}
		}
		return tftypes.NewValue(typ, values)
	default:
		return tftypes.NewValue(typ, v)
	}
}

func (c *core) pack(value tftypes.Value) *tfprotov6.DynamicValue {
	packed, err := tfprotov6.NewDynamicValue(value.Type(), value)
	c.must(err)
	return &packed
}

func (c *core) unpack(packed *tfprotov6.DynamicValue, typ tftypes.Type) tftypes.Value {
	if packed == nil {
		return tftypes.NewValue(typ, nil)
	}
	value, err := packed.Unmarshal(typ)
	c.must(err)
	return value
}

// fields returns the attributes of an object by name; nil if it is null.
func fields(value tftypes.Value) map[string]tftypes.Value {
	var members map[string]tftypes.Value
	if value.IsNull() || !value.IsKnown() || value.As(&members) != nil {
		return nil
	}
	return members
}

// text writes one attribute of an instance: numbers and texts plainly, "null", "unknown".
func text(value tftypes.Value) string {
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
			parts[i] = text(l[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return value.String()
}

func (i *instance) get(attribute string) string { return text(fields(i.value)[attribute]) }

func (i *instance) exists() bool { return !i.value.IsNull() }

func text64(n int64) string { return fmt.Sprint(n) }
