package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// search returns the members of set whose device id, number, IMEI or name
// contains a text. API: searchValue of /details. A text at least as long as
// all of these can only equal one, which needs no scan.
func (p *Platform) search(t *task, set *indexSet, text string) selection {
	if text == "" {
		return set
	}
	if len(text) >= t.product.longest {
		return t.rowsOf(p.exactDevices(t.product, text), set)
	}
	var found rowList
	for _, i := range set.page(0, set.count) {
		d := t.rows[i].device
		if strings.Contains(p.fold(d.id), p.fold(text)) || strings.Contains(d.name(), text) ||
			strings.Contains(d.sn(), text) || strings.Contains(d.imei(), text) {
			found = append(found, i)
		}
	}
	return found
}

// exactDevices returns the devices whose id, name, number or IMEI is a text.
func (p *Platform) exactDevices(o *product, text string) []*device {
	found := o.devicesNamed(text)
	if d := p.deviceByID(o, text); d != nil && !slices.Contains(found, d) {
		found = append(found, d)
	}
	return found
}

// devicesNamed returns the devices whose name, number or IMEI is a text. It
// needs no scan, because generated texts contain the serial number.
func (o *product) devicesNamed(text string) []*device {
	found := slices.Clone(o.seeded[text])
	for _, serial := range o.serialsIn(text) {
		if serial < 1 || serial > len(o.devices) {
			continue
		}
		d := o.devices[serial-1]
		if (d.name() == text || d.imei() == text || d.sn() == text) && !slices.Contains(found, d) {
			found = append(found, d)
		}
	}
	return found
}

// serialsIn returns the serial numbers that a generated text may contain.
func (o *product) serialsIn(text string) []int {
	var serials []int
	for _, prefix := range []string{namePrefix, imeiPrefix, ""} {
		if len(text) <= len(prefix) || text[:len(prefix)] != prefix {
			continue
		}
		if serial, err := strconv.Atoi(text[len(prefix):]); err == nil {
			serials = append(serials, serial)
		}
	}
	return serials
}

// rowsOf returns the rows of devices in a set, in ascending order.
func (t *task) rowsOf(devices []*device, set *indexSet) rowList {
	var rows rowList
	for _, d := range devices {
		for s := range t.subtasksOf(d) {
			if set.has(s.row) {
				rows = append(rows, s.row)
			}
		}
	}
	slices.Sort(rows)
	return rows
}

// deviceSearch has the searches of one call of /devices.
type deviceSearch struct {
	group string
	exact bool      // whether a device is searched for
	found []*device // the devices that all exact searches find
}

func (p *Platform) deviceSearch(c *call, owner *product) deviceSearch {
	wanted := deviceSearch{group: c.query.Get("deviceGroupIdSearch")}
	isLwM2M, isTLink := owner.protocol == ProtocolLwM2M, owner.protocol == ProtocolTLink
	if c.query.Get("imeiSearch") != "" && isTLink {
		c.fail("imeiSearch仅支持LWM2M协议")
	}
	if c.query.Get("deviceNoSearch") != "" && isLwM2M {
		c.fail("deviceNoSearch仅支持T_Link协议")
	}
	searches := []struct {
		param string
		of    func(*device) string
		fold  func(string) string
	}{
		{"deviceIdSearch", func(d *device) string { return d.id }, p.fold},
		{"deviceNameSearch", (*device).name, unchanged},
		{"imeiSearch", (*device).imei, unchanged},
		{"deviceNoSearch", (*device).sn, unchanged},
	}
	for _, search := range searches {
		text := c.query.Get(search.param)
		if text == "" {
			continue
		}
		if !wanted.exact {
			wanted.found, wanted.exact = p.exactDevices(owner, text), true
		}
		wanted.found = slices.DeleteFunc(wanted.found, func(d *device) bool { return search.fold(search.of(d)) != search.fold(text) })
	}
	return wanted
}

func (t *task) joinedDevices(wanted deviceSearch, now time.Time) selection {
	set := t.visible(&t.joined, now)
	if wanted.group != "" {
		set = set.and(t.group(wanted.group))
	}
	if wanted.exact {
		return t.rowsOf(wanted.found, set)
	}
	return set
}

func (o *product) candidates(wanted deviceSearch) selection {
	set := &o.free
	if wanted.group != "" {
		set = set.and(indexOf(o.groups, wanted.group))
	}
	if !wanted.exact {
		return set
	}
	var rows rowList
	for _, d := range wanted.found {
		if set.has(d.serial - 1) {
			rows = append(rows, d.serial-1)
		}
	}
	slices.Sort(rows)
	return rows
}

// fold returns a device id in the form in which ids are compared.
func (p *Platform) fold(id string) string {
	if p.options.Quirks.FoldIDs {
		return strings.ToLower(id)
	}
	return id
}

func unchanged(text string) string { return text }

// deviceByID returns the device with an id, or nil. An exact match precedes.
func (p *Platform) deviceByID(o *product, id string) *device {
	if d := o.byID[id]; d != nil || !p.options.Quirks.FoldIDs {
		return d
	}
	if o.folded == nil {
		o.folded = make(map[string]*device, len(o.devices))
		for _, d := range o.devices {
			if key := p.fold(d.id); o.folded[key] == nil {
				o.folded[key] = d
			}
		}
	}
	return o.folded[p.fold(id)]
}
