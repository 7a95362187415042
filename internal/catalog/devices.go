package catalog

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Devices lists devices of a product, at most limit of them (0: all). text is a search of the platform, ""
// for all. With a keep that is not nil, the whole list is read, and the devices that it accepts are returned.
func (c *Catalog) Devices(ctx context.Context, productID int64, text string, keep func(aep.ProductDevice) bool, limit int,
) (aep.Listing[aep.ProductDevice], error) {
	q := aep.ProductDeviceQuery{ProductID: productID, Search: text}
	return c.devices.kept(ctx, q, limit, keep == nil, func(d aep.ProductDevice) bool {
		return ofProduct(d.ProductID, productID) && (keep == nil || keep(d))
	})
}
