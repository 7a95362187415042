package coretest

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Core plays Terraform's core for the provider in this process. As core does, it
// fails if a plan disagrees with the configuration, or a new state with its plan.
// It works inside a synctest bubble.
type Core struct {
	T          testing.TB
	Server     tfprotov6.ProviderServer
	Wire       *wire
	Arguments  Config // of the provider block
	Schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// Instance is one object in the state. Its value is null while it does not exist.
type Instance struct {
	TypeName    string
	Value       tftypes.Value
	Private     []byte
	identity    *tfprotov6.ResourceIdentityData
	Tainted     bool
	needs       []string // addresses on which it depends, directly or not
	createFirst bool     // create_before_destroy, its own or that of a dependant
}

// Must fails the test on an error of a protocol call.
func (c *Core) Must(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// NoErrors fails the test if there is an error among diags.
func (c *Core) NoErrors(diags Diagnostics) {
	c.T.Helper()
	if text := diags.Errors(); text != "" {
		c.T.Fatal(text)
	}
}

// Schema returns the schema of a resource.
func (c *Core) Schema(typeName string) *tfprotov6.Schema {
	s := c.Schemas.ResourceSchemas[typeName]
	if s == nil {
		c.T.Fatalf("there is no resource %q", typeName)
	}
	return s
}

// Absent returns an instance that does not exist.
func (c *Core) Absent(typeName string) *Instance {
	return &Instance{TypeName: typeName, Value: tftypes.NewValue(c.Schema(typeName).ValueType(), nil)}
}

// Get returns an attribute as text; see Text.
func (i *Instance) Get(attribute string) string { return Text(Fields(i.Value)[attribute]) }

// Exists reports whether the state holds the instance.
func (i *Instance) Exists() bool { return !i.Value.IsNull() }

// Number returns an attribute that is a number, 0 if it is null.
func Number(i *Instance, attribute string) (n int64) {
	_, _ = fmt.Sscan(i.Get(attribute), &n)
	return n
}

// Typed returns a Go value as a value of a Terraform type.
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
		return typedList(c, typ, v)
	case []any:
		return typedList(c, typ, v)
	case Config:
		return c.typedObject(typ, v)
	default:
		return tftypes.NewValue(typ, v)
	}
}

func typedList[T any](c *Core, typ tftypes.Type, elements []T) tftypes.Value {
	element := tftypes.Type(tftypes.String)
	switch t := typ.(type) {
	case tftypes.List:
		element = t.ElementType
	case tftypes.Set:
		element = t.ElementType
	}
	values := make([]tftypes.Value, len(elements))
	for i := range elements {
		values[i] = c.Typed(element, elements[i])
	}
	return tftypes.NewValue(typ, values)
}

// typedObject returns an object or a map. Arguments that the object lacks fail the test.
func (c *Core) typedObject(typ tftypes.Type, members Config) tftypes.Value {
	values := make(map[string]tftypes.Value)
	if m, ok := typ.(tftypes.Map); ok {
		for name, member := range members {
			values[name] = c.Typed(m.ElementType, member)
		}
		return tftypes.NewValue(typ, values)
	}
	attributes := typ.(tftypes.Object).AttributeTypes
	for name, attribute := range attributes {
		values[name] = c.Typed(attribute, members[name])
	}
	for name := range members {
		if attributes[name] == nil {
			c.T.Fatalf("there is no argument %q", name)
		}
	}
	return tftypes.NewValue(typ, values)
}

// Pack encodes a value for a protocol call.
func (c *Core) Pack(value tftypes.Value) *tfprotov6.DynamicValue {
	packed, err := tfprotov6.NewDynamicValue(value.Type(), value)
	c.Must(err)
	return &packed
}

// Unpack decodes a value of a protocol call. A missing value is null.
func (c *Core) Unpack(packed *tfprotov6.DynamicValue, typ tftypes.Type) tftypes.Value {
	if packed == nil {
		return tftypes.NewValue(typ, nil)
	}
	value, err := packed.Unmarshal(typ)
	c.Must(err)
	return value
}

// without returns a configuration without the arguments that the schema lacks.
func (c *Core) without(typeName string, config Config) Config {
	known := Config{}
	for _, a := range c.Schema(typeName).Block.Attributes {
		if value, given := config[a.Name]; given {
			known[a.Name] = value
		}
	}
	for _, b := range c.Schema(typeName).Block.BlockTypes {
		if value, given := config[b.TypeName]; given {
			known[b.TypeName] = value
		}
	}
	return known
}
