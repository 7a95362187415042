// Package simulator plays the firmware-upgrade API of China Telecom's CTWing
// AEP platform, and the services that look up firmware, products, groups and
// devices. It is written from the API documents only, shares no code with
// the client, and is an independent witness of what a client sends. It checks
// the signature, the time, and every parameter, with its type and range. It
// keeps a journal of all requests, and it fails on demand.
//
// Comments that begin with "API:" point to the API document. Where the
// document is silent, a switch decides: a field of Options, Upgrade, Quirks,
// Paging or LookUps. The zero value of a switch is the strict choice.
//
// # The API's words
//
// The names of exported fields follow the API: a job id belongs to a task, and
// a task id belongs to a subtask. An operation that the API calls
// "operational" is a join, a cancel or a retry.
//
// # From the API document
//
// The document gives the operations with methods, paths, versions and
// parameters, and the shape of every response. It gives the ranges and the
// protocols of retryTimes and outTime, the state codes, the searches, and
// pages of 20. Some values change their type: a request has outTime as a
// text, and a response has it as a number. An unknown value is an empty text.
//
// # From the platform's SDKs
//
// The SDKs give the rule of the signature, the header x-ag-timestamp of GET
// /echo, the gateway's refusals, and the values of productProtocol. Documents
// since 2022 give new state codes of LwM2M.
//
// # Assumed
//
// Most business codes are the simulator's own: see CodeTaskMissing and the
// others. updateTime and finishTime are in China time, like createTime. A
// device that an unfinished subtask has is no candidate, and no other task can
// join it. A final subtask frees its device. A task has one subtask of a
// device, unless Quirks say otherwise.
//
// Of the look-ups, the orders of lists, their pages of 20 without a pageSize,
// and the texts without a meaning for firmware are assumed. OpDevicesByID leaves
// out unknown ids. The result of OpGroupOfDevice is null for a device in no
// group.
//
// # At the console
//
// Methods such as CreateTask, Start, Cancel and Fail change the platform like a
// person at its console, or like a device. They are not in the journal. Package
// console serves them to people.
//
// # Time
//
// The simulator starts no goroutine for progress. The start of a task
// schedules the steps of its devices, and each call first performs the steps
// that are due. Hence it works in a testing/synctest bubble.
package simulator
