package catalog

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Firmware returns the firmware of a product with an id.
func (c *Catalog) Firmware(ctx context.Context, productID, id int64) (aep.Firmware, error) {
	s := firmwareSearch(productID, ByID, idText(id))
	f, err := c.client.Firmware(ctx, productID, id)
	switch {
	case aep.MaybeGone(err):
		s.refusal = err
		return s.find(ctx, nil, c.firmware.reader(aep.FirmwareQuery{ProductID: productID}, 0))
	case err != nil:
		return f, err
	}
	// A response that describes the firmware of another product is no match.
	return s.find(ctx, nil, func(context.Context) (aep.Listing[aep.Firmware], error) {
		return aep.Listing[aep.Firmware]{Rows: []aep.Firmware{f}, Total: 1}, nil
	})
}

// FirmwareNamed returns the only firmware of a product with a name, or the newest if newest is true.
func (c *Catalog) FirmwareNamed(ctx context.Context, productID int64, name string, newest bool) (aep.Firmware, error) {
	s := firmwareSearch(productID, ByName, name)
	s.newest = newest
	return s.find(ctx, c.firmware.reader(aep.FirmwareQuery{ProductID: productID}, candidateRows),
		c.firmware.reader(aep.FirmwareQuery{ProductID: productID, NameContains: name}, 0))
}

// FirmwareOfVersion returns the only firmware of a product with a version, or the newest if newest is true. The
// platform has no search by version, so the list is read.
func (c *Catalog) FirmwareOfVersion(ctx context.Context, productID int64, version string, newest bool) (aep.Firmware, error) {
	s := firmwareSearch(productID, ByVersion, version)
	s.newest = newest
	return s.find(ctx, nil, c.firmware.reader(aep.FirmwareQuery{ProductID: productID}, 0))
}

// Firmwares lists the firmware of a product whose name contains a text, "" for all.
func (c *Catalog) Firmwares(ctx context.Context, productID int64, text string) (aep.Listing[aep.Firmware], error) {
	q := aep.FirmwareQuery{ProductID: productID, NameContains: text}
	return c.firmware.kept(ctx, q, 0, true, func(f aep.Firmware) bool { return ofProduct(f.ProductID, productID) })
}

func firmwareSearch(productID int64, by, value string) search[aep.Firmware] {
	return search[aep.Firmware]{
		kind: KindFirmware, productID: productID, by: by, value: value,
		describe: func(f aep.Firmware) Candidate {
			return Candidate{ID: f.ID, Name: f.Name, Version: f.Version, CreatedAt: f.CreatedAt}
		},
		product: func(f aep.Firmware) int64 { return f.ProductID },
	}
}
