package provider

import (
	"context"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// The operations of a resource, as the timeouts block names them.
const (
	opCreate = "create"
	opRead   = "read"
	opUpdate = "update"
	opDelete = "delete"
)

// crudModel is the model of a resource.
type crudModel interface {
	// limits returns the timeouts block, and the limits that hold without it.
	limits() (timeouts.Value, crudLimits)
	// identify sets the identity of the resource. Terraform before 1.12 has none.
	identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics
}

// crudLimits are the default time limits of a resource.
type crudLimits struct{ create, read, update, delete time.Duration }

// decoding is a part of a request, and the model to decode it into.
type decoding struct {
	from interface {
		Get(ctx context.Context, target any) diag.Diagnostics
	}
	to crudModel
}

// frame has what every Create, Read, Update and Delete needs at its beginning.
type frame struct {
	operation string
	diags     *diag.Diagnostics
	// The first model of decode has the time limit, and the last has the identity.
	decode   []decoding
	identity *tfsdk.ResourceIdentity // nil: it is not set
	// limits takes the place of the limits of the first model. It may be nil.
	limits func() (timeouts.Value, crudLimits)
}

// enter decodes the models, sets the identity, and returns a context with the time limit of the operation. It
// reports false after an error.
func (f frame) enter(ctx context.Context) (context.Context, context.CancelFunc, bool) {
	for _, one := range f.decode {
		f.diags.Append(one.from.Get(ctx, one.to)...)
	}
	first, last := f.decode[0].to, f.decode[len(f.decode)-1].to
	limits := first.limits
	if f.limits != nil {
		limits = f.limits
	}
	block, defaults := limits()
	limit, diags := operationLimit(ctx, f.operation, block, defaults)
	f.diags.Append(diags...)
	if f.identity != nil {
		// The framework wants an identity from every read, even of an object that is gone.
		f.diags.Append(last.identify(ctx, f.identity)...)
	}
	if f.diags.HasError() {
		return ctx, func() {}, false
	}
	limited, cancel := withLimit(ctx, f.operation, limit)
	return limited, cancel, true
}

// begin is enter with the runner. The runner is nil after an error. It is also nil if a read finds the
// provider configuration not known yet; that is a warning.
func (c *connection) begin(ctx context.Context, f frame) (context.Context, context.CancelFunc, *campaign.Runner) {
	limited, cancel, ok := f.enter(ctx)
	if !ok || f.operation == opRead && c.notReady(f.diags) {
		return limited, cancel, nil
	}
	return limited, cancel, c.open(f.diags)
}

// operationLimit returns the time limit of an operation.
func operationLimit(ctx context.Context, operation string, block timeouts.Value, limits crudLimits) (time.Duration, diag.Diagnostics) {
	switch operation {
	case opCreate:
		return block.Create(ctx, limits.create)
	case opRead:
		return block.Read(ctx, limits.read)
	case opUpdate:
		return block.Update(ctx, limits.update)
	default:
		return block.Delete(ctx, limits.delete)
	}
}
