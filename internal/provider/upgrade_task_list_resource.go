package provider

import (
	"context"
	"fmt"
	"iter"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ list.ListResourceWithConfigure = (*upgradeTaskList)(nil)

func newUpgradeTaskList() list.ListResource { return &upgradeTaskList{} }

// upgradeTaskList lists tasks of a product, for import.
type upgradeTaskList struct{ configuredResource }

type upgradeTaskListModel struct {
	ProductID    types.Int64    `tfsdk:"product_id"`
	NameContains types.String   `tfsdk:"name_contains"`
	Statuses     []types.String `tfsdk:"statuses"`
}

func (l *upgradeTaskList) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_task"
}

func (l *upgradeTaskList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest,
	resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Firmware upgrade tasks of a product, for `terraform query` and import in bulk. " + tasksInConsole,
		Attributes: map[string]schema.Attribute{
			"product_id": schema.Int64Attribute{
				Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Product whose tasks to list (`productId`).",
			},
			"name_contains": schema.StringAttribute{
				Optional: true, MarkdownDescription: nameContainsText,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"statuses": schema.ListAttribute{
				ElementType: types.StringType, Optional: true, Validators: statusesValidators(), MarkdownDescription: statusesText,
			},
		},
	}
}

func (l *upgradeTaskList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var (
		config upgradeTaskListModel
		diags  diag.Diagnostics
	)
	diags.Append(req.Config.Get(ctx, &config)...)
	runner := l.open(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		var pushed int64
		for task, err := range config.tasks(ctx, runner) {
			if err != nil {
				if !push(list.ListResult{Diagnostics: diag.Diagnostics{unable("list", "upgrade tasks", err)}}) {
					return
				}
				continue
			}
			if !hasStatus(task, config.Statuses) {
				continue
			}
			// The provider has to stop at Terraform's limit.
			if pushed++; !push(listedTask(ctx, req, task)) || pushed == req.Limit {
				return
			}
		}
	}
}

// tasks returns the tasks of the product. A task whose row is broken is read on its own; an error of that
// read is one element. An error of the list ends it.
func (m upgradeTaskListModel) tasks(ctx context.Context, runner *campaign.Runner) iter.Seq2[aep.Task, error] {
	q := aep.TaskQuery{ProductID: m.ProductID.ValueInt64(), NameContains: m.NameContains.ValueString()}
	return func(yield func(aep.Task, error) bool) {
		for task, err := range runner.Client().EachTask(ctx, q) {
			broken := task.Lacks != ""
			if broken {
				task, err = runner.ReadTask(ctx, task.Key())
			}
			if !yield(task, err) || err != nil && !broken {
				return
			}
		}
	}
}

// listedTask returns a row of the platform's list as a result.
func listedTask(ctx context.Context, req list.ListRequest, t aep.Task) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s (%s, task %d)", t.Name, t.Status, t.ID)
	result.Diagnostics.Append(setTaskIdentity(ctx, result.Identity, t.Key())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, upgradeTaskModel{Timeouts: noTimeouts()}.refreshed(t))...)
	}
	return result
}

// noTimeouts returns a timeouts block that is not set.
func noTimeouts() timeouts.Value {
	return timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
		opCreate: types.StringType, opRead: types.StringType, opUpdate: types.StringType, opDelete: types.StringType,
	})}
}
