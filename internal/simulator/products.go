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
		seed:    seed.described(),
		devices: make([]*device, 0, seed.DeviceCount+len(seed.Devices)),
		byID:    make(map[string]*device, seed.DeviceCount+len(seed.Devices)),
		seeded:  map[string][]*device{},
		groups:  map[string]*indexSet{},
	}
	made := make([]device, seed.DeviceCount)
	for i := range made {
		made[i] = device{product: owner, serial: i + 1, version: initialVersion}
		if n := len(seed.Versions); n > 0 {
			made[i].version = firmwareVersion(seed.Versions[i%n])
		}
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

// firmwareVersion returns the version of a device whose seed has a text.
func firmwareVersion(text string) string {
	switch text {
	case "":
		return initialVersion
	case NoVersion:
		return ""
	}
	return text
}

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
	d := &device{product: o, id: seed.ID, serial: serial, seed: &seed, version: firmwareVersion(seed.FirmwareVersion)}
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
	if d.net() == NetOnline {
		o.online++
	}
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

// addGroup adds a group, or the devices of another product to a group over
// several products. regroup puts a device into a group of one product.
func addGroup(groups map[int64]*group, owner *product, seed GroupSeed, regroup func(*device, string)) {
	g := groups[seed.ID]
	if g == nil {
		g = &group{id: seed.ID, name: seed.Name, description: seed.Description, level: seed.Level}
		if seed.Level == 0 {
			g.product = owner
		} else {
			g.shared = map[*product]*indexSet{}
		}
		groups[seed.ID] = g
	}
	for _, id := range seed.Devices {
		if d := owner.byID[id]; d != nil {
			g.add(d, regroup)
		}
	}
	for _, d := range owner.devices {
		if d.seed == nil && seed.Every > 0 && d.serial >= seed.From && (d.serial-seed.From)%seed.Every == 0 {
			g.add(d, regroup)
		}
	}
}

// add adds a device of one of its products to a group.
func (g *group) add(d *device, regroup func(*device, string)) {
	switch {
	case g.product == d.product:
		regroup(d, strconv.FormatInt(g.id, 10))
	case g.shared != nil:
		if g.shared[d.product] == nil {
			g.shared[d.product] = &indexSet{}
		}
		g.shared[d.product].add(d.serial - 1)
	}
}
