package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types below have the shape of `terraform providers schema -json` of the
// newest Terraform. Older ones leave out the parts that they do not know.
type (
	schemasJSON struct {
		FormatVersion string                    `json:"format_version"`
		Providers     map[string]providerSchema `json:"provider_schemas"`
	}
	providerSchema struct {
		Provider      schemaJSON              `json:"provider"`
		Resources     map[string]schemaJSON   `json:"resource_schemas,omitempty"`
		DataSources   map[string]schemaJSON   `json:"data_source_schemas,omitempty"`
		Ephemerals    map[string]schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
		ListResources map[string]schemaJSON   `json:"list_resource_schemas,omitempty"`
		Actions       map[string]actionJSON   `json:"action_schemas,omitempty"`
		Functions     map[string]functionJSON `json:"functions,omitempty"`
		Identities    map[string]identityJSON `json:"resource_identity_schemas,omitempty"`
	}
	schemaJSON struct {
		Version int64      `json:"version"`
		Block   *blockJSON `json:"block"`
	}
	actionJSON struct {
		Block *blockJSON `json:"block"`
	}
	blockJSON struct {
		Attributes  map[string]attributeJSON   `json:"attributes,omitempty"`
		BlockTypes  map[string]nestedBlockJSON `json:"block_types,omitempty"`
		Description string                     `json:"description,omitempty"`
		Kind        string                     `json:"description_kind,omitempty"`
		Deprecated  bool                       `json:"deprecated,omitempty"`
	}
	nestedBlockJSON struct {
		Nesting  string     `json:"nesting_mode"`
		Block    *blockJSON `json:"block"`
		MinItems int64      `json:"min_items,omitempty"`
		MaxItems int64      `json:"max_items,omitempty"`
	}
	attributeJSON struct {
		Type        tftypes.Type `json:"type,omitempty"`
		Nested      *nestedJSON  `json:"nested_type,omitempty"`
		Description string       `json:"description,omitempty"`
		Kind        string       `json:"description_kind,omitempty"`
		Deprecated  bool         `json:"deprecated,omitempty"`
		Required    bool         `json:"required,omitempty"`
		Optional    bool         `json:"optional,omitempty"`
		Computed    bool         `json:"computed,omitempty"`
		Sensitive   bool         `json:"sensitive,omitempty"`
		WriteOnly   bool         `json:"write_only,omitempty"`
	}
	nestedJSON struct {
		Attributes map[string]attributeJSON `json:"attributes"`
		Nesting    string                   `json:"nesting_mode"`
	}
	functionJSON struct {
		Description string          `json:"description,omitempty"`
		Summary     string          `json:"summary,omitempty"`
		Deprecation string          `json:"deprecation_message,omitempty"`
		ReturnType  tftypes.Type    `json:"return_type"`
		Parameters  []parameterJSON `json:"parameters,omitempty"`
		Variadic    *parameterJSON  `json:"variadic_parameter,omitempty"`
	}
	parameterJSON struct {
		Name        string       `json:"name"`
		Description string       `json:"description,omitempty"`
		Nullable    bool         `json:"is_nullable,omitempty"`
		Type        tftypes.Type `json:"type"`
	}
	identityJSON struct {
		Version    int64                            `json:"version"`
		Attributes map[string]identityAttributeJSON `json:"attributes"`
	}
	identityAttributeJSON struct {
		Type        tftypes.Type `json:"type"`
		Description string       `json:"description,omitempty"`
		Required    bool         `json:"required_for_import,omitempty"`
		Optional    bool         `json:"optional_for_import,omitempty"`
	}
)

