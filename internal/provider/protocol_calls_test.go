package provider_test

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// imported imports by id and, as core does, refreshes.
func (c *core) imported(ctx context.Context, typeName, id string) (*instance, diagnostics) {
	return c.doImport(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
}

// importedBy imports by identity.
func (c *core) importedBy(ctx context.Context, typeName string, identity object) (*instance, diagnostics) {
	value := c.typed(c.identities.IdentitySchemas[typeName].ValueType(), identity)
	return c.doImport(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: c.pack(value)},
	})
}

func (c *core) doImport(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*instance, diagnostics) {
	c.t.Helper()
	c.renew()
	i := c.absent(req.TypeName)
	resp, err := c.server.ImportResourceState(ctx, req)
	c.must(err)
	diags := diagnostics(resp.Diagnostics)
	if diags.errors() != "" || len(resp.ImportedResources) != 1 {
		return i, diags
	}
	one := resp.ImportedResources[0]
	i.value, i.private, i.identity = c.unpack(one.State, c.schema(i.typeName).ValueType()), one.Private, one.Identity
	return i, append(diags, c.read(ctx, i)...)
}

// planAction validates and plans an action.
func (c *core) planAction(ctx context.Context, name string, config object) diagnostics {
	c.t.Helper()
	packed := c.pack(c.typed(c.schemas.ActionSchemas[name].Schema.ValueType(), config))
	actions := c.server.(tfprotov6.ActionServer)
	valid, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: packed})
	c.must(err)
	if diagnostics(valid.Diagnostics).errors() != "" {
		return valid.Diagnostics
	}
	planned, err := actions.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: packed})
	c.must(err)
	return append(valid.Diagnostics, planned.Diagnostics...)
}

// invoke invokes an action and returns its progress messages.
func (c *core) invoke(ctx context.Context, name string, config object) (progress []string, diags diagnostics) {
	c.t.Helper()
	packed := c.pack(c.typed(c.schemas.ActionSchemas[name].Schema.ValueType(), config))
	stream, err := c.server.(tfprotov6.ActionServer).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: name, Config: packed})
	c.must(err)
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = append(diags, e.Diagnostics...)
		}
	}
	return progress, diags
}

// list runs a list block.
func (c *core) list(ctx context.Context, typeName string, config object, limit int64, include bool) []tfprotov6.ListResourceResult {
	c.t.Helper()
	stream, err := c.server.(tfprotov6.ListResourceServer).ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: c.pack(c.typed(c.schemas.ListResourceSchemas[typeName].ValueType(), config)),
		Limit: limit, IncludeResource: include,
	})
	c.must(err)
	return slices.Collect(stream.Results)
}
