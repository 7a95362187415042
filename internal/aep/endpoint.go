package aep

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

const basePath = "/aep_upgrade_management"

// endpoint is an operation of the API document.
type endpoint struct {
	operation  string
	method     string
	path       string
	version    string
	parameters []string // every declared QUERY parameter
	// idempotent is true if the platform is in the same state after two equal calls
	// as after one: for reads, and for writes that set values.
	idempotent bool
}

func (e *endpoint) writes() bool { return e.method != http.MethodGet }

var (
	queryDetail = &endpoint{
		operation: "QueryRemoteUpgradeDetail", method: http.MethodGet, path: "/detail", version: "20190615001517",
		parameters: []string{"id", "productId"},
		idempotent: true,
	}
	queryTask = &endpoint{
		operation: "QueryRemoteUpgradeTask", method: http.MethodGet, path: "/task", version: "20190615001509",
		parameters: []string{"id", "productId"},
		idempotent: true,
	}
	controlTask = &endpoint{
		operation: "ControlRemoteUpgradeTask", method: http.MethodPut, path: "/control", version: "20190615001456",
		parameters: []string{"id"},
	}
	queryDevices = &endpoint{
		operation: "QueryRemoteUpradeDeviceList", method: http.MethodGet, path: "/devices", version: "20190615001451",
		parameters: []string{
			"id", "productId", "isSelectDevice", "pageNow", "pageSize",
			"deviceIdSearch", "deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
		},
		idempotent: true,
	}
	deleteTask = &endpoint{
		operation: "DeleteRemoteUpgradeTask", method: http.MethodDelete, path: "/task", version: "20190615001444",
		parameters: []string{"id", "productId", "updateBy"},
	}
	queryTaskList = &endpoint{
		operation: "QueryRemoteUpgradeTaskList", method: http.MethodGet, path: "/tasks", version: "20190615001440",
		parameters: []string{"productId", "pageNow", "pageSize", "searchValue"},
		idempotent: true,
	}
	modifyTask = &endpoint{
		operation: "ModifyRemoteUpgradeTask", method: http.MethodPut, path: "/task", version: "20190615001433",
		parameters: []string{"id"},
		idempotent: true,
	}
	createTask = &endpoint{
		operation: "CreateRemoteUpgradeTask", method: http.MethodPost, path: "/task", version: "20190615001416",
	}
	operational = &endpoint{
		operation: "OperationalRemoteUpgradeTask", method: http.MethodPost, path: "/operational", version: "20190615001412",
	}
	querySubtasks = &endpoint{
		operation: "QueryRemoteUpgradeSubtasks", method: http.MethodGet, path: "/details", version: "20190615001406",
		parameters: []string{"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize"},
		idempotent: true,
	}
)

// setIfAny sets a query parameter to a value other than "".
func setIfAny(query map[string]string, name, value string) {
	if value != "" {
		query[name] = value
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// message is one call of an endpoint before it is signed. It has no credentials.
type message struct {
	endpoint  *endpoint
	productID int64
	taskID    int64             // 0 if the call concerns no single task
	query     map[string]string // values of declared parameters; the others are empty
	body      []byte
}

// taskMessage returns a message about one task, without parameters but its id.
func taskMessage(e *endpoint, key TaskKey) message {
	return message{endpoint: e, productID: key.ProductID, taskID: key.TaskID, query: map[string]string{"id": decimal(key.TaskID)}}
}

// fail returns the error of a call that ended with a kind of failure. cause may be nil.
func (m *message) fail(k kind, cause error) *Error {
	return &Error{
		Operation: m.endpoint.operation, ProductID: m.productID, TaskID: m.taskID,
		Err: cause, kind: k, write: m.endpoint.writes(), Attempts: 1,
	}
}

// encodeBody returns a request body. Its bytes are signed and sent unchanged.
func encodeBody(body any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err) // the bodies are plain structs of this package
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
