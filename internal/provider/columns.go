package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// column is one attribute of the objects in a list of a data source: its name, its description, and the
// function that returns its value.
type column[T any] struct {
	name, description string
	value             func(T) attr.Value
}

// columns are the attributes of an object. The framework's reflection over a slice of structs would take
// thirty times the time and memory.
type columns[T any] []column[T]

// valueColumn returns a column of any type.
func valueColumn[T any, V attr.Value](name, description string, value func(T) V) column[T] {
	return column[T]{name, description, func(row T) attr.Value { return value(row) }}
}

// textColumn returns a column of texts, null for "".
func textColumn[T any](name, description string, text func(T) string) column[T] {
	return column[T]{name, description, func(row T) attr.Value { return stringOrNull(text(row)) }}
}

// countColumn returns a column of numbers.
func countColumn[T any](name, description string, count func(T) int64) column[T] {
	return column[T]{name, description, func(row T) attr.Value { return types.Int64Value(count(row)) }}
}

// numberColumn returns a column of numbers in which 0 is null.
func numberColumn[T any](name, description string, number func(T) int64) column[T] {
	return column[T]{name, description, func(row T) attr.Value { return int64OrNull(number(row)) }}
}

// timeColumn returns a column of times, null for the zero time.
func timeColumn[T any](name, description string, at func(T) time.Time) column[T] {
	return column[T]{name, description, func(row T) attr.Value { return timeOrNull(at(row)) }}
}

// attributes returns the schema of an object.
func (c columns[T]) attributes() map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(c))
	kinds := c.types()
	for _, one := range c {
		attributes[one.name] = computedAttribute(kinds[one.name], one.description)
	}
	return attributes
}

func (c columns[T]) types() map[string]attr.Type {
	var none T
	kinds := make(map[string]attr.Type, len(c))
	for name, value := range c.values(none) {
		kinds[name] = value.Type(context.Background())
	}
	return kinds
}

// list returns the rows as a list of objects.
func (c columns[T]) list(rows []T) types.List {
	kinds := c.types()
	objects := make([]attr.Value, len(rows))
	for i, row := range rows {
		objects[i] = types.ObjectValueMust(kinds, c.values(row))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: kinds}, objects)
}

// object returns a row as an object.
func (c columns[T]) object(row T) types.Object {
	return types.ObjectValueMust(c.types(), c.values(row))
}

// values returns the attributes of a row by name.
func (c columns[T]) values(row T) map[string]attr.Value {
	values := make(map[string]attr.Value, len(c))
	for _, one := range c {
		values[one.name] = one.value(row)
	}
	return values
}

// objectOf returns attributes as an object.
func objectOf(values map[string]attr.Value) types.Object {
	kinds := make(map[string]attr.Type, len(values))
	for name, value := range values {
		kinds[name] = value.Type(context.Background())
	}
	return types.ObjectValueMust(kinds, values)
}

// computedAttribute returns the schema of a computed attribute.
func computedAttribute(kind attr.Type, description string) schema.Attribute {
	switch kind {
	case types.Int64Type:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	case types.Float64Type:
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// tableAttribute returns the schema of a list of objects with these columns.
func (c columns[T]) tableAttribute(description string) schema.Attribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: c.attributes()},
	}
}

func maxResultsAttribute() schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Validators: []validator.Int64{int64validator.Between(1, largestMaxResults)},
		MarkdownDescription: "Largest number of rows to return, 1 to 20000. `total` counts all. Defaults to `1000`.",
	}
}

// maxResults returns the value of max_results, or its default.
func maxResults(value types.Int64) int {
	if value.IsNull() {
		return defaultMaxResults
	}
	return int(value.ValueInt64())
}

func productIDAttribute() schema.Attribute {
	return schema.Int64Attribute{
		Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		MarkdownDescription: "Product to look in (`productId`).",
	}
}

// filterAttribute returns the schema of an optional text that rows must match.
func filterAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		MarkdownDescription: description,
	}
}

func totalAttribute(rows string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of " + rows + " that match, returned or not (`total`)."}
}

func truncatedAttribute() schema.Attribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether `max_results` left rows out."}
}

func deviceIDsTextAttribute(rows string) schema.Attribute {
	return schema.StringAttribute{
		Computed: true,
		MarkdownDescription: "Device ids of the returned " + rows + ", one a line, in their order, with a newline at the end. " +
			"`\"\"` if there are none.",
	}
}
