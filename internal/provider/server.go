package provider

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a constructor of the provider as a server of Terraform's protocol. The functions change the
// client's configuration after everything else.
func NewServer(version string, adjust ...func(*aep.Config)) func() tfprotov6.ProviderServer {
	construct := providerserver.NewProtocol6(New(version, adjust...)())
	return func() tfprotov6.ProviderServer { return server{construct().(frameworkServer)} }
}

// frameworkServer is all that the framework's server can do. Terraform asks a server for the last three.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the framework's server. A call with the configuration of a resource goes through separateList, and the
// errors about a configuration through reworded.
type server struct{ frameworkServer }

func (s server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateProviderConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.frameworkServer.ConfigureProvider(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	short := *req
	ctx, short.Config = separateList(ctx, req.Config)
	resp, err := s.frameworkServer.ValidateResourceConfig(ctx, &short)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateDataResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateEphemeralResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateActionConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	resp, err := s.frameworkServer.ValidateListResourceConfig(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

// PlanResourceChange also shortens the proposed state. Terraform copies the configuration into it, and the
// framework drops write-only arguments from it.
func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	short := *req
	_, short.ProposedNewState = separateList(ctx, req.ProposedNewState)
	ctx, short.Config = separateList(ctx, req.Config)
	resp, err := s.frameworkServer.PlanResourceChange(ctx, &short)
	if err != nil {
		return resp, err
	}
	resp.Diagnostics = reworded(resp.Diagnostics)
	return resp, nil
}

func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	short := *req
	ctx, short.Config = separateList(ctx, req.Config)
	return s.frameworkServer.ApplyResourceChange(ctx, &short)
}

func (s server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	resp, err := s.frameworkServer.CallFunction(ctx, req)
	if err != nil {
		return resp, err
	}
	resp.Error = rewordedFunction(resp.Error)
	return resp, nil
}
