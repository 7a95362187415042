package provider

import (
	"bytes"
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
// framework visits each element of a value several times, and writeOnlyList returns them without that. The list
// that remains is invalid, so that it never counts as the list of the practitioner. A configuration without this
// list, or with an element that is null, unknown or empty, is returned as it is.
func separateList(ctx context.Context, config *tfprotov6.DynamicValue) (context.Context, *tfprotov6.DynamicValue) {
	if config == nil {
		return ctx, nil
	}
	data := config.MsgPack
	reader := bytes.NewReader(data)
	decoder := msgpack.NewDecoder(reader)
	members, err := decoder.DecodeMapLen()
	for ; err == nil && members > 0; members-- {
		if name, _ := decoder.DecodeString(); name != "device_ids_wo" {
			err = decoder.Skip()
			continue
		}
		var ids []string
		before := data[:len(data)-reader.Len()]
		if decoder.Decode(&ids) != nil || ids == nil || slices.Contains(ids, "") { // null is decoded as "", unknown is an error
			break
		}
		after := data[len(data)-reader.Len():]
		listOfNull := []byte{0x91, 0xc0}
		return context.WithValue(ctx, writeOnlyListKey{}, ids), &tfprotov6.DynamicValue{MsgPack: slices.Concat(before, listOfNull, after)}
	}
	return ctx, config
}
