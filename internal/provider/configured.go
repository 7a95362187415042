package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// session is what the provider block comes to. The client behind it is made at
// first use, so that a configuration whose secrets are not known yet can be
// planned as far as no call is needed.
type session struct {
	settings settings
	adjust   []func(*aep.Config)

	once     sync.Once
	runner   *campaign.Runner
	err      error
	rollouts rolloutMemory
	tasks    taskMemory
	claims   ownership.Sets // of sets, which need no connection
}

// errNotKnownYet says that the provider block depends on values that only an
// apply will tell.
var errNotKnownYet = errors.New("the provider configuration is not known yet")

// open returns the runner, making it the first time.
func (s *session) open() (*campaign.Runner, error) {
	s.once.Do(func() { s.runner, s.err = s.connect() })
	return s.runner, s.err
}

func (s *session) connect() (*campaign.Runner, error) {
	if len(s.settings.unknown) > 0 {
		return nil, fmt.Errorf("%w: the value of %s is decided during apply", errNotKnownYet, strings.Join(s.settings.unknown, ", "))
	}
	config := s.settings.client
	config.Observe = logAttempt
	for _, adjust := range s.adjust {
		adjust(&config)
	}
	if err := s.settings.missing(); err != nil {
		return nil, err
	}
	client, err := aep.New(config)
	if err != nil {
		return nil, err
	}
	return campaign.New(client, campaign.Options{
		Table: s.settings.table, MaxDevices: s.settings.maxDevices, Log: logStep, Sets: &s.claims,
	}), nil
}

// logAttempt writes one line for each request; an Attempt holds no secret.
func logAttempt(ctx context.Context, a aep.Attempt) {
	fields := map[string]any{
		"operation": a.Operation, "method": a.Method, "path": a.Path, "attempt": a.Number,
		"status": a.HTTPStatus, "code": a.Code, "duration_ms": a.Duration.Milliseconds(),
	}
	if a.ProductID != 0 {
		fields["product_id"] = idText(a.ProductID)
	}
	if a.TaskID != 0 {
		fields["task_id"] = idText(a.TaskID)
	}
	if a.Failure != "" {
		fields["failure"] = a.Failure
		tflog.Warn(ctx, "request failed", fields)
		return
	}
	tflog.Debug(ctx, "request", fields)
}

func logStep(ctx context.Context, message string, fields map[string]any) {
	for name, value := range fields {
		if id, ok := value.(int64); ok && strings.HasSuffix(name, "_id") {
			fields[name] = idText(id)
		}
	}
	tflog.Info(ctx, message, fields)
}

// idText writes an id for a log. Terraform's core prints the numbers of a provider's
// log as floats: 1.0005977e+07.
func idText(id int64) string { return strconv.FormatInt(id, 10) }

// connection is embedded by everything that calls the platform.
type connection struct{ session *session }

// use takes the provider's data, which is nil until the provider is configured.
func (c *connection) use(data any, diags *diag.Diagnostics) {
	if data == nil {
		return
	}
	s, ok := data.(*session)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("This is a bug in the provider: it was handed a %T.", data))
		return
	}
	c.session = s
}

// open returns the runner, or nil after adding the reason as an error.
func (c *connection) open(diags *diag.Diagnostics) *campaign.Runner {
	if c.session == nil {
		diags.AddError("Provider not configured", "This is a bug in the provider or in Terraform: a call came before the configuration.")
		return nil
	}
	runner, err := c.session.open()
	if err != nil {
		addConfigErrors(diags, err)
		return nil
	}
	return runner
}

// opened returns the runner, nil if no calls can be made yet. Plans can do without.
func (c *connection) opened(diags *diag.Diagnostics) *campaign.Runner {
	if !c.ready() {
		return nil
	}
	return c.open(diags)
}

// ready reports whether calls can be made: the provider is configured, and its
// configuration is known.
func (c *connection) ready() bool {
	return c.session != nil && len(c.session.settings.unknown) == 0
}

func addConfigErrors(diags *diag.Diagnostics, err error) {
	var list interface{ Unwrap() []error }
	if errors.As(err, &list) {
		for _, one := range list.Unwrap() {
			addConfigErrors(diags, one)
		}
		return
	}
	if e, ok := errors.AsType[*aep.ConfigError](err); ok {
		diags.AddError("Invalid provider configuration", configProblem(e))
		return
	}
	diags.AddError("Provider not ready", capitalized(err.Error())+".")
}

// The three kinds of configurable things differ in nothing but the types of Configure.

type configuredResource struct{ connection }

func (c *configuredResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	c.use(req.ProviderData, &resp.Diagnostics)
}

type configuredDataSource struct{ connection }

func (c *configuredDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	c.use(req.ProviderData, &resp.Diagnostics)
}

type configuredAction struct{ connection }

func (c *configuredAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	c.use(req.ProviderData, &resp.Diagnostics)
}

// unreadable reports that nothing can be read because the provider
// configuration is not known yet. What the state holds then stands, with a
// warning: failing would keep the plan from ever getting to know it.
func (c *connection) unreadable(diags *diag.Diagnostics) bool {
	if c.session == nil || c.ready() {
		return false
	}
	diags.AddWarning("Not refreshed", "The provider configuration is not known yet: the value of "+
		strings.Join(c.session.settings.unknown, ", ")+" is decided during apply. The plan goes by the last known state.")
	return true
}
