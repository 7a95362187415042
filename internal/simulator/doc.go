// Package simulator plays the firmware-upgrade API of China Telecom's CTWing
// AEP platform. It is written from the API document alone and is an
// independent witness of what a client sends: it checks the signature, the
// clock, every declared parameter, every type and every range, keeps a
// journal of all requests, and misbehaves on command.
//
// # From the document
//
// The ten endpoints with their methods, paths, versions and parameters; the
// shape of every resp, with its quirks (outTime goes in as text and comes
// out as a number, tenantId, taskState and resultCode are text, what is
// unknown is an empty text, /detail has allNum and /task has not); the ranges
// of retryTimes and outTime and the protocol that each belongs to; the
// numbers of the subtask states; exact and fuzzy searches; pages of 20.
//
// # From the platform's SDKs
//
// The signature over all declared parameters, unset ones as empty lines; the
// header x-ag-timestamp of GET /echo; the gateway's error_code and error_desc
// and the texts of its refusals; the numbers of productProtocol; the LwM2M
// state numbers of 2022.
//
// # Assumed
//
// Whatever the document leaves open is a field of Options, Upgrade, Quirks or
// Paging, whose zero value is the strict choice. The business codes named
// Code… are the simulator's own, but for 1002, 8802 and 8803, which the
// platform's other services use. updateTime and finishTime are written like
// createTime, in China time.
//
// A device occupied by an unfinished subtask is no candidate and can't be
// joined to another task. A device that ends is a candidate again. A task has
// one subtask of a device unless a quirk lets the device join again.
//
// # Time
//
// There is no goroutine behind the scenes. Starting a task puts its devices
// on an agenda, and whoever asks next plays what is due by time.Now. So the
// platform works in a testing/synctest bubble, and a request costs no more
// for a million devices than for one, beyond the steps that became due.
package simulator
