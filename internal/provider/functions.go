package provider

import (
	"context"
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// providerFunction is a function of the provider.
type providerFunction struct {
	name       string
	definition function.Definition
	run        func(context.Context, function.RunRequest, *function.RunResponse)
}

func (f *providerFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f *providerFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f *providerFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	f.run(ctx, req, resp)
}

// wrongArgument returns the error for an argument. Terraform puts the name of the parameter in front of it.
func wrongArgument(position int64, problem string) *function.FuncError {
	return function.NewArgumentFuncError(position, problem)
}

func newParseTaskIDFunction() function.Function {
	return &providerFunction{name: "parse_task_id", definition: function.Definition{
		Summary: "Split a task id",
		MarkdownDescription: "Splits an id of the form `<product_id>/<task_id>` into an object of `product_id` and `task_id`. " +
			"Resources `aep_upgrade_task` and `aep_upgrade_rollout` have such an id.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "id", MarkdownDescription: "The id, such as `10005977/3456`.",
		}},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{"product_id": types.Int64Type, "task_id": types.Int64Type}},
	}, run: func(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
		var id string
		if resp.Error = req.Arguments.Get(ctx, &id); resp.Error != nil {
			return
		}
		key, err := parseTaskID(id)
		if err != nil {
			resp.Error = wrongArgument(0, err.Error())
			return
		}
		resp.Error = resp.Result.Set(ctx, taskIdentity{ProductID: types.Int64Value(key.ProductID), TaskID: types.Int64Value(key.TaskID)})
	}}
}

func newTaskIDFunction() function.Function {
	return &providerFunction{name: "task_id", definition: function.Definition{
		Summary:             "Build a task id",
		MarkdownDescription: "Returns the id `<product_id>/<task_id>`, the import id of `aep_upgrade_task` and `aep_upgrade_rollout`.",
		Parameters: []function.Parameter{
			function.Int64Parameter{Name: "product_id", MarkdownDescription: "Product that the task belongs to, at least 1."},
			function.Int64Parameter{Name: "task_id", MarkdownDescription: "Id of the task on the platform, at least 1."},
		},
		Return: function.StringReturn{},
	}, run: func(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
		var key aep.TaskKey
		if resp.Error = req.Arguments.Get(ctx, &key.ProductID, &key.TaskID); resp.Error != nil {
			return
		}
		switch {
		case key.ProductID < 1:
			resp.Error = wrongArgument(0, "must be at least 1")
		case key.TaskID < 1:
			resp.Error = wrongArgument(1, "must be at least 1")
		default:
			resp.Error = resp.Result.Set(ctx, key.String())
		}
	}}
}

func newSubtaskPhaseFunction() function.Function {
	return &providerFunction{name: "subtask_phase", definition: function.Definition{
		Summary: "Decode the state code of a device",
		MarkdownDescription: "Returns the phase of a state code (`taskState`): " + quoted(progress.Phases) + ". " +
			"The codes 1, 3, 4 and 5 have another meaning in each of the tables of 2019 and 2022. " +
			"With the table `auto` these are `unknown`, and codes above 5 are read by the table of 2019.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "protocol", MarkdownDescription: "Protocol of the product: `lwm2m` or `t_link`."},
			function.Int64Parameter{Name: "code", MarkdownDescription: "State code."},
			function.StringParameter{
				Name:                "table",
				MarkdownDescription: "Numbering of LwM2M states: " + quoted(progress.CodeTables) + ". No effect for T-Link.",
			},
		},
		Return: function.StringReturn{},
	}, run: func(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
		var (
			protocol, table string
			code            int64
		)
		if resp.Error = req.Arguments.Get(ctx, &protocol, &code, &table); resp.Error != nil {
			return
		}
		parsed, ok := aep.ParseProtocol(protocol)
		var s settings
		switch err := applyTable(&s, table); {
		case !ok:
			resp.Error = wrongArgument(0, fmt.Sprintf("must be lwm2m or t_link, not %q", protocol))
		case err != nil:
			resp.Error = wrongArgument(2, err.Error())
		default:
			resp.Error = resp.Result.Set(ctx, string(progress.PhaseOf(parsed, aep.SubtaskCode(code), s.table)))
		}
	}}
}

func newSplitWavesFunction() function.Function {
	return &providerFunction{name: "split_waves", definition: function.Definition{
		Summary: "Divide devices among waves",
		MarkdownDescription: "Divides device ids among waves, as `wave` of `aep_upgrade_devices` does. There is one wave for each weight. " +
			"The sizes of the waves are about in proportion to the weights. " +
			"A device stays in its wave when the list grows. Within a wave the ids keep their order.",
		Parameters: []function.Parameter{
			function.ListParameter{Name: "ids", ElementType: types.StringType, MarkdownDescription: "Device ids, each once."},
			function.ListParameter{
				Name: "weights", ElementType: types.Int64Type,
				MarkdownDescription: "Whole numbers from 0, at least one of them positive, such as `[1, 10, 89]`.",
			},
			function.StringParameter{Name: "seed", MarkdownDescription: "Any text, also `\"\"`. Another seed divides the devices in another way."},
		},
		Return: function.ListReturn{ElementType: types.ListType{ElemType: types.StringType}},
	}, run: func(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
		var (
			ids     []string
			weights []int64
			seed    string
		)
		if resp.Error = req.Arguments.Get(ctx, &ids, &weights, &seed); resp.Error != nil {
			return
		}
		if _, err := deviceset.New(ids); err != nil {
			resp.Error = wrongArgument(0, err.Error())
			return
		}
		waves, err := deviceset.NewWaves(weights, seed)
		if err != nil {
			resp.Error = wrongArgument(1, err.Error())
			return
		}
		split := waves.Split(ids)
		for i := range split {
			split[i] = append([]string{}, split[i]...) // an empty wave is a list, not null
		}
		resp.Error = resp.Result.Set(ctx, split)
	}}
}
