// Package aep is a client for the firmware remote-upgrade API of CTWing AEP
// (aep_upgrade_management): ten operations, each signed with HMAC-SHA1.
//
// # Operations
//
//	Client method         API operation               Method and path
//	TaskDetail            QueryRemoteUpgradeDetail     GET    /detail
//	Task                  QueryRemoteUpgradeTask       GET    /task
//	StartTask             ControlRemoteUpgradeTask     PUT    /control
//	Devices, JoinedDevices,
//	CountDevices          QueryRemoteUpradeDeviceList  GET    /devices
//	DeleteTask            DeleteRemoteUpgradeTask      DELETE /task
//	Tasks, EachTask,
//	TasksWithin           QueryRemoteUpgradeTaskList   GET    /tasks
//	CountTasks            QueryRemoteUpgradeTaskList   GET    /tasks
//	ModifyTask            ModifyRemoteUpgradeTask      PUT    /task
//	CreateTask            CreateRemoteUpgradeTask      POST   /task
//	JoinDevices,
//	CancelSubtasks,
//	RetrySubtasks         OperationalRemoteUpgradeTask POST   /operational
//	Subtasks,
//	CountSubtasks         QueryRemoteUpgradeSubtasks   GET    /details
//
// # Glossary
//
// The API says "task" for two things. Here a Task is the main task (jobId, and
// the query parameter id), a Subtask is the upgrade of one device (taskId).
//
//	API                         here
//	jobId, query id             Task.ID
//	taskId                      Subtask.ID
//	jobName, jobDesc            Name, Description
//	jobStatus                   Status
//	outTime                     TimeoutHours (T-Link)
//	retryTimes                  RetryTimes (LwM2M)
//	taskState, taskStatus       SubtaskCode
//	preUpgradeVersion           VersionBefore
//	upgradedVersion             VersionAfter
//	allNum, takeTime            DeviceCount, Elapsed
//	createBy, updateBy          Config.Operator
//
// # Answers and errors
//
// Every answer is an envelope {code, msg, result}; code 0 is success. Whatever
// goes wrong in a call is an *Error; the predicates of error.go say what may be
// concluded from it. A call that returns an error for which [Ambiguous] holds
// may have been carried out by the platform: look before sending it again.
//
// # Limits
//
// One Client is one quota: all calls share its rate, its concurrent slots and
// its connections, and writes to one task never overlap.
package aep
