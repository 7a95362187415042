// Package aep is a client for the firmware upgrade API of CTWing AEP (aep_upgrade_management): ten
// operations, each signed with HMAC-SHA1.
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
