package simulator

import (
	"encoding/json"
	"net/http"
)

// The operations, in the document's spelling.
const (
	OpQueryDetail = "QueryRemoteUpgradeDetail"
	OpQueryTask   = "QueryRemoteUpgradeTask"
	OpControl     = "ControlRemoteUpgradeTask"
	OpDevices     = "QueryRemoteUpradeDeviceList"
	OpDelete      = "DeleteRemoteUpgradeTask"
	OpTasks       = "QueryRemoteUpgradeTaskList"
	OpModify      = "ModifyRemoteUpgradeTask"
	OpCreate      = "CreateRemoteUpgradeTask"
	OpOperational = "OperationalRemoteUpgradeTask"
	OpSubtasks    = "QueryRemoteUpgradeSubtasks"
)

// API: the list of operations with their paths, version strings and query
// parameters.
var upgradeEndpoints = []endpoint{
	upgrade(OpQueryDetail, http.MethodGet, "/detail", "20190615001517", (*Platform).serveDetail, "id", "productId"),
	upgrade(OpQueryTask, http.MethodGet, "/task", "20190615001509", (*Platform).serveTask, "id", "productId"),
	upgrade(OpControl, http.MethodPut, "/control", "20190615001456", (*Platform).serveControl, "id"),
	upgrade(OpDevices, http.MethodGet, "/devices", "20190615001451", (*Platform).serveDevices,
		"id", "productId", "isSelectDevice", "pageNow", "pageSize", "deviceIdSearch",
		"deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch"),
	upgrade(OpDelete, http.MethodDelete, "/task", "20190615001444", (*Platform).serveDelete,
		"id", "productId", "updateBy"),
	upgrade(OpTasks, http.MethodGet, "/tasks", "20190615001440", (*Platform).serveTasks,
		"productId", "pageNow", "pageSize", "searchValue"),
	upgrade(OpModify, http.MethodPut, "/task", "20190615001433", (*Platform).serveModify, "id"),
	upgrade(OpCreate, http.MethodPost, "/task", "20190615001416", (*Platform).serveCreate),
	upgrade(OpOperational, http.MethodPost, "/operational", "20190615001412", (*Platform).serveOperational),
	upgrade(OpSubtasks, http.MethodGet, "/details", "20190615001406", (*Platform).serveSubtasks,
		"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize"),
}

func upgrade(
	operation, method, path, version string, serve func(*Platform, *call) (json.RawMessage, error), query ...string,
) endpoint {
	return endpoint{
		service: UpgradeService, operation: operation, method: method, path: "/" + UpgradeService + path,
		version: version, query: query, write: method != http.MethodGet, serve: serve,
	}
}
