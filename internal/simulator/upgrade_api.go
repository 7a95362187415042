package simulator

import "net/http"

// The operation names, as the document spells them.
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
	OpEcho        = "Echo"
)

const upgradeService = "/aep_upgrade_management"

var endpoints = []endpoint{
	{
		OpQueryDetail, http.MethodGet, upgradeService + "/detail", "20190615001517",
		[]string{"id", "productId"},
		false, (*Platform).serveDetail,
	},
	{
		OpQueryTask, http.MethodGet, upgradeService + "/task", "20190615001509",
		[]string{"id", "productId"},
		false, (*Platform).serveTask,
	},
	{
		OpControl, http.MethodPut, upgradeService + "/control", "20190615001456",
		[]string{"id"},
		true, (*Platform).serveControl,
	},
	{
		OpDevices, http.MethodGet, upgradeService + "/devices", "20190615001451",
		[]string{
			"id", "productId", "isSelectDevice", "pageNow", "pageSize", "deviceIdSearch",
			"deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
		},
		false, (*Platform).serveDevices,
	},
	{
		OpDelete, http.MethodDelete, upgradeService + "/task", "20190615001444",
		[]string{"id", "productId", "updateBy"},
		true, (*Platform).serveDelete,
	},
	{
		OpTasks, http.MethodGet, upgradeService + "/tasks", "20190615001440",
		[]string{"productId", "pageNow", "pageSize", "searchValue"},
		false, (*Platform).serveTasks,
	},
	{
		OpModify, http.MethodPut, upgradeService + "/task", "20190615001433",
		[]string{"id"},
		true, (*Platform).serveModify,
	},
	{
		OpCreate, http.MethodPost, upgradeService + "/task", "20190615001416",
		nil, true, (*Platform).serveCreate,
	},
	{
		OpOperational, http.MethodPost, upgradeService + "/operational", "20190615001412",
		nil, true, (*Platform).serveOperational,
	},
	{
		OpSubtasks, http.MethodGet, upgradeService + "/details", "20190615001406",
		[]string{"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize"},
		false, (*Platform).serveSubtasks,
	},
}

// route finds the endpoint of a method and path; the version is checked
// afterwards.
func route(method, path string) *endpoint {
	for i := range endpoints {
		if e := &endpoints[i]; e.method == method && e.path == path {
			return e
		}
	}
	return nil
}
