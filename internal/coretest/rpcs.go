package coretest

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Read reads an instance in the current walk.
func (c *Core) Read(ctx context.Context, i *Instance) Diagnostics {
	c.T.Helper()
	resp, err := c.Server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: i.TypeName, CurrentState: c.Pack(i.Value), Private: i.Private, CurrentIdentity: i.identity,
	})
	c.Must(err)
	if Diagnostics(resp.Diagnostics).Errors() == "" {
		i.Value, i.Private = c.Unpack(resp.NewState, c.Schema(i.TypeName).ValueType()), resp.Private
		i.identity = resp.NewIdentity
		i.Tainted = i.Tainted && i.Exists()
	}
	return resp.Diagnostics
}

// Import imports an object by its id and refreshes it, as core does.
func (c *Core) Import(ctx context.Context, typeName, id string) (*Instance, Diagnostics) {
	return c.doImport(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
}

// ImportBy imports an object by its identity and refreshes it.
func (c *Core) ImportBy(ctx context.Context, typeName string, identity Config) (*Instance, Diagnostics) {
	value := c.Typed(c.identities.IdentitySchemas[typeName].ValueType(), identity)
	return c.doImport(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: c.Pack(value)},
	})
}

func (c *Core) doImport(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*Instance, Diagnostics) {
	c.T.Helper()
	c.BeginWalk()
	i := c.Absent(req.TypeName)
	resp, err := c.Server.ImportResourceState(ctx, req)
	c.Must(err)
	diags := Diagnostics(resp.Diagnostics)
	if diags.Errors() != "" || len(resp.ImportedResources) != 1 {
		return i, diags
	}
	one := resp.ImportedResources[0]
	i.Value, i.Private, i.identity = c.Unpack(one.State, c.Schema(i.TypeName).ValueType()), one.Private, one.Identity
	return i, append(diags, c.Read(ctx, i)...)
}

// PlanAction validates and plans an action.
func (c *Core) PlanAction(ctx context.Context, name string, config Config) Diagnostics {
	c.T.Helper()
	packed := c.Pack(c.Typed(c.Schemas.ActionSchemas[name].Schema.ValueType(), config))
	actions := c.Server.(tfprotov6.ActionServer)
	valid, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: packed})
	c.Must(err)
	if Diagnostics(valid.Diagnostics).Errors() != "" {
		return valid.Diagnostics
	}
	planned, err := actions.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: packed})
	c.Must(err)
	return append(valid.Diagnostics, planned.Diagnostics...)
}

// Invoke invokes an action. It returns the progress messages.
func (c *Core) Invoke(ctx context.Context, name string, config Config) (progress []string, diags Diagnostics) {
	c.T.Helper()
	packed := c.Pack(c.Typed(c.Schemas.ActionSchemas[name].Schema.ValueType(), config))
	stream, err := c.Server.(tfprotov6.ActionServer).InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: name, Config: packed})
	c.Must(err)
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

// List validates a list block and runs it. It returns the results of all pages.
func (c *Core) List(ctx context.Context, typeName string, config Config, limit int64, include bool) []tfprotov6.ListResourceResult {
	c.T.Helper()
	server, packed := c.Server.(tfprotov6.ListResourceServer), c.Pack(c.Typed(c.Schemas.ListResourceSchemas[typeName].ValueType(), config))
	valid, err := server.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName, Config: packed})
	c.Must(err)
	c.NoErrors(valid.Diagnostics)
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: packed, Limit: limit, IncludeResource: include,
	})
	c.Must(err)
	return slices.Collect(stream.Results)
}

// OpenEphemeral validates, opens and closes an ephemeral resource. It returns the result, which is null after an
// error.
func (c *Core) OpenEphemeral(name string, arguments Config) (tftypes.Value, Diagnostics) {
	c.T.Helper()
	kind := c.Schemas.EphemeralResourceSchemas[name].ValueType()
	config := c.Pack(c.Typed(kind, arguments))
	valid, err := c.Server.ValidateEphemeralResourceConfig(c.T.Context(),
		&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: config})
	c.Must(err)
	none := tftypes.NewValue(kind, nil)
	if Diagnostics(valid.Diagnostics).Errors() != "" {
		return none, valid.Diagnostics
	}
	opened, err := c.Server.OpenEphemeralResource(c.T.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: config})
	c.Must(err)
	if Diagnostics(opened.Diagnostics).Errors() != "" {
		return none, opened.Diagnostics
	}
	closed, err := c.Server.CloseEphemeralResource(c.T.Context(),
		&tfprotov6.CloseEphemeralResourceRequest{TypeName: name, Private: opened.Private})
	c.Must(err)
	return c.Unpack(opened.Result, kind), append(opened.Diagnostics, closed.Diagnostics...)
}

// Call calls a function of the provider. A failure has the form "argument 0: text".
func (c *Core) Call(name string, arguments ...any) (result, failure string) {
	c.T.Helper()
	f := c.Schemas.Functions[name]
	packed := make([]*tfprotov6.DynamicValue, len(arguments))
	for i, argument := range arguments {
		packed[i] = c.Pack(c.Typed(f.Parameters[i].Type, argument))
	}
	resp, err := c.Server.CallFunction(c.T.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: packed})
	c.Must(err)
	if resp.Error != nil {
		return "", "argument " + Text64(*resp.Error.FunctionArgument) + ": " + resp.Error.Text
	}
	value := c.Unpack(resp.Result, f.Return.Type)
	if f.Return.Type.Is(tftypes.Object{}) {
		return Text(Fields(value)["product_id"]) + " " + Text(Fields(value)["task_id"]), ""
	}
	return Text(value), ""
}
