package simulator

// The values of productProtocol. API: the example of POST /task has 3 for
// LwM2M.
const (
	ProtocolTLink = 1
	ProtocolLwM2M = 3
)

// The products and firmware of DefaultProducts.
const (
	LwM2MProduct   int64 = 10005977
	TLinkProduct   int64 = 10005986
	LwM2MFirmware  int64 = 3297
	LwM2MFirmware2 int64 = 3298
	TLinkFirmware  int64 = 3275
	TLinkFirmware2 int64 = 3276

	LwM2MMasterKey = "0123456789abcdef0123456789abcdef"
	TLinkMasterKey = "fedcba9876543210fedcba9876543210"

	DefaultDeviceCount = 100
)

// ProductSeed describes a product. It gets DeviceCount generated devices and
// those of Devices.
type ProductSeed struct {
	ID          int64
	Name        string
	Protocol    int
	MasterKey   string
	Firmware    []FirmwareSeed
	DeviceCount int
	Devices     []DeviceSeed
}

// FirmwareSeed describes a firmware of a product.
type FirmwareSeed struct {
	ID            int64
	Name, Version string
}

// DeviceSeed describes a device. Empty fields get generated values.
type DeviceSeed struct {
	ID, Name, SN, IMEI, GroupID, FirmwareVersion string
}

// DefaultProducts returns an LwM2M and a T-Link product with deviceCount
// devices each. Their ids are from the examples of the API document.
func DefaultProducts(deviceCount int) []ProductSeed {
	return []ProductSeed{
		{
			ID: LwM2MProduct, Name: "复用lw二进制 远程升级", Protocol: ProtocolLwM2M, MasterKey: LwM2MMasterKey,
			Firmware: []FirmwareSeed{
				{ID: LwM2MFirmware, Name: "水表固件", Version: "1.3251"},
				{ID: LwM2MFirmware2, Name: "水表固件二", Version: "1.4000"},
			},
			DeviceCount: deviceCount,
		},
		{
			ID: TLinkProduct, Name: "彩色电视", Protocol: ProtocolTLink, MasterKey: TLinkMasterKey,
			Firmware: []FirmwareSeed{
				{ID: TLinkFirmware, Name: "电视固件", Version: "10.3"},
				{ID: TLinkFirmware2, Name: "电视固件二", Version: "10.4"},
			},
			DeviceCount: deviceCount,
		},
	}
}
