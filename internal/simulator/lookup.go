package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// search narrows a set of subtasks to those whose device id, number, IMEI or
// name contains a text. A text as long as the longest of them can only equal
// one, which needs no scan.
func (p *Platform) search(t *task, set *indexSet, text string) selection {
	if text == "" {
		return set
	}
	if len(text) >= t.product.longest {
		return t.rowsOf(p.equal(t.product, text), set)
	}
	var found few
	for _, i := range set.page(0, set.count) {
		d := t.rows[i].device
		if strings.Contains(p.fold(d.id), p.fold(text)) || strings.Contains(d.name(), text) ||
			strings.Contains(d.sn(), text) || strings.Contains(d.imei(), text) {
			found = append(found, i)
		}
	}
	return found
}

func (p *Platform) equal(o *product, text string) []*device {
	found := o.named(text)
	if d := p.deviceByID(o, text); d != nil && !slices.Contains(found, d) {
		found = append(found, d)
	}
	return found
}

func (t *task) rowsOf(devices []*device, set *indexSet) few {
	var rows few
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

// Values of isSelectDevice.
const (
	selectJoined     = 1
	selectCandidates = 2
)

func (p *Platform) serveDevices(c *call) (json.RawMessage, error) {
	productID, asked := c.requiredLong("productId"), c.page()
	scope := c.long("isSelectDevice", selectJoined, selectCandidates, 0)
	if scope == selectJoined && p.refusesTaskZero(c) {
		return nil, errTaskZero
	}
	id := c.long("id", 1, maxID, 0)
	if scope == 0 {
		c.fail("isSelectDevice不能为空")
	}
	if scope == selectJoined && id == 0 {
		c.fail("isSelectDevice为1时id不能为空")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	wanted := p.deviceSearch(c, owner)
	if scope == selectJoined {
		return p.read(c, productID, id, func(t *task) (json.RawMessage, error) {
			return p.servePage(asked, t.joinedDevices(wanted, c.now), func(r *row, i int) {
				p.writeDevice(r, t.rows[i].device, t.rows[i])
			}), nil
		})
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return p.servePage(asked, owner.candidates(wanted), func(r *row, i int) {
		p.writeDevice(r, owner.devices[i], nil)
	}), nil
}

// deviceSearch is what a call of /devices searches for.
type deviceSearch struct {
	group string
	exact bool      // a device is named
	found []*device // by the exact searches, all of which must hold
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
		{"deviceNameSearch", (*device).name, same},
		{"imeiSearch", (*device).imei, same},
		{"deviceNoSearch", (*device).sn, same},
	}
	for _, search := range searches {
		text := c.query.Get(search.param)
		if text == "" {
			continue
		}
		if !wanted.exact {
			wanted.found, wanted.exact = p.equal(owner, text), true
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
	var rows few
	for _, d := range wanted.found {
		if set.has(d.serial - 1) {
			rows = append(rows, d.serial-1)
		}
	}
	slices.Sort(rows)
	return rows
}
