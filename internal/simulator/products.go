package simulator

import (
	"crypto/md5" //nolint:gosec // The hash only generates ids.
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
)

// newProduct returns a product with its devices.
func newProduct(seed ProductSeed) *product {
	owner := &product{
		id: seed.ID, name: seed.Name, protocol: seed.Protocol, masterKey: seed.MasterKey,
		devices: make([]*device, 0, seed.DeviceCount+len(seed.Devices)),
		byID:    make(map[string]*device, seed.DeviceCount+len(seed.Devices)),
		seeded:  map[string][]*device{},
		groups:  map[string]*indexSet{},
	}
	made := make([]device, seed.DeviceCount)
	for i := range made {
		made[i] = device{product: owner, serial: i + 1, version: initialVersion}
		made[i].id = owner.deviceID(i + 1)
		owner.insert(&made[i])
	}
	for _, d := range seed.Devices {
		owner.addDevice(d)
	}
	return owner
}

// initialVersion is the firmware version of a device without a seed.
const initialVersion = "1.0.0"

// deviceID returns a generated id. API: the examples have 32 hexadecimal
// digits for LwM2M, and the product id with a number for T-Link.
func (o *product) deviceID(serial int) string {
	if o.protocol != ProtocolLwM2M {
		return strconv.FormatInt(o.id, 10) + padded(serial, serialWidth)
	}
	var key [16]byte
	binary.BigEndian.PutUint64(key[:8], uint64(o.id))
	binary.BigEndian.PutUint64(key[8:], uint64(serial))
	sum := md5.Sum(key[:]) //nolint:gosec // Not a secret.
	return hex.EncodeToString(sum[:])
}

// addDevice adds a device, or returns the existing device with the seed's id.
func (o *product) addDevice(seed DeviceSeed) *device {
	serial := len(o.devices) + 1
	if seed.ID == "" {
		seed.ID = o.deviceID(serial)
	}
	if existing, known := o.byID[seed.ID]; known {
		return existing
	}
	d := &device{product: o, id: seed.ID, serial: serial, seed: &seed, version: seed.FirmwareVersion}
	if d.version == "" {
		d.version = initialVersion
	}
	for _, text := range []string{seed.Name, seed.SN, seed.IMEI} {
		if text != "" && !slices.Contains(o.seeded[text], d) {
			o.seeded[text] = append(o.seeded[text], d)
		}
	}
	o.insert(d)
	o.regroup(d, seed.GroupID)
	return d
}

func (o *product) insert(d *device) {
	o.devices = append(o.devices, d)
	o.byID[d.id] = d
	o.folded = nil
	o.free.add(d.serial - 1)
	if d.seed != nil || d.serial == 1 {
		o.longest = max(o.longest, len(d.id), len(d.name()), len(d.sn()), len(d.imei()))
	}
}

// regroup changes the group of a device. The empty text is no group.
func (o *product) regroup(d *device, group string) {
	if old := o.groups[d.group]; old != nil {
		old.remove(d.serial - 1)
	}
	d.group = group
	if group == "" {
		return
	}
	indexOf(o.groups, group).add(d.serial - 1)
}
