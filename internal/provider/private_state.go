package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateReader is the private state of a request.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// privateWriter is the private state of a response.
type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// leavesKey is the key of a mark in planned private data. A plan that may destroy or replace an object writes
// the mark, and the step that carries out another plan removes it. The Delete of a tainted object, which no
// plan has announced, finds no mark.
const leavesKey = "leaves"

// setMark writes a mark.
func setMark(ctx context.Context, private privateWriter, value any) diag.Diagnostics {
	encoded, _ := json.Marshal(value) // texts and numbers always encode
	return private.SetKey(ctx, leavesKey, encoded)
}

// removeMark removes the mark of a plan that is not carried out.
func removeMark(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, leavesKey, nil)
}

// removeOldMark removes the mark of a planned destroy that has failed, if there is one.
func removeOldMark(ctx context.Context, prior privateReader, private privateWriter) (diags diag.Diagnostics) {
	if readMark(ctx, prior, new(json.RawMessage)) {
		diags = removeMark(ctx, private)
	}
	return diags
}

// readMark reads a mark into value, and reports whether there is one.
func readMark(ctx context.Context, private privateReader, value any) bool {
	if private == nil {
		return false
	}
	encoded, diags := private.GetKey(ctx, leavesKey)
	return !diags.HasError() && len(encoded) > 0 && json.Unmarshal(encoded, value) == nil
}
