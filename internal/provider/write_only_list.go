package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// writeOnlyListKey is the key of the write-only list in a context.
type writeOnlyListKey struct{}

// writeOnlyList returns the elements that separateList has put into the context. found is false if there are none.
func writeOnlyList(ctx context.Context) (ids []string, found bool) {
	ids, found = ctx.Value(writeOnlyListKey{}).([]string)
	return ids, found
}

// separateList moves the elements of the argument device_ids_wo from a configuration into the context. The
// framework visits each element of a value several times, and writeOnlyList gets them without that. The list
// that remains is invalid, so that nobody takes it for the list of the practitioner. A configuration without
// this list, or with an element that is null, unknown or empty, is returned as it is.
func separateList(ctx context.Context, config *tfprotov6.DynamicValue) (context.Context, *tfprotov6.DynamicValue) {
	const name = "device_ids_wo"
	var (
		object map[string]msgpack.RawMessage
		ids    []string
	)
	if config == nil || msgpack.Unmarshal(config.MsgPack, &object) != nil || object[name] == nil ||
		msgpack.Unmarshal(object[name], &ids) != nil || ids == nil || slices.Contains(ids, "") {
		return ctx, config // null is decoded as "", and unknown is an error
	}
	object[name] = msgpack.RawMessage{0x91, 0xc0} // [null]
	short, err := msgpack.Marshal(object)
	if err != nil {
		return ctx, config
	}
	return context.WithValue(ctx, writeOnlyListKey{}, ids), &tfprotov6.DynamicValue{MsgPack: short}
}
