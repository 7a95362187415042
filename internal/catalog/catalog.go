// Package catalog finds products, firmware, device groups and devices by id, name or version.
//
// A search of the platform may return more rows than match. This package compares exactly, and returns a
// *MatchError if nothing matches, or more than one.
package catalog

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Catalog looks things up through one client. Callers that come together, or shortly after each other, share the
// lists. It is safe for concurrent use.
type Catalog struct {
	client   *aep.Client
	products lists[string, aep.Product] // by text to search for
	firmware lists[aep.FirmwareQuery, aep.Firmware]
	groups   lists[groupQuery, aep.DeviceGroup]
	members  lists[groupKey, aep.GroupDevice]
	devices  lists[aep.ProductDeviceQuery, aep.ProductDevice]
}

// New returns a catalog over a client.
func New(client *aep.Client) *Catalog {
	c := &Catalog{client: client}
	c.products.load = client.Products
	c.firmware.load = client.Firmwares
	c.groups.load = func(ctx context.Context, q groupQuery, limit int) (aep.Listing[aep.DeviceGroup], error) {
		return client.DeviceGroups(ctx, q.query(), limit)
	}
	c.members.load = func(ctx context.Context, k groupKey, limit int) (aep.Listing[aep.GroupDevice], error) {
		return client.GroupDevices(ctx, k.productID, k.groupID, limit)
	}
	c.devices.load = client.ProductDevices
	return c
}
