package aep

import "net/http"

const basePath = "/aep_upgrade_management"

// repetition says when a call of an endpoint may be sent again after a failure.
type repetition int

const (
	// repeatFreely suits reads, and writes that state values: sending them
	// twice leaves the platform as sending them once.
	repeatFreely repetition = iota
	// repeatUnprocessed suits writes that act: they go out again only if the
	// platform certainly has not carried them out.
	repeatUnprocessed
)

// endpoint is one operation of the API as its document describes it.
type endpoint struct {
	operation  string
	method     string
	path       string
	version    string
	parameters []string // every declared QUERY parameter: all of them are signed and sent, set or not
	repetition repetition
}

func (e *endpoint) writes() bool { return e.method != http.MethodGet }

var (
	queryDetail = &endpoint{
		operation: "QueryRemoteUpgradeDetail", method: http.MethodGet, path: "/detail", version: "20190615001517",
		parameters: []string{"id", "productId"},
	}
	queryTask = &endpoint{
		operation: "QueryRemoteUpgradeTask", method: http.MethodGet, path: "/task", version: "20190615001509",
		parameters: []string{"id", "productId"},
	}
	controlTask = &endpoint{
		operation: "ControlRemoteUpgradeTask", method: http.MethodPut, path: "/control", version: "20190615001456",
		parameters: []string{"id"}, repetition: repeatUnprocessed,
	}
	queryDevices = &endpoint{
		operation: "QueryRemoteUpradeDeviceList", method: http.MethodGet, path: "/devices", version: "20190615001451",
		parameters: []string{
			"id", "productId", "isSelectDevice", "pageNow", "pageSize",
			"deviceIdSearch", "deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
		},
	}
	deleteTask = &endpoint{
		operation: "DeleteRemoteUpgradeTask", method: http.MethodDelete, path: "/task", version: "20190615001444",
		parameters: []string{"id", "productId", "updateBy"}, repetition: repeatUnprocessed,
	}
	queryTaskList = &endpoint{
		operation: "QueryRemoteUpgradeTaskList", method: http.MethodGet, path: "/tasks", version: "20190615001440",
		parameters: []string{"productId", "pageNow", "pageSize", "searchValue"},
	}
	modifyTask = &endpoint{
		operation: "ModifyRemoteUpgradeTask", method: http.MethodPut, path: "/task", version: "20190615001433",
		parameters: []string{"id"},
	}
	createTask = &endpoint{
		operation: "CreateRemoteUpgradeTask", method: http.MethodPost, path: "/task", version: "20190615001416",
		repetition: repeatUnprocessed,
	}
	operational = &endpoint{
		operation: "OperationalRemoteUpgradeTask", method: http.MethodPost, path: "/operational", version: "20190615001412",
		repetition: repeatUnprocessed,
	}
	querySubtasks = &endpoint{
		operation: "QueryRemoteUpgradeSubtasks", method: http.MethodGet, path: "/details", version: "20190615001406",
		parameters: []string{"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize"},
	}
)
