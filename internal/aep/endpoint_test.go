package aep

import (
	"reflect"
	"slices"
	"testing"
)

// The tables are copied from the API documents by hand.
func TestEndpointsAreThoseOfTheDocuments(t *testing.T) {
	t.Parallel()
	const upgrade, firmware, product = "aep_upgrade_management", "aep_firmware_management", "aep_product_management"
	const group, device = "aep_device_group_management", "aep_device_management"
	documented := []struct {
		endpoint                                  *endpoint
		service, operation, method, path, version string
		parameters                                []string
		masterKey                                 bool // declared, in a header
		is                                        endpointClass
	}{
		{queryDetail, upgrade, "QueryRemoteUpgradeDetail", "GET", "/detail", "20190615001517", []string{"id", "productId"}, true, aQuery},
		{queryTask, upgrade, "QueryRemoteUpgradeTask", "GET", "/task", "20190615001509", []string{"id", "productId"}, true, aQuery},
		{controlTask, upgrade, "ControlRemoteUpgradeTask", "PUT", "/control", "20190615001456", []string{"id"}, true, anAct},
		{queryDevices, upgrade, "QueryRemoteUpradeDeviceList", "GET", "/devices", "20190615001451", []string{
			"id", "productId", "isSelectDevice", "pageNow", "pageSize", "deviceIdSearch",
			"deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
		}, true, aQuery},
		{deleteTask, upgrade, "DeleteRemoteUpgradeTask", "DELETE", "/task", "20190615001444", []string{
			"id", "productId", "updateBy",
		}, true, anAct},
		{queryTaskList, upgrade, "QueryRemoteUpgradeTaskList", "GET", "/tasks", "20190615001440", []string{
			"productId", "pageNow", "pageSize", "searchValue",
		}, true, aQuery},
		{modifyTask, upgrade, "ModifyRemoteUpgradeTask", "PUT", "/task", "20190615001433", []string{"id"}, true, aSetting},
		{createTask, upgrade, "CreateRemoteUpgradeTask", "POST", "/task", "20190615001416", nil, true, anAct},
		{operational, upgrade, "OperationalRemoteUpgradeTask", "POST", "/operational", "20190615001412", nil, true, anAct},
		{querySubtasks, upgrade, "QueryRemoteUpgradeSubtasks", "GET", "/details", "20190615001406", []string{
			"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize",
		}, true, aQuery},
		{queryFirmwareList, firmware, "QueryFirmwareList", "GET", "/firmwares", "20190615001608", []string{
			"productId", "searchValue", "pageNow", "pageSize",
		}, true, aQuery},
		{queryFirmware, firmware, "QueryFirmware", "GET", "/firmware", "20190618151645", []string{"id", "productId"}, true, aQuery},
		{queryProductList, product, "QueryProductList", "GET", "/products", "20190507004824", []string{
			"searchValue", "pageNow", "pageSize",
		}, false, aQuery},
		{queryProduct, product, "QueryProduct", "GET", "/product", "20181031202055", []string{"productId"}, false, aQuery},
		{queryProductDevices, device, "QueryDeviceList", "GET", "/devices", "20190507012134", []string{
			"productId", "searchValue", "pageNow", "pageSize",
		}, true, aQuery},
		{listDeviceInfo, device, "ListDeviceInfo", "POST", "/listByDeviceIds", "20210828062945", nil, true, aQuery},
		{queryGroups, group, "QueryDeviceGroupList", "GET", "/deviceGroups", "20230218035819", []string{
			"pageNow", "pageSize", "productId", "deviceGroupId", "deviceGroupName", "groupLevel",
		}, false, aQuery},
		{queryGroupDevices, group, "QueryGroupDeviceList", "GET", "/groupDeviceList", "20190615001540", []string{
			"productId", "searchValue", "pageNow", "pageSize", "deviceGroupId",
		}, true, aQuery},
	}
	for _, d := range documented {
		t.Run(d.operation, func(t *testing.T) {
			t.Parallel()
			e := d.endpoint
			got := []string{e.service.name, e.operation, e.method, e.path, e.version}
			if want := []string{d.service, d.operation, d.method, d.path, d.version}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if !reflect.DeepEqual(e.parameters, d.parameters) {
				t.Errorf("got the parameters %q, want %q", e.parameters, d.parameters)
			}
			if e.masterKey != d.masterKey {
				t.Errorf("got MasterKey declared %t, want %t", e.masterKey, d.masterKey)
			}
			if got := (endpointClass{e.writes, e.idempotent}); got != d.is {
				t.Errorf("got %+v, want %+v", got, d.is)
			}
		})
	}
}

type endpointClass struct{ writes, idempotent bool }

// A write that sets values is idempotent.
var aQuery, anAct, aSetting = endpointClass{false, true}, endpointClass{true, false}, endpointClass{true, true}
