package simulator

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// statusCode returns the jobStatus of a task.
func (p *Platform) statusCode(t *task) int64 {
	codes := p.options.Quirks.JobStatus
	return int64(cmp.Or(t.statusCode, [...]int{Pending: codes.Pending, Running: codes.Running, Finished: codes.Finished}[t.status]))
}

// takeTime returns the elapsed time. API: "93时43分" in the example of /detail.
func takeTime(t *task, now time.Time) string {
	if t.status == Pending || t.started == 0 {
		return ""
	}
	end := now.UnixNano()
	if t.status == Finished {
		end = t.finished
	}
	minutes := int(time.Duration(end-t.started) / time.Minute)
	return fmt.Sprintf("%d时%d分", minutes/60, minutes%60)
}

// writeTask writes the members that /task, /tasks and /detail share.
func (p *Platform) writeTask(r *objectWriter, t *task, now time.Time) {
	r.omit = p.options.Quirks.OmitMembers
	shown := t.visibleSettings(now)
	if shown.timeoutHours == 0 && p.options.Quirks.OutTimeEverywhere {
		shown.timeoutHours = defaultTimeoutHours
	}
	r.number("jobId", t.id)
	r.number("productId", t.product.id)
	r.text("tenantId", p.options.TenantID)
	r.text("jobName", shown.name)
	r.number("jobStatus", p.statusCode(t))
	r.text("firmwareName", t.firmware.name)
	r.number("outTime", int64(shown.timeoutHours))
	r.number("firmwareId", t.firmware.id)
	r.text("firmwareUrl", fmt.Sprintf("/upload?tenantId=%s&productId=%d&fileName=%s&fileType=package",
		p.options.TenantID, t.product.id, t.firmware.seed.FileName))
	r.text("fileName", t.firmware.seed.FileName)
	r.text("firmwareVersion", t.firmware.version)
	p.writeDescription(r, shown.description)
	r.text("takeTime", takeTime(t, now))
	r.text("createTime", textTime(t.createdShown))
	r.number("retryTimes", int64(shown.retryTimes))
}

func (p *Platform) writeDescription(r *objectWriter, description string) {
	if description == "" && p.options.Quirks.NullDescription {
		r.null("jobDesc")
		return
	}
	r.text("jobDesc", description)
}

// writeListedTask writes a row of /tasks.
func (p *Platform) writeListedTask(r *objectWriter, t *task, now time.Time) {
	p.writeTask(r, t, now)
	r.number("upgradePlan", t.firmware.seed.UpgradePlan)
	r.text("productName", t.product.name)
}

// writeCreatedTask writes the result of POST /task. API: it has neither
// jobStatus nor outTime.
func (p *Platform) writeCreatedTask(r *objectWriter, t *task) {
	r.omit = p.options.Quirks.OmitMembers
	r.number("jobId", t.id)
	r.number("productId", t.product.id)
	r.text("tenantId", p.options.TenantID)
	r.text("jobName", t.name)
	p.writeDescription(r, t.description)
	r.number("firmwareId", t.firmware.id)
	r.text("createBy", t.createBy)
	r.number("productProtocol", int64(t.product.protocol))
	r.number("upgradePlan", t.firmware.seed.UpgradePlan)
	r.number("retryTimes", int64(t.retryTimes))
}

// writeSubtask writes a row of /details.
func (p *Platform) writeSubtask(r *objectWriter, s *subtask) {
	numeric := p.options.Quirks.NumericCodes
	r.number("jobId", s.task.id)
	r.scalar("taskId", strconv.FormatInt(s.id, 10), !numeric)
	r.number("productId", s.task.product.id)
	r.text("tenantId", p.options.TenantID)
	r.text("deviceName", s.device.name())
	r.text("deviceId", s.device.id)
	r.text("deviceSn", s.device.sn())
	r.text("imei", s.device.imei())
	r.text("productName", s.task.product.name)
	r.text("updateTime", textTime(s.updated))
	r.scalar("taskState", strconv.Itoa(s.code), numeric)
	r.scalar("resultCode", s.result, numeric)
	r.text("finishTime", textTime(s.finished))
	r.text("preUpgradeVersion", s.versionBefore)
	r.text("upgradedVersion", s.versionAfter)
}

// writeConnection writes whether a device is online, since when, and since
// when it is offline. All are null if the device has never been online.
func writeConnection(r *objectWriter, d *device) {
	switch d.net() {
	case NetNever:
		r.null("netStatus")
		r.null("onlineAt")
		r.null("offlineAt")
	case NetOffline:
		r.number("netStatus", int64(NetOffline))
		r.millis("onlineAt", deviceOnline)
		r.millis("offlineAt", deviceOffline)
	default:
		r.number("netStatus", int64(NetOnline))
		r.millis("onlineAt", deviceOnline)
		r.millis("offlineAt", deviceOfflineWas)
	}
}

// writeDevice writes a row of /devices. A candidate has no subtask.
func (p *Platform) writeDevice(r *objectWriter, d *device, s *subtask) {
	numeric := p.options.Quirks.NumericCodes
	r.text("deviceName", d.name())
	r.text("deviceId", d.id)
	r.text("deviceSn", d.sn())
	r.text("imei", d.imei())
	r.key("taskId")
	if s == nil {
		r.b = append(r.b, `""`...)
	} else {
		r.b = strconv.AppendInt(r.b, s.id, 10)
	}
	r.millis("createTime", deviceCreated)
	r.number("deviceStatus", 1)
	version := d.version
	if hides := p.options.Quirks.HideVersions; hides != nil && hides(d.id) {
		version = ""
	}
	r.text("firmwareVersion", version)
	state, result := "", ""
	if s != nil && s.code != noState {
		state, result = strconv.Itoa(s.code), s.result
	}
	r.scalar("taskState", state, numeric)
	r.scalar("resultCode", result, numeric)
	r.text("flag", "")
	writeConnection(r, d)
	r.text("deviceGroupId", d.group)
}
