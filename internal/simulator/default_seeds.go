package simulator

// The products, firmware and groups of DefaultProducts.
const (
	LwM2MProduct   int64 = 10005977
	TLinkProduct   int64 = 10005986
	LwM2MFirmware0 int64 = 3296
	LwM2MFirmware  int64 = 3297
	LwM2MFirmware2 int64 = 3298
	TLinkFirmware0 int64 = 3274
	TLinkFirmware  int64 = 3275
	TLinkFirmware2 int64 = 3276

	LwM2MNorthGroup int64 = 21001
	LwM2MSouthGroup int64 = 21002
	TLinkNorthGroup int64 = 21003
	TLinkSouthGroup int64 = 21004
	PilotGroup      int64 = 21005

	LwM2MProductName = "Water meters"
	TLinkProductName = "Street lamps"
	NorthGroupName   = "north"
	SouthGroupName   = "south"
	PilotGroupName   = "pilot"

	LwM2MMasterKey = "0123456789abcdef0123456789abcdef"
	TLinkMasterKey = "fedcba9876543210fedcba9876543210"

	DefaultDeviceCount = 100
)

// DefaultProducts returns an LwM2M and a T-Link product with deviceCount
// devices each. Their ids are from the examples of the API document. Each has
// three firmware, and the groups north and south with a third of the devices
// each. The group pilot has a tenth of the devices of both products.
func DefaultProducts(deviceCount int) []ProductSeed {
	return []ProductSeed{
		{
			ID: LwM2MProduct, Name: LwM2MProductName, Protocol: ProtocolLwM2M, MasterKey: LwM2MMasterKey,
			Firmware: []FirmwareSeed{
				{ID: LwM2MFirmware0, Name: "Water meter 1.3000", Version: "1.3000"},
				{ID: LwM2MFirmware, Name: "Water meter 1.3251", Version: "1.3251"},
				{ID: LwM2MFirmware2, Name: "Water meter 1.4000", Version: "1.4000"},
			},
			DeviceCount: deviceCount, Description: "Water meters over NB-IoT", PowerModel: 2,
			Groups: defaultGroups(LwM2MNorthGroup, LwM2MSouthGroup),
		},
		{
			ID: TLinkProduct, Name: TLinkProductName, Protocol: ProtocolTLink, MasterKey: TLinkMasterKey,
			Firmware: []FirmwareSeed{
				{ID: TLinkFirmware0, Name: "Street lamp 10.2", Version: "10.2"},
				{ID: TLinkFirmware, Name: "Street lamp 10.3", Version: "10.3"},
				{ID: TLinkFirmware2, Name: "Street lamp 10.4", Version: "10.4"},
			},
			DeviceCount: deviceCount, Description: "Street lamps with a mobile modem",
			Groups: defaultGroups(TLinkNorthGroup, TLinkSouthGroup),
		},
	}
}

// defaultGroups returns the groups of one product.
func defaultGroups(north, south int64) []GroupSeed {
	return []GroupSeed{
		{ID: north, Name: NorthGroupName, Description: "Devices in the north", Every: 3, From: 2},
		{ID: south, Name: SouthGroupName, Description: "Devices in the south", Every: 3, From: 3},
		{ID: PilotGroup, Name: PilotGroupName, Description: "Devices that are upgraded first", Level: 1, Every: 10, From: 5},
	}
}
