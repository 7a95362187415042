package simulator

import (
	"encoding/json"
	"net/http"
)

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

const (
	servicePath = "/aep_upgrade_management"
	echoPath    = "/echo"
)

// endpoint is one row of the document's API list. Every one of them declares
// the header MasterKey besides its query parameters.
type endpoint struct {
	operation, method, path, version string
	query                            []string
	write                            bool
	serve                            func(*Platform, *call) (json.RawMessage, error)
}

var endpoints = []endpoint{
	{
		OpQueryDetail, http.MethodGet, "/detail", "20190615001517",
		[]string{"id", "productId"},
		false, (*Platform).serveDetail,
	},
	{
		OpQueryTask, http.MethodGet, "/task", "20190615001509",
		[]string{"id", "productId"},
		false, (*Platform).serveTask,
	},
	{
		OpControl, http.MethodPut, "/control", "20190615001456",
		[]string{"id"},
		true, (*Platform).serveControl,
	},
	{
		OpDevices, http.MethodGet, "/devices", "20190615001451",
		[]string{
			"id", "productId", "isSelectDevice", "pageNow", "pageSize", "deviceIdSearch",
			"deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
		},
		false, (*Platform).serveDevices,
	},
	{
		OpDelete, http.MethodDelete, "/task", "20190615001444",
		[]string{"id", "productId", "updateBy"},
		true, (*Platform).serveDelete,
	},
	{
		OpTasks, http.MethodGet, "/tasks", "20190615001440",
		[]string{"productId", "pageNow", "pageSize", "searchValue"},
		false, (*Platform).serveTasks,
	},
	{
		OpModify, http.MethodPut, "/task", "20190615001433",
		[]string{"id"},
		true, (*Platform).serveModify,
	},
	{
		OpCreate, http.MethodPost, "/task", "20190615001416",
		nil, true, (*Platform).serveCreate,
	},
	{
		OpOperational, http.MethodPost, "/operational", "20190615001412",
		nil, true, (*Platform).serveOperational,
	},
	{
		OpSubtasks, http.MethodGet, "/details", "20190615001406",
		[]string{"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize"},
		false, (*Platform).serveSubtasks,
	},
}

func (e *endpoint) hasBody() bool {
	return e.method == http.MethodPost || e.method == http.MethodPut
}

// route finds the endpoint of a method and path; the version is checked
// afterwards.
func route(method, path string) *endpoint {
	for i := range endpoints {
		if e := &endpoints[i]; e.method == method && servicePath+e.path == path {
			return e
		}
	}
	return nil
}
