package simulator

import (
	"slices"
	"time"
)

// SetDeviceVersion sets the firmware version of devices. NoVersion removes it.
func (p *Platform) SetDeviceVersion(productID int64, version string, deviceIDs ...string) error {
	return p.actOnProduct(productID, func(owner *product) {
		for _, id := range deviceIDs {
			if d := owner.byID[id]; d != nil {
				d.version = firmwareVersion(version)
			}
		}
	})
}

// AddFirmware adds firmware to a product.
func (p *Platform) AddFirmware(productID int64, seeds ...FirmwareSeed) error {
	return p.actOnProduct(productID, func(owner *product) {
		for _, seed := range seeds {
			p.firmware[seed.ID] = newFirmware(owner, seed)
		}
	})
}

// DeleteFirmware deletes firmware. Tasks keep theirs.
func (p *Platform) DeleteFirmware(firmwareIDs ...int64) {
	_ = p.act(func(time.Time) error {
		for _, id := range firmwareIDs {
			if image := p.firmware[id]; image != nil {
				delete(p.firmware, id)
				owner := image.product
				owner.firmware = slices.DeleteFunc(owner.firmware, func(other *firmware) bool { return other == image })
			}
		}
		return nil
	})
}

// AddGroups adds groups to a product, or its devices to groups over several
// products.
func (p *Platform) AddGroups(productID int64, seeds ...GroupSeed) error {
	return p.actOnProduct(productID, func(owner *product) {
		for _, seed := range seeds {
			addGroup(p.groups, owner, seed, p.regroup)
		}
	})
}

// RenameProduct changes the name of a product.
func (p *Platform) RenameProduct(productID int64, name string) error {
	return p.actOnProduct(productID, func(owner *product) { owner.name = name })
}
