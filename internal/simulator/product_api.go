package simulator

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// serveProductList serves GET /products. API: searchValue is a product id or a
// name.
func (p *Platform) serveProductList(c *call) (json.RawMessage, error) {
	l := &p.options.LookUps
	asked, search := c.lookUpPage(l, OpProductList), c.query.Get("searchValue")
	if err := c.err(); err != nil {
		return nil, err
	}
	var found []*product
	for _, owner := range p.products {
		if search == "" || finds(search, l.ExactProducts, owner.name, strconv.FormatInt(owner.id, 10)) {
			found = append(found, owner)
		}
	}
	slices.SortFunc(found, func(a, b *product) int { return cmp.Compare(a.id, b.id) })
	return l.serveList(OpProductList, asked, inOrder(len(found)), func(r *objectWriter, i int) {
		p.writeProduct(r, found[i], !l.NoOnlineCount)
	})
}

// serveProduct serves GET /product.
func (p *Platform) serveProduct(c *call) (json.RawMessage, error) {
	id := c.requiredLong("productId")
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(id)
	if err != nil {
		return missingResult(p.options.LookUps.MissingProduct, CodeProductMissing, "产品不存在")
	}
	return p.options.LookUps.serveOne(func(r *objectWriter) { p.writeProduct(r, owner, true) })
}

// writeProduct writes a row of /products. API: apiKey is the MasterKey of the
// product.
func (p *Platform) writeProduct(r *objectWriter, owner *product, withOnline bool) {
	r.number("productId", owner.id)
	r.text("productName", owner.name)
	r.text("tenantId", p.options.TenantID)
	r.text("productDesc", owner.seed.Description)
	p.writeProductKinds(r, owner)
	r.number("networkType", owner.seed.NetworkType)
	r.number("endpointFormat", 1)
	r.number("powerModel", owner.seed.PowerModel)
	r.text("apiKey", owner.masterKey)
	r.number("deviceCount", int64(len(owner.devices)))
	if withOnline {
		r.number("onlineDeviceCount", int64(owner.online))
	}
	r.millis("createTime", owner.seed.CreatedAt)
	r.millis("updateTime", owner.seed.UpdatedAt)
	r.text("createBy", "huangliang")
	r.null("updateBy")
	// API: rootCert is a number in one example and a text in another.
	r.scalar("rootCert", "0", owner.protocol == ProtocolLwM2M)
	r.number("accessType", 1)
	r.number("nodeType", nodeType)
	r.number("tupIsThrough", 0)
	r.number("dataEncryption", 0)
	r.number("encryptionType", 0)
	r.null("lwm2mEdrxTime")
	r.text("tupDeviceModel", "")
	r.text("tupDeviceType", "")
	r.null("categoryId")
	r.null("categoryName")
	r.null("msgParserMode")
}

// nodeType is that of a device without a gateway.
const nodeType = 1

// writeProductKinds writes the members that classify a product.
func (p *Platform) writeProductKinds(r *objectWriter, owner *product) {
	r.number("productType", 1)
	r.text("productTypeValue", "智慧城市")
	r.number("secondaryType", 2)
	r.text("secondaryTypeValue", "公共事业")
	r.number("thirdType", 3)
	r.text("thirdTypeValue", owner.name)
	r.number("productProtocol", int64(owner.protocol))
	r.number("authType", 1)
	r.number("payloadFormat", 1)
}

// serveProductByIMEI serves GET /device/getProductInfoFormApiByImei. API: only
// LwM2M products have it.
func (p *Platform) serveProductByIMEI(c *call) (json.RawMessage, error) {
	imei := c.query.Get("imei")
	if imei == "" {
		c.fail("imei不能为空")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	for _, owner := range p.products {
		if owner.protocol != ProtocolLwM2M {
			continue
		}
		for _, d := range owner.devicesNamed(imei) {
			if d.imei() == imei {
				return p.options.LookUps.serveOne(func(r *objectWriter) {
					r.number("productId", owner.id)
					r.text("productName", owner.name)
				})
			}
		}
	}
	return missingResult(p.options.LookUps.MissingDevice, CodeDevice, "设备不存在")
}
