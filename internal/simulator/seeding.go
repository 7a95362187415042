package simulator

import (
	"cmp"
	"crypto/md5" //nolint:gosec // A firmware row has an MD5.
	"encoding/hex"
	"strconv"
	"time"
)

const (
	defaultPlan        = 1
	defaultNetworkType = 2
	defaultPowerModel  = 1
)

// firmwareCreated is the createTime of the first firmware of a product.
var firmwareCreated = time.UnixMilli(1558343157951)

// described returns what a row of the product needs of its seed.
func (s ProductSeed) described() ProductSeed {
	return ProductSeed{
		Description: s.Description, OfflineEvery: s.OfflineEvery,
		NetworkType: cmp.Or(s.NetworkType, defaultNetworkType),
		PowerModel:  cmp.Or(s.PowerModel, defaultPowerModel),
		CreatedAt:   timeOr(s.CreatedAt, deviceCreated.Add(-time.Hour)),
		UpdatedAt:   timeOr(s.UpdatedAt, timeOr(s.CreatedAt, deviceCreated.Add(-time.Hour))),
	}
}

func timeOr(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}

// newFirmware adds a firmware to a product.
func newFirmware(owner *product, seed FirmwareSeed) *firmware {
	image := describeFirmware(owner, seed)
	owner.firmware = append(owner.firmware, image)
	return image
}

// describeFirmware returns a firmware that no list has.
func describeFirmware(owner *product, seed FirmwareSeed) *firmware {
	id := strconv.FormatInt(seed.ID, 10)
	sum := md5.Sum([]byte(id)) //nolint:gosec // Not a secret.
	seed.FileName = cmp.Or(seed.FileName, id+".bin")
	seed.MD5 = cmp.Or(seed.MD5, hex.EncodeToString(sum[:]))
	seed.UpgradePlan = cmp.Or(seed.UpgradePlan, defaultPlan)
	seed.ModuleType = cmp.Or(seed.ModuleType, [...]int64{0, 1001, 1003}[min(2, seed.UpgradePlan)])
	seed.CreatedAt = timeOr(seed.CreatedAt, firmwareCreated.AddDate(0, 0, len(owner.firmware)))
	seed.UpdatedAt = timeOr(seed.UpdatedAt, seed.CreatedAt)
	return &firmware{id: seed.ID, name: seed.Name, version: seed.Version, product: owner, seed: seed}
}
