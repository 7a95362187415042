package simulator

import (
	"cmp"
	"slices"
)

// Product is a snapshot of a product.
type Product struct {
	ID          int64
	Name        string
	Protocol    int
	DeviceCount int
	// Firmware is in the order of adding.
	Firmware []Firmware
}

// Firmware is a snapshot of a firmware.
type Firmware struct {
	ID            int64
	Name, Version string
}

// Products returns the products in the order of their ids.
func (p *Platform) Products() []Product {
	return inspect(p, func() []Product {
		all := make([]Product, 0, len(p.products))
		for _, owner := range p.products {
			seen := Product{ID: owner.id, Name: owner.name, Protocol: owner.protocol, DeviceCount: len(owner.devices)}
			for _, image := range owner.firmware {
				seen.Firmware = append(seen.Firmware, Firmware{ID: image.id, Name: image.name, Version: image.version})
			}
			all = append(all, seen)
		}
		slices.SortFunc(all, func(a, b Product) int { return cmp.Compare(a.ID, b.ID) })
		return all
	})
}

// Options returns the present options.
func (p *Platform) Options() Options {
	return inspect(p, func() Options { return p.options })
}
