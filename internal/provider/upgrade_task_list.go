package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
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

// upgradeTaskList finds tasks of a product, for import.
type upgradeTaskList struct{ configuredResource }

type upgradeTaskListModel struct {
	ProductID    types.Int64    `tfsdk:"product_id"`
	NameContains types.String   `tfsdk:"name_contains"`
	Statuses     []types.String `tfsdk:"statuses"`
}

func (l *upgradeTaskList) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrade_task"
}

func (l *upgradeTaskList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Firmware upgrade tasks of a product, for `terraform query` and import in bulk.",
		Attributes: map[string]schema.Attribute{
			"product_id": schema.Int64Attribute{
				Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				MarkdownDescription: "Product whose tasks to list (`productId`).",
			},
			"name_contains": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "Part of the task's name, as the platform searches it (`searchValue`). Defaults to any name.",
			},
			"statuses": schema.ListAttribute{
				ElementType: types.StringType, Optional: true,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(),
					listvalidator.ValueStringsAre(stringvalidator.RegexMatches(statusName, "must be pending, running, finished or unknown_<n>")),
				},
				MarkdownDescription: "Statuses to list: `pending`, `running`, `finished`, `unknown_<n>` (`jobStatus`). Defaults to all.",
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
		for task, err := range runner.Client().EachTask(ctx, config.query()) {
			broken := task.Lacks != ""
			if broken {
				task, err = runner.ReadTask(ctx, task.Key())
			}
			if err != nil {
				more := push(list.ListResult{Diagnostics: diag.Diagnostics{unable("list", "upgrade tasks", err)}})
				if more && broken { // the other rows are sound
					continue
				}
				return
			}
			if !config.selects(task) {
				continue
			}
			// Terraform names a limit and leaves it to the provider to stop there.
			if pushed++; !push(listedTask(ctx, req, task)) || pushed == req.Limit {
				return
			}
		}
	}
}

func (m upgradeTaskListModel) query() aep.TaskQuery {
	return aep.TaskQuery{ProductID: m.ProductID.ValueInt64(), NameContains: m.NameContains.ValueString()}
}

// selects applies the filter that the platform does not have.
func (m upgradeTaskListModel) selects(t aep.Task) bool {
	return len(m.Statuses) == 0 || slices.Contains(m.Statuses, types.StringValue(t.Status.String()))
}

// listedTask turns a row of the platform's list into a result: the row has all
// that the resource shows.
func listedTask(ctx context.Context, req list.ListRequest, t aep.Task) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s (%s, task %d)", t.Name, t.Status, t.ID)
	result.Diagnostics.Append(setTaskIdentity(ctx, result.Identity, t.Key())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, upgradeTaskModel{Timeouts: noTimeouts()}.refreshed(t))...)
	}
	return result
}

// noTimeouts is a timeouts block that is not there.
func noTimeouts() timeouts.Value {
	return timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
		"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
	})}
}
