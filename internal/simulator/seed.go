package simulator

import "time"

// The values of productProtocol. API: the example of POST /task has 3 for
// LwM2M.
const (
	ProtocolTLink = 1
	ProtocolLwM2M = 3
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

	// Description, NetworkType and PowerModel are those of the product's row.
	// Zero means an empty text, 2 and 1.
	Description             string
	NetworkType, PowerModel int64
	// CreatedAt and UpdatedAt of zero mean a time in 2019.
	CreatedAt, UpdatedAt time.Time
	// Versions are dealt to the generated devices in turn. Nil means 1.0.0.
	// See NoVersion.
	Versions []string
	// OfflineEvery makes the devices with a multiple of this serial number
	// offline, unless their Net says otherwise. Zero means none.
	OfflineEvery int
	Groups       []GroupSeed
}

// FirmwareSeed describes a firmware of a product. Names and versions may
// repeat.
type FirmwareSeed struct {
	ID            int64
	Name, Version string

	// FileName and MD5 have generated values if they are empty.
	Description, FileName, MD5, ModuleName string
	// UpgradePlan is 1 or 2. Zero means 1. API: the examples have ModuleType
	// 1001 for plan 1 and 1003 for plan 2.
	UpgradePlan, ModuleType int64
	// CreatedAt of zero means one day after the product's firmware before.
	CreatedAt, UpdatedAt time.Time
	// Unapproved refuses tasks with the firmware. See LookUps.HideUnapproved.
	Unapproved bool
}

// DeviceSeed describes a device. Empty fields get generated values.
type DeviceSeed struct {
	ID, Name, SN, IMEI, GroupID, FirmwareVersion string
	Net                                          NetState
}

// NoVersion is the text of a seed whose device has reported no version.
const NoVersion = "none"

// NetState is the netStatus of a device.
type NetState int

// The states of a connection. API: 1 online, 2 offline.
const (
	// NetGenerated is online, or never for each tenth device.
	NetGenerated NetState = iota
	NetOnline
	NetOffline
	// NetNever is a device that has never been online.
	NetNever
)

// GroupSeed describes a group of devices. A group over several products is in
// ProductSeed.Groups of each of them, with the same ID.
type GroupSeed struct {
	ID                int64
	Name, Description string
	// Level is 0 for one product and 1 for several.
	Level int
	// Devices are the ids of members.
	Devices []string
	// Every and From add the generated devices with the serial numbers From,
	// From+Every and so on. Zero for Every adds none.
	Every, From int
}
