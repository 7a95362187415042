package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/ctwing/terraform-provider-aep/internal/catalog"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// session is the configured provider. The client is created at first use. So a configuration whose secrets
// are not known yet can be planned, if no call is needed.
type session struct {
	settings settings
	adjust   []func(*aep.Config)

	once   sync.Once
	runner *campaign.Runner
	// catalog is nil until the runner is there.
	catalog *catalog.Catalog
	err     error

	// The registers of one walk. They need no connection.
	tasks    taskRegister
	rollouts rolloutRegister
	claims   ownership.Sets // of sets
	keyless  sync.Map       // ids of the products that checkMasterKey has returned a warning for
}

// open returns the runner. The first call creates it.
func (s *session) open() (*campaign.Runner, error) {
	s.once.Do(func() { s.runner, s.err = s.connect() })
	return s.runner, s.err
}

func (s *session) connect() (*campaign.Runner, error) {
	if len(s.settings.unknown) > 0 {
		return nil, fmt.Errorf("the provider configuration is not known yet: the value of %s is decided during apply", s.settings.unknownNames())
	}
	config := s.settings.client
	config.Observe, config.Origin = logAttempt, s.settings.origin
	for _, adjust := range s.adjust {
		adjust(&config)
	}
	client, err := aep.New(config)
	if err != nil {
		return nil, err
	}
	s.catalog = catalog.New(client)
	return campaign.New(client, campaign.Options{
		Table: s.settings.table, MaxDevices: s.settings.maxDevices, Log: logStep, Sets: &s.claims,
	}), nil
}

// logAttempt logs one line for each request. An Attempt holds no secret.
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

// logStep logs one step of a procedure.
func logStep(ctx context.Context, message string, fields map[string]any) {
	for name, value := range fields {
		if id, ok := value.(int64); ok && strings.HasSuffix(name, "_id") {
			fields[name] = idText(id)
		}
	}
	tflog.Info(ctx, message, fields)
}

// idText returns an id for a log. Terraform's core prints the numbers of a provider's log as floats:
// 1.0005977e+07.
func idText(id int64) string { return strconv.FormatInt(id, 10) }
