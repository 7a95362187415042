package aep

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// endpoint is an operation of the API document of its service.
type endpoint struct {
	service    *service
	operation  string
	method     string
	path       string // below the service's
	version    string
	parameters []string // every declared QUERY parameter
	masterKey  bool     // declares the header MasterKey; if not, it is neither sent nor signed
	idempotent bool     // two equal calls leave the platform in the state that one leaves it in
	writes     bool
}

// fullPath returns the path below the endpoint's host.
func (e *endpoint) fullPath() string { return "/" + e.service.name + e.path }

var (
	queryDetail   = reads("QueryRemoteUpgradeDetail", "/detail", "20190615001517", "id", "productId")
	queryTask     = reads("QueryRemoteUpgradeTask", "/task", "20190615001509", "id", "productId")
	queryTaskList = reads("QueryRemoteUpgradeTaskList", "/tasks", "20190615001440",
		"productId", "pageNow", "pageSize", "searchValue")
	queryDevices = reads("QueryRemoteUpradeDeviceList", "/devices", "20190615001451",
		"id", "productId", "isSelectDevice", "pageNow", "pageSize",
		"deviceIdSearch", "deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch")
	querySubtasks = reads("QueryRemoteUpgradeSubtasks", "/details", "20190615001406",
		"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize")

	createTask  = acts("CreateRemoteUpgradeTask", http.MethodPost, "/task", "20190615001416")
	controlTask = acts("ControlRemoteUpgradeTask", http.MethodPut, "/control", "20190615001456", "id")
	deleteTask  = acts("DeleteRemoteUpgradeTask", http.MethodDelete, "/task", "20190615001444", "id", "productId", "updateBy")
	operational = acts("OperationalRemoteUpgradeTask", http.MethodPost, "/operational", "20190615001412")
	modifyTask  = sets("ModifyRemoteUpgradeTask", http.MethodPut, "/task", "20190615001433", "id")
)

// reads returns an endpoint of the upgrade API that changes nothing. All endpoints of this API declare
// MasterKey.
func reads(operation, path, version string, parameters ...string) *endpoint {
	return &endpoint{
		service: upgradeService, operation: operation, method: http.MethodGet, path: path, version: version,
		parameters: parameters, masterKey: true, idempotent: true,
	}
}

// acts returns an endpoint of the upgrade API that writes.
func acts(operation, method, path, version string, parameters ...string) *endpoint {
	return &endpoint{
		service: upgradeService, operation: operation, method: method, path: path, version: version,
		parameters: parameters, masterKey: true, writes: true,
	}
}

// sets returns an endpoint of the upgrade API that writes all values that can change, so it is idempotent.
func sets(operation, method, path, version string, parameters ...string) *endpoint {
	e := acts(operation, method, path, version, parameters...)
	e.idempotent = true
	return e
}

// looksUp returns an endpoint of a service for look-ups.
func looksUp(from *service, masterKey bool, operation, path, version string, parameters ...string) *endpoint {
	e := reads(operation, path, version, parameters...)
	e.service, e.masterKey = from, masterKey
	return e
}

// message is one call of an endpoint before it is signed. It has no credentials.
type message struct {
	endpoint  *endpoint
	productID int64
	taskID    int64             // 0 if the call concerns no single task
	query     map[string]string // values of declared parameters; the others are empty
	body      []byte
	// probe is true for a read whose failure may have to do with its size. Such a failure is not repeated.
	probe bool
	once  bool // a failed attempt is not repeated
}

// taskMessage returns a message about one task, without parameters but its id.
func taskMessage(e *endpoint, key TaskKey) message {
	return message{endpoint: e, productID: key.ProductID, taskID: key.TaskID, query: map[string]string{"id": decimal(key.TaskID)}}
}

// fail returns the error of a call that ended with a kind of failure. cause may be nil.
func (m *message) fail(k kind, cause error) *Error {
	return &Error{
		Service: m.endpoint.service.lookUpName(), Operation: m.endpoint.operation, ProductID: m.productID, TaskID: m.taskID,
		Err: cause, kind: k, write: m.endpoint.writes, masterKey: m.endpoint.masterKey, Attempts: 1,
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

// setIfAny sets a query parameter to a value other than "".
func setIfAny(query map[string]string, name, value string) {
	if value != "" {
		query[name] = value
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
