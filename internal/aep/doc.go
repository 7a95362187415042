// Package aep is a client for CTWing AEP. It has the ten operations of the upgrade API
// (aep_upgrade_management), and reads of four services for look-ups. Each call is signed with HMAC-SHA1.
//
// # Words
//
// The API says "task" for two things. A [Task] is the main task: its id is jobId, or the query parameter id.
// A [Subtask] is the upgrade of one device: its id is taskId.
//
//	API                     here
//	jobId, id               task id: Task.ID
//	taskId                  subtask id: Subtask.ID
//	jobName, jobDesc        Name, Description
//	jobStatus               Status
//	taskState, taskStatus   state code: SubtaskCode; package campaign makes a phase of it
//	outTime                 timeout_hours: TimeoutHours (T-Link)
//	retryTimes              retry_times: RetryTimes (LwM2M)
//	preUpgradeVersion       version before: VersionBefore
//	upgradedVersion         version after: VersionAfter
//	allNum                  device count: DeviceCount
//	takeTime                Elapsed
//	createBy, updateBy      operator: Config.Operator
//	firmwareId              firmware id: Firmware.ID, Task.FirmwareID
//	deviceGroupId           group id: DeviceGroup.ID, DeviceQuery.GroupID
//	groupLevel              level of a group: one product or several
//	productProtocol         Protocol
//	apiKey                  MasterKey: only ProductKey returns it; the console calls it Master-APIkey
//	activeTime              ActivatedAt
//
// # Services for look-ups
//
//   - aep_product_management: [Client.Product], [Client.Products], [Client.ProductKey]
//   - aep_firmware_management: [Client.Firmware], [Client.Firmwares]
//   - aep_device_group_management: [Client.DeviceGroups], [Client.GroupDevices]
//   - aep_device_management: [Client.ProductDevices], [Client.DevicesByID]
//
// An application may not have subscribed to such a service. [LookUpService] returns which one an error is
// about. Each service has its own circuit breaker and page sizes, so that its failure is not that of a
// campaign. The platform may search for a part of a text, so a caller must compare what it finds.
//
// # Responses and errors
//
// Every response is an envelope {code, msg, result}. Code 0 is success. A failed call returns an *[Error],
// whose predicates say what it means. After an error for which [Ambiguous] holds, the platform may have
// carried out the call: look before sending it again.
//
// # Limits
//
// All calls of a Client share its rate, its concurrent requests and its connections. Writes to one task never
// overlap.
package aep
