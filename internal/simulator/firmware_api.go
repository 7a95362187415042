package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// finds reports whether a search finds one of the texts.
func finds(search string, exact bool, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		return text == search || !exact && strings.Contains(text, search)
	})
}

// missingResult returns the response to a read of something that does not
// exist.
func missingResult(way Missing, code int, message string) (json.RawMessage, error) {
	results := map[Missing]string{MissingNull: "null", MissingEmptyObject: "{}", MissingEmptyText: `""`}
	if result, ok := results[way]; ok {
		return json.RawMessage(result), nil
	}
	return nil, refuse(code, "%s", message)
}

// serveFirmwareList serves GET /firmwares. API: searchValue is part of a name.
// The newest firmware is first.
func (p *Platform) serveFirmwareList(c *call) (json.RawMessage, error) {
	l := &p.options.LookUps
	productID, asked := c.requiredLong("productId"), c.lookUpPage(l, OpFirmwareList)
	search := c.query.Get("searchValue")
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	var found []*firmware
	for _, image := range owner.firmware {
		if !(image.seed.Unapproved && l.HideUnapproved) && (search == "" || finds(search, l.ExactFirmware, image.name)) {
			found = append(found, image)
		}
	}
	slices.SortStableFunc(found, func(a, b *firmware) int {
		return cmp.Or(b.seed.CreatedAt.Compare(a.seed.CreatedAt), cmp.Compare(b.id, a.id))
	})
	return l.serveList(OpFirmwareList, asked, inOrder(len(found)), func(r *objectWriter, i int) { p.writeFirmware(r, found[i]) })
}

// serveFirmware serves GET /firmware.
func (p *Platform) serveFirmware(c *call) (json.RawMessage, error) {
	id, productID := c.requiredLong("id"), c.requiredLong("productId")
	if err := c.err(); err != nil {
		return nil, err
	}
	if _, err := p.product(productID); err != nil {
		return nil, err
	}
	image := p.firmware[id]
	if image == nil || image.product.id != productID {
		return missingResult(p.options.LookUps.MissingFirmware, CodeFirmwareMissing, "固件不存在")
	}
	return p.options.LookUps.serveOne(func(r *objectWriter) { p.writeFirmware(r, image) })
}

// writeFirmware writes a row of /firmwares.
func (p *Platform) writeFirmware(r *objectWriter, image *firmware) {
	seed := image.seed
	r.number("firmwareId", image.id)
	r.text("firmwareName", image.name)
	r.text("tenantId", p.options.TenantID)
	r.number("productId", image.product.id)
	r.text("firmwareUrl", fmt.Sprintf("/upload?tenantId=%s&productId=%d&fileName=%s&fileType=package&token=%s",
		p.options.TenantID, image.product.id, seed.FileName, FirmwareToken))
	r.text("firmwareVersion", image.version)
	r.number("upgradeId", 0)
	r.number("upgradeType", 1)
	r.number("firmwareSignature", 0)
	r.text("firmwareDesc", seed.Description)
	r.millis("createTime", seed.CreatedAt)
	r.millis("updateTime", seed.UpdatedAt)
	r.text("createBy", "huangliang")
	r.null("updateBy")
	r.text("fileName", seed.FileName)
	r.text("md5", seed.MD5)
	r.number("upgradeUploadType", 1)
	r.number("moduleType", seed.ModuleType)
	r.text("moduleName", seed.ModuleName)
	r.number("upgradePlan", seed.UpgradePlan)
}
