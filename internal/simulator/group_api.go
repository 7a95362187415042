package simulator

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// sortedGroups returns the groups that a condition selects, by id.
func (p *Platform) sortedGroups(selects func(*group) bool) []*group {
	var found []*group
	for _, g := range p.groups {
		if selects(g) {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b *group) int { return cmp.Compare(a.id, b.id) })
	return found
}

// serveGroupList serves GET /deviceGroups in the version of 2023. API: pageNow
// and pageSize are required, groupLevel is 0 for one product and 1 for
// several.
func (p *Platform) serveGroupList(c *call) (json.RawMessage, error) {
	const absent = -1
	l := &p.options.LookUps
	asked := c.requiredPage(l, OpGroupList)
	productID, id := c.long("productId", 1, maxID, 0), c.long("deviceGroupId", 1, maxID, 0)
	level, name := c.long("groupLevel", 0, 1, absent), c.query.Get("deviceGroupName")
	if err := c.err(); err != nil {
		return nil, err
	}
	owner := p.products[productID]
	if productID != 0 && owner == nil {
		return nil, refuse(CodeProductMissing, "产品不存在")
	}
	found := p.sortedGroups(func(g *group) bool {
		shown := owner == nil || g.product == owner || l.ProductShowsSeveral && g.shared[owner] != nil
		return shown && (id == 0 || g.id == id) && (level == absent || int64(g.level) == level) &&
			(name == "" || finds(name, l.ExactGroups, g.name))
	})
	return l.serveList(OpGroupList, asked, inOrder(len(found)), func(r *objectWriter, i int) { p.writeGroup(r, found[i]) })
}

// serveOldGroupList serves GET /deviceGroups in the version of 2019. API:
// searchValue is a name or an id. It knows only groups of one product.
func (p *Platform) serveOldGroupList(c *call) (json.RawMessage, error) {
	l := &p.options.LookUps
	productID, asked := c.requiredLong("productId"), c.requiredPage(l, OpGroupList)
	search := c.query.Get("searchValue")
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	found := p.sortedGroups(func(g *group) bool {
		return g.product == owner && (search == "" || finds(search, l.ExactGroups, g.name, strconv.FormatInt(g.id, 10)))
	})
	return l.serveList(OpGroupList, asked, inOrder(len(found)), func(r *objectWriter, i int) { p.writeOldGroup(r, found[i]) })
}

// serveGroupOfDevice serves GET /groupOfDeviceId. A device without a group has
// the result null.
func (p *Platform) serveGroupOfDevice(c *call) (json.RawMessage, error) {
	productID, id := c.requiredLong("productId"), c.query.Get("deviceId")
	if id == "" {
		c.fail("deviceId不能为空")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	d := owner.byID[id]
	if d == nil {
		return missingResult(p.options.LookUps.MissingDevice, CodeDevice, "设备不存在")
	}
	found := p.sortedGroups(func(g *group) bool { return g.members(owner).has(d.serial - 1) })
	if len(found) == 0 {
		return json.RawMessage("null"), nil
	}
	return p.options.LookUps.serveOne(func(r *objectWriter) {
		p.writeGroup(r, found[0])
		r.number("maxDevNum", 0)
	})
}

// writeGroup writes a row of the version of 2023. API: productId is null for
// several products.
func (p *Platform) writeGroup(r *objectWriter, g *group) {
	r.number("deviceGroupId", g.id)
	r.text("tenantId", p.options.TenantID)
	if g.product == nil {
		r.null("productId")
	} else {
		r.number("productId", g.product.id)
	}
	r.text("deviceGroupName", g.name)
	r.text("description", g.description)
	r.number("groupLevel", int64(g.level))
	writeGroupTimes(r)
}

// writeOldGroup writes a row of the version of 2019.
func (p *Platform) writeOldGroup(r *objectWriter, g *group) {
	count := int64(g.members(g.product).count)
	r.number("deviceGroupId", g.id)
	r.text("tenantId", p.options.TenantID)
	r.number("productId", g.product.id)
	r.text("deviceGroupName", g.name)
	r.number("deviceCount", count)
	r.number("activeCount", count)
	r.text("description", g.description)
	writeGroupTimes(r)
}

func writeGroupTimes(r *objectWriter) {
	r.millis("createTime", deviceCreated)
	r.millis("updateTime", deviceOnline)
}
