package aep

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
)

// The tables are copied from the API document by hand.
func TestEndpointsAreThoseOfTheDocument(t *testing.T) {
	t.Parallel()
	documented := []struct {
		endpoint                         *endpoint
		operation, method, path, version string
		parameters                       []string
		idempotent                       bool // reads, and the only write that sets values
	}{
		{queryDetail, "QueryRemoteUpgradeDetail", "GET", "/detail", "20190615001517", []string{"id", "productId"}, true},
		{queryTask, "QueryRemoteUpgradeTask", "GET", "/task", "20190615001509", []string{"id", "productId"}, true},
		{controlTask, "ControlRemoteUpgradeTask", "PUT", "/control", "20190615001456", []string{"id"}, false},
		{queryDevices, "QueryRemoteUpradeDeviceList", "GET", "/devices", "20190615001451", []string{
			"id", "productId", "isSelectDevice", "pageNow", "pageSize", "deviceIdSearch",
			"deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
		}, true},
		{deleteTask, "DeleteRemoteUpgradeTask", "DELETE", "/task", "20190615001444", []string{"id", "productId", "updateBy"}, false},
		{queryTaskList, "QueryRemoteUpgradeTaskList", "GET", "/tasks", "20190615001440", []string{
			"productId", "pageNow", "pageSize", "searchValue",
		}, true},
		{modifyTask, "ModifyRemoteUpgradeTask", "PUT", "/task", "20190615001433", []string{"id"}, true},
		{createTask, "CreateRemoteUpgradeTask", "POST", "/task", "20190615001416", nil, false},
		{operational, "OperationalRemoteUpgradeTask", "POST", "/operational", "20190615001412", nil, false},
		{querySubtasks, "QueryRemoteUpgradeSubtasks", "GET", "/details", "20190615001406", []string{
			"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize",
		}, true},
	}
	for _, d := range documented {
		t.Run(d.operation, func(t *testing.T) {
			t.Parallel()
			e := d.endpoint
			got := []string{e.operation, e.method, e.path, e.version}
			if want := []string{d.operation, d.method, d.path, d.version}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if !reflect.DeepEqual(e.parameters, d.parameters) {
				t.Errorf("got the parameters %q, want %q", e.parameters, d.parameters)
			}
			if e.idempotent != d.idempotent {
				t.Errorf("got idempotent %t, want %t", e.idempotent, d.idempotent)
			}
			if e.writes != (d.method != http.MethodGet) {
				t.Errorf("got writes %t for %s", e.writes, d.method)
			}
		})
	}
}