// providerSchemas returns the schema of the provider in JSON. The provider has
// the name aep there, without a registry, as tfplugindocs expects.
func providerSchemas(ctx context.Context) ([]byte, error) {
	server := provider.NewServer("dev")()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		return nil, fmt.Errorf("the provider's schema: %s: %s", d.Summary, d.Detail)
	}
	return json.MarshalIndent(schemasJSON{
		FormatVersion: "1.0",
		Providers: map[string]providerSchema{"aep": {
			Provider:      schemaOf(schemas.Provider),
			Resources:     each(schemas.ResourceSchemas, schemaOf),
			DataSources:   each(schemas.DataSourceSchemas, schemaOf),
			Ephemerals:    each(schemas.EphemeralResourceSchemas, schemaOf),
			ListResources: each(schemas.ListResourceSchemas, schemaOf),
			Actions: each(schemas.ActionSchemas, func(a *tfprotov6.ActionSchema) actionJSON {
				return actionJSON{Block: blockOf(a.Schema.Block)}
			}),
			Functions:  each(schemas.Functions, functionOf),
			Identities: each(identities.IdentitySchemas, identityOf),
		}},
	}, "", "  ")
}

func each[From, To any](from map[string]From, convert func(From) To) map[string]To {
	to := make(map[string]To, len(from))
	for name, value := range from {
		to[name] = convert(value)
	}
	return to
}

func schemaOf(s *tfprotov6.Schema) schemaJSON {
	return schemaJSON{Version: s.Version, Block: blockOf(s.Block)}
}

func blockOf(b *tfprotov6.SchemaBlock) *blockJSON {
	block := blockJSON{
		Attributes: attributesOf(b.Attributes), BlockTypes: map[string]nestedBlockJSON{},
		Description: b.Description, Kind: kindOf(b.DescriptionKind), Deprecated: b.Deprecated,
	}
	for _, nested := range b.BlockTypes {
		block.BlockTypes[nested.TypeName] = nestedBlockJSON{
			Nesting: blockNesting[nested.Nesting], Block: blockOf(nested.Block),
			MinItems: nested.MinItems, MaxItems: nested.MaxItems,
		}
	}
	return &block
}

func attributesOf(list []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	attributes := make(map[string]attributeJSON, len(list))
	for _, a := range list {
		attribute := attributeJSON{
			Type: a.Type, Description: a.Description, Kind: kindOf(a.DescriptionKind), Deprecated: a.Deprecated,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			attribute.Nested = &nestedJSON{
				Attributes: attributesOf(a.NestedType.Attributes), Nesting: objectNesting[a.NestedType.Nesting],
			}
		}
		attributes[a.Name] = attribute
	}
	return attributes
}

func functionOf(f *tfprotov6.Function) functionJSON {
	function := functionJSON{
		Description: f.Description, Summary: f.Summary, Deprecation: f.DeprecationMessage, ReturnType: f.Return.Type,
	}
	for _, p := range f.Parameters {
		function.Parameters = append(function.Parameters, parameterOf(p))
	}
	if f.VariadicParameter != nil {
		variadic := parameterOf(f.VariadicParameter)
		function.Variadic = &variadic
	}
	return function
}

func parameterOf(p *tfprotov6.FunctionParameter) parameterJSON {
	return parameterJSON{Name: p.Name, Description: p.Description, Nullable: p.AllowNullValue, Type: p.Type}
}

func identityOf(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	identity := identityJSON{Version: s.Version, Attributes: map[string]identityAttributeJSON{}}
	for _, a := range s.IdentityAttributes {
		identity.Attributes[a.Name] = identityAttributeJSON{
			Type: a.Type, Description: a.Description, Required: a.RequiredForImport, Optional: a.OptionalForImport,
		}
	}
	return identity
}

func kindOf(kind tfprotov6.StringKind) string {
	if kind == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}

var (
	blockNesting = map[tfprotov6.SchemaNestedBlockNestingMode]string{
		tfprotov6.SchemaNestedBlockNestingModeSingle: "single",
		tfprotov6.SchemaNestedBlockNestingModeList:   "list",
		tfprotov6.SchemaNestedBlockNestingModeSet:    "set",
		tfprotov6.SchemaNestedBlockNestingModeMap:    "map",
		tfprotov6.SchemaNestedBlockNestingModeGroup:  "group",
	}
	objectNesting = map[tfprotov6.SchemaObjectNestingMode]string{
		tfprotov6.SchemaObjectNestingModeSingle: "single",
		tfprotov6.SchemaObjectNestingModeList:   "list",
		tfprotov6.SchemaObjectNestingModeSet:    "set",
		tfprotov6.SchemaObjectNestingModeMap:    "map",
	}
)
