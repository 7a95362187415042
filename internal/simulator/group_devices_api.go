package simulator

import (
	"cmp"
	"encoding/json"
	"slices"
)

// serveGroupDevices serves GET /groupDeviceList. API: pageNow and pageSize are
// required, productId is required for a group of one product. Without
// deviceGroupId the list has the devices of the product that are in no group.
func (p *Platform) serveGroupDevices(c *call) (json.RawMessage, error) {
	l := &p.options.LookUps
	asked, search := c.requiredPage(l, OpGroupDevices), c.query.Get("searchValue")
	productID, groupID := c.long("productId", 1, maxID, 0), c.long("deviceGroupId", 1, maxID, 0)
	g := p.groups[groupID]
	several := g != nil && g.product == nil
	switch {
	case !several && productID == 0:
		c.fail("productId不能为空")
	case several && search != "":
		c.fail("searchValue仅支持单产品群组")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	owner := p.products[productID]
	switch {
	case productID != 0 && owner == nil:
		return nil, refuse(CodeProductMissing, "产品不存在")
	case several:
		found := g.devices(owner, l.ProductSelectsMembers)
		return l.serveList(OpGroupDevices, asked, inOrder(len(found)), func(r *objectWriter, i int) { p.writeMember(r, found[i]) })
	}
	set := &indexSet{}
	switch {
	case groupID == 0:
		set = p.ungrouped(owner)
	case g != nil:
		set = g.members(owner)
	}
	all := p.searchDevices(owner, set, search)
	return l.serveList(OpGroupDevices, asked, all, func(r *objectWriter, i int) { p.writeMember(r, owner.devices[i]) })
}

// devices returns the members of a group over several products, by product id.
// If filter is set, it returns only those of owner.
func (g *group) devices(owner *product, filter bool) []*device {
	var owners []*product
	for one := range g.shared {
		if !filter || owner == nil || one == owner {
			owners = append(owners, one)
		}
	}
	slices.SortFunc(owners, func(a, b *product) int { return cmp.Compare(a.id, b.id) })
	var found []*device
	for _, one := range owners {
		set := g.shared[one]
		for _, i := range set.page(0, set.count) {
			found = append(found, one.devices[i])
		}
	}
	return found
}

// ungrouped returns the devices of a product that are in no group.
func (p *Platform) ungrouped(owner *product) *indexSet {
	set := &indexSet{}
	for i := range owner.devices {
		set.add(i)
	}
	for _, members := range owner.groups {
		set = set.without(members)
	}
	for _, g := range p.groups {
		if members := g.shared[owner]; members != nil {
			set = set.without(members)
		}
	}
	return set
}

// writeMember writes a row of /groupDeviceList. It has no version and no
// online state.
func (p *Platform) writeMember(r *objectWriter, d *device) {
	r.text("deviceName", d.name())
	r.text("deviceId", d.id)
	r.textOrNull("imei", d.imei())
	r.textOrNull("deviceSn", d.sn())
	r.number("deviceStatus", 1)
	if p.options.LookUps.OldMemberRows {
		return
	}
	r.number("productId", d.product.id)
	r.number("productProtocol", int64(d.product.protocol))
	r.text("productName", d.product.name)
	r.number("nodeType", nodeType)
}
