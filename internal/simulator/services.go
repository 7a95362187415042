package simulator

// UpgradeService is the service of the campaign's operations.
const UpgradeService = "aep_upgrade_management"

// The services beside UpgradeService. Each has its own subscription.
const (
	FirmwareService = "aep_firmware_management"
	ProductService  = "aep_product_management"
	DeviceService   = "aep_device_management"
	GroupService    = "aep_device_group_management"
)

// The operations of the services beside UpgradeService, in the spelling of
// their documents.
const (
	OpFirmwareList   = "QueryFirmwareList"
	OpFirmware       = "QueryFirmware"
	OpProductList    = "QueryProductList"
	OpProduct        = "QueryProduct"
	OpProductDevices = "QueryDeviceList"
	OpProductDevice  = "QueryDevice"
	// OpDevicesByID is POST /listByDeviceIds. It changes nothing.
	OpDevicesByID   = "ListDeviceInfo"
	OpProductByIMEI = "QueryProductInfoByImei"
	// OpGroupList has two versions with different parameters and rows.
	OpGroupList     = "QueryDeviceGroupList"
	OpGroupDevices  = "QueryGroupDeviceList"
	OpGroupOfDevice = "getGroupDetailByDeviceId"
)

// FirmwareToken is in the firmwareUrl of every firmware row. A client with the
// link can download the firmware.
const FirmwareToken = "c2ltdWxhdGVkLWRvd25sb2Fk" //nolint:gosec // It opens nothing.
