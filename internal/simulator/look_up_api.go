package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
)

// API: the operations of the services beside UpgradeService, with their paths,
// version strings, query parameters and use of MasterKey.
var lookUpEndpoints = []endpoint{
	lookUp(FirmwareService, OpFirmwareList, "/firmwares", "20190615001608", keyOptional,
		(*Platform).serveFirmwareList, "productId", "searchValue", "pageNow", "pageSize"),
	lookUp(FirmwareService, OpFirmware, "/firmware", "20190618151645", keyOptional,
		(*Platform).serveFirmware, "id", "productId"),
	lookUp(ProductService, OpProductList, "/products", "20190507004824", keyUndeclared,
		(*Platform).serveProductList, "searchValue", "pageNow", "pageSize"),
	lookUp(ProductService, OpProduct, "/product", "20181031202055", keyUndeclared,
		(*Platform).serveProduct, "productId"),
	lookUp(DeviceService, OpProductDevices, "/devices", "20190507012134", keyRequired,
		(*Platform).serveProductDevices, "productId", "searchValue", "pageNow", "pageSize"),
	lookUp(DeviceService, OpProductDevice, "/device", "20181031202139", keyRequired,
		(*Platform).serveProductDevice, "deviceId", "productId"),
	lookUp(DeviceService, OpDevicesByID, "/listByDeviceIds", "20210828062945", keyRequired,
		(*Platform).serveDevicesByID),
	lookUp(DeviceService, OpProductByIMEI, "/device/getProductInfoFormApiByImei", "20191213161859", keyUndeclared,
		(*Platform).serveProductByIMEI, "imei"),
	lookUp(GroupService, OpGroupList, "/deviceGroups", "20230218035819", keyUndeclared,
		(*Platform).serveGroupList, "pageNow", "pageSize", "productId", "deviceGroupId", "deviceGroupName", "groupLevel"),
	lookUp(GroupService, OpGroupList, "/deviceGroups", "20190615001555", keyOptional,
		(*Platform).serveOldGroupList, "productId", "searchValue", "pageNow", "pageSize"),
	lookUp(GroupService, OpGroupDevices, "/groupDeviceList", "20190615001540", keyOptional,
		(*Platform).serveGroupDevices, "productId", "searchValue", "pageNow", "pageSize", "deviceGroupId"),
	lookUp(GroupService, OpGroupOfDevice, "/groupOfDeviceId", "20211014095939", keyUndeclared,
		(*Platform).serveGroupOfDevice, "productId", "deviceId"),
}

// lookUp returns an operation that only reads. OpDevicesByID has a body.
func lookUp(
	service, operation, path, version string, key keyUse,
	serve func(*Platform, *call) (json.RawMessage, error), query ...string,
) endpoint {
	method := http.MethodGet
	if operation == OpDevicesByID {
		method = http.MethodPost
	}
	return endpoint{
		service: service, operation: operation, method: method, path: "/" + service + path,
		version: version, query: query, key: key, lookUp: true, serve: serve,
	}
}

// route returns the endpoint of a method, a path and a version. For an unknown
// version it returns another one of the path, and nil for an unknown path.
func route(method, path, version string) *endpoint {
	var found *endpoint
	for _, endpoints := range [][]endpoint{upgradeEndpoints, lookUpEndpoints} {
		for i := range endpoints {
			e := &endpoints[i]
			if e.method == method && e.path == path && (found == nil || e.version == version) {
				found = e
			}
		}
	}
	return found
}

// CampaignOperations returns the names of the operations of UpgradeService.
func CampaignOperations() []string { return operationsOf(upgradeEndpoints) }

// LookUpOperations returns the names of the operations of the other services.
func LookUpOperations() []string { return operationsOf(lookUpEndpoints) }

func operationsOf(endpoints []endpoint) []string {
	var names []string
	for _, e := range endpoints {
		if !slices.Contains(names, e.operation) {
			names = append(names, e.operation)
		}
	}
	return names
}
