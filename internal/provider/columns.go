package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// column is one attribute of the objects that a data source lists: the one place
// for its name, its description and where its value comes from.
type column[T any] struct {
	name, description string
	value             func(T) attr.Value
}

// columns describe the objects of one list. Built value by value, a list takes a
// thirtieth of the time and the memory that the framework's reflection over a
// slice of structs does.
type columns[T any] []column[T]

// attributes returns the schema of the objects.
func (c columns[T]) attributes() map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(c))
	for name, kind := range c.types() {
		attributes[name] = computedAttribute(kind, c.describe(name))
	}
	return attributes
}

func (c columns[T]) types() map[string]attr.Type {
	var none T
	kinds := make(map[string]attr.Type, len(c))
	for _, one := range c {
		kinds[one.name] = one.value(none).Type(context.Background())
	}
	return kinds
}

func (c columns[T]) describe(name string) string {
	for _, one := range c {
		if one.name == name {
			return one.description
		}
	}
	return ""
}

// list returns the rows as a list of objects.
func (c columns[T]) list(rows []T) types.List {
	kinds := c.types()
	objects := make([]attr.Value, len(rows))
	for i, row := range rows {
		objects[i] = c.objectOf(kinds, row)
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: kinds}, objects)
}

// object returns one row.
func (c columns[T]) object(row T) types.Object { return c.objectOf(c.types(), row) }

func (c columns[T]) objectOf(kinds map[string]attr.Type, row T) types.Object {
	values := make(map[string]attr.Value, len(c))
	for _, one := range c {
		values[one.name] = one.value(row)
	}
	return types.ObjectValueMust(kinds, values)
}

func computedAttribute(kind attr.Type, description string) schema.Attribute {
	switch kind {
	case types.Int64Type:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	case types.Float64Type:
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// tableAttribute is the list of objects of these columns.
func (c columns[T]) tableAttribute(description string) schema.Attribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: c.attributes()},
	}
}

// The bounds of max_results: a state of more rows is slow in Terraform itself.
const (
	defaultMaxResults = 1_000
	largestMaxResults = 20_000
)

func maxResultsAttribute() schema.Attribute {
	return schema.Int64Attribute{
		Optional: true, Validators: []validator.Int64{int64validator.Between(1, largestMaxResults)},
		MarkdownDescription: "Most rows to return, 1 to 20000; `total` counts the others too. Defaults to `1000`.",
	}
}

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

func totalAttribute(rows string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: "How many " + rows + " match, returned or not (`total`)."}
}

func truncatedAttribute() schema.Attribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether `max_results` left rows out."}
}

func deviceIDsTextAttribute(rows string) schema.Attribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Device ids of the " + rows + " that are returned, one a line, in their order: for a file, or `split(\"\\n\", …)`. `\"\"` if there are none.",
	}
}
