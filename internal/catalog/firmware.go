package catalog

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Firmware returns the firmware of a product with an id.
func (c *Catalog) Firmware(ctx context.Context, productID, id int64) (aep.Firmware, error) {
	f, err := c.client.Firmware(ctx, productID, id)
	if !aep.MaybeGone(err) {
		return f, err
	}
	s := firmwareSearch(productID, ByID, idText(id))
	s.refusal = err
	return s.find(ctx, nil, c.firmware.reader(aep.FirmwareQuery{ProductID: productID}, 0))
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
	return c.firmware.first(ctx, aep.FirmwareQuery{ProductID: productID, NameContains: text}, 0)
}

func firmwareSearch(productID int64, by, value string) search[aep.Firmware] {
	return search[aep.Firmware]{
		kind: KindFirmware, productID: productID, by: by, value: value,
		describe: func(f aep.Firmware) Candidate {
			return Candidate{ID: f.ID, Name: f.Name, Version: f.Version, CreatedAt: f.CreatedAt}
		},
	}
}
