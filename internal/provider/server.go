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

// server is the framework's server, behind separateList in each call with the configuration of a resource.
type server struct{ frameworkServer }

func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	short := *req
	ctx, short.Config = separateList(ctx, req.Config)
	return s.frameworkServer.ValidateResourceConfig(ctx, &short)
}

// PlanResourceChange also shortens the proposed state. Terraform copies the configuration into it, and the
// framework drops write-only arguments from it.
func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	short := *req
	_, short.ProposedNewState = separateList(ctx, req.ProposedNewState)
	ctx, short.Config = separateList(ctx, req.Config)
	return s.frameworkServer.PlanResourceChange(ctx, &short)
}

func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	short := *req
	ctx, short.Config = separateList(ctx, req.Config)
	return s.frameworkServer.ApplyResourceChange(ctx, &short)
}
