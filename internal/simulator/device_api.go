package simulator

import (
	"encoding/json"
	"slices"
)

// serveProductDevices serves GET /devices of DeviceService. API: searchValue
// is a name, an id, and the IMEI of LwM2M or the number of the others.
func (p *Platform) serveProductDevices(c *call) (json.RawMessage, error) {
	l := &p.options.LookUps
	productID, asked := c.requiredLong("productId"), c.lookUpPage(l, OpProductDevices)
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	all := p.searchDevices(owner, inOrder(len(owner.devices)), c.query.Get("searchValue"))
	return l.serveList(OpProductDevices, asked, all, func(r *objectWriter, i int) { p.writeProductDevice(r, owner.devices[i]) })
}

// searchDevices returns the devices of a selection that a search finds. The
// empty text finds all.
func (p *Platform) searchDevices(owner *product, all selection, search string) selection {
	if search == "" {
		return all
	}
	var found rowList
	for _, i := range all.page(0, all.size()) {
		d := owner.devices[i]
		texts := []string{d.name(), d.id, d.sn()}
		if owner.protocol == ProtocolLwM2M {
			texts[2] = d.imei()
		}
		if finds(search, p.options.LookUps.ExactDevices, texts...) {
			found = append(found, i)
		}
	}
	return found
}

// serveProductDevice serves GET /device.
func (p *Platform) serveProductDevice(c *call) (json.RawMessage, error) {
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
	return p.options.LookUps.serveOne(func(r *objectWriter) { p.writeProductDevice(r, d) })
}

// serveDevicesByID serves POST /listByDeviceIds. It leaves out ids that the
// product does not have, and repeated ids.
func (p *Platform) serveDevicesByID(c *call) (json.RawMessage, error) {
	c.only("productId", "deviceIdList")
	productID, ids := c.requiredNumber("productId"), c.textList("deviceIdList")
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	l := &p.options.LookUps
	ids, err = limited(Quirks{
		MaxOperationalIDs: l.MaxIDs, TooManyIDs: l.TooManyIDs, GatewayTimeout: p.options.Quirks.GatewayTimeout,
	}, ids, CodeDevice)
	if err != nil {
		return nil, err
	}
	found := owner.named(ids)
	if len(found) == 0 && l.None == NoneNull {
		return json.RawMessage("null"), nil
	}
	r := objectWriter{b: []byte{'['}, textNumbers: l.NumbersAsText, emptyNulls: l.EmptyForNull}
	for i, d := range found {
		if i > 0 {
			r.b = append(r.b, ',')
		}
		r.b = append(r.b, '{')
		p.writeNamedDevice(&r, d)
		r.b = append(r.b, '}')
	}
	return append(r.b, ']'), nil
}

// named returns the devices with some ids, each once.
func (o *product) named(ids []string) []*device {
	var found []*device
	seen := make(map[*device]bool, len(ids))
	for _, id := range ids {
		if d := o.byID[id]; d != nil && !seen[d] {
			seen[d] = true
			found = append(found, d)
		}
	}
	return found
}

// textList returns a member of the document's type array of texts, which must
// be present and have elements.
func (c *call) textList(name string) []string {
	raw, given := c.body[name]
	if !given {
		c.fail("%s不能为空", name)
		return nil
	}
	var list []*string
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 || slices.Contains(list, nil) {
		c.fail("%s类型错误或为空", name)
		return nil
	}
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = *text
	}
	return texts
}

// writeProductDevice writes a row of /devices. API: the rows of LwM2M differ
// from the others.
func (p *Platform) writeProductDevice(r *objectWriter, d *device) {
	lwm2m := d.product.protocol == ProtocolLwM2M
	if !lwm2m {
		r.text("deviceSn", d.sn())
	}
	r.text("deviceId", d.id)
	r.text("deviceName", d.name())
	r.text("tenantId", p.options.TenantID)
	r.number("productId", d.product.id)
	if lwm2m {
		r.text("imei", d.imei())
		r.null("imsi")
	}
	p.writeVersion(r, d)
	r.number("deviceStatus", 1)
	r.millis("createTime", deviceCreated)
	if lwm2m {
		r.number("autoObserver", 0)
		r.text("createBy", "huangliang")
		r.null("updateTime")
		r.null("updateBy")
	} else {
		r.millis("updateTime", deviceCreated)
		r.millis("activeTime", deviceCreated)
		r.null("logoutTime")
	}
	writeConnection(r, d)
	if !lwm2m {
		r.number("productProtocol", int64(d.product.protocol))
	}
}

// writeNamedDevice writes a row of /listByDeviceIds, which is the same for all
// protocols.
func (p *Platform) writeNamedDevice(r *objectWriter, d *device) {
	r.number("productId", d.product.id)
	r.text("tenantId", p.options.TenantID)
	r.text("deviceId", d.id)
	r.textOrNull("deviceSn", d.sn())
	r.text("deviceName", d.name())
	r.textOrNull("imei", d.imei())
	r.null("imsi")
	p.writeVersion(r, d)
	r.number("deviceStatus", 1)
	r.millis("createTime", deviceCreated)
	r.null("createBy")
	r.null("updateTime")
	r.null("updateBy")
	writeConnection(r, d)
	r.millis("activeTime", deviceCreated)
	r.null("logoutTime")
}

// writeVersion writes the version of a device, which may be missing.
func (p *Platform) writeVersion(r *objectWriter, d *device) {
	l := &p.options.LookUps
	version, way := d.version, l.MissingVersion
	if l.HideVersions != nil && l.HideVersions(d.id) {
		version = ""
	}
	if version == "" && (way == VersionNull || way == VersionDocumented && d.product.protocol == ProtocolLwM2M) {
		r.null("firmwareVersion")
		return
	}
	r.text("firmwareVersion", version)
}
