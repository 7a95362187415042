package simulator

import (
	"slices"
	"time"
)

// draft is a task to create. A nil number is absent.
type draft struct {
	productID, firmwareID       int64
	name, description, createBy string
	retryTimes, timeoutHours    *int
}

const defaultTimeoutHours = 24

// createTask creates a task. API: retryTimes is required for LwM2M, outTime
// for T-Link. Quirks decides on names and firmware.
func (p *Platform) createTask(d draft, now time.Time) (*task, error) {
	owner, err := p.product(d.productID)
	if err != nil {
		return nil, err
	}
	image, err := p.firmwareOf(owner, d.firmwareID)
	if err != nil {
		return nil, err
	}
	tLink, err := p.protocolArguments(owner, &d)
	if err != nil {
		return nil, err
	}
	d.name, d.description = p.normalize(d.name), p.normalize(d.description)
	if p.nameTaken(owner, d.name, nil) {
		return nil, refuse(CodeNameTaken, "任务名称已存在")
	}
	t := &task{
		id: p.nextJob, product: owner, firmware: image, createBy: d.createBy, tLink: tLink,
		codes: p.codesFor(tLink), created: now, createdShown: p.shownTime(now),
		settings: settings{
			name: d.name, description: d.description,
			retryTimes: valueOr(d.retryTimes, 0), timeoutHours: valueOr(d.timeoutHours, 0),
		},
		byDevice: map[*device]*subtask{}, states: map[int]*indexSet{}, groups: map[string]*indexSet{},
	}
	p.nextJob++
	p.created++
	p.tasks[t.id] = t
	owner.tasks = append(owner.tasks, t)
	return t, nil
}

func (p *Platform) codesFor(tLink bool) *codes {
	switch {
	case tLink:
		return &tLinkCodes
	case p.options.Upgrade.Table == Table2022:
		return &lwm2mCodes2022
	}
	return &lwm2mCodes2019
}

func (p *Platform) firmwareOf(owner *product, id int64) (*firmware, error) {
	image := p.firmware[id]
	switch {
	case image != nil && image.product == owner && image.seed.Unapproved:
		return nil, refuse(CodeUnapproved, "固件未通过测试审核,不允许创建升级任务")
	case image != nil && image.product == owner:
		return image, nil
	case !p.options.Quirks.AnyFirmware:
		return nil, refuse(CodeFirmwareMissing, "固件不存在或不属于该产品")
	case image == nil:
		image = describeFirmware(owner, FirmwareSeed{ID: id, Name: "未知固件", Version: "0"})
	}
	return image, nil
}

// protocolArguments checks the argument that the protocol requires, and reports whether the task uses T-Link.
// For a protocol that the API document does not name, the given argument decides.
func (p *Platform) protocolArguments(owner *product, d *draft) (tLink bool, err error) {
	tLink = owner.protocol == ProtocolTLink
	if !tLink && owner.protocol != ProtocolLwM2M {
		tLink = d.timeoutHours != nil && d.retryTimes == nil
	}
	wrong, right := &d.timeoutHours, &d.retryTimes
	wrongName, rightName, fallback := "outTime", "retryTimes", 0
	if tLink {
		wrong, right = right, wrong
		wrongName, rightName, fallback = rightName, wrongName, defaultTimeoutHours
	}
	if p.options.Quirks.IgnoreWrongArgument {
		*wrong = nil
		if *right == nil {
			*right = &fallback
		}
		return tLink, nil
	}
	if *wrong != nil {
		return tLink, refuse(CodeProtocol, "该产品协议不支持参数%s", wrongName)
	}
	if *right == nil {
		return tLink, refuse(CodeProtocol, "参数%s不能为空", rightName)
	}
	return tLink, nil
}

func (p *Platform) normalize(text string) string {
	if p.options.Quirks.Normalize == nil {
		return text
	}
	return p.options.Quirks.Normalize(text)
}

func (p *Platform) nameTaken(owner *product, name string, except *task) bool {
	if !p.options.Quirks.UniqueNames {
		return false
	}
	for _, t := range owner.tasks {
		if t != except && t.name == name {
			return true
		}
	}
	return false
}

// change is a modification. Nil members do not change.
type change struct {
	name, description, updateBy *string
	retryTimes, timeoutHours    *int
}

// modifyTask changes the settings of a task. The document is silent on a
// started task: Quirks decides.
func (p *Platform) modifyTask(t *task, c change, now time.Time) error {
	if p.options.Quirks.RefuseModifyStarted && t.status != Pending {
		return refuse(CodeTaskState, "任务已启动,不允许修改")
	}
	ignore := p.options.Quirks.IgnoreWrongArgument
	switch {
	case t.tLink && c.retryTimes != nil && !ignore:
		return refuse(CodeProtocol, "该产品协议不支持参数retryTimes")
	case !t.tLink && c.timeoutHours != nil && !ignore:
		return refuse(CodeProtocol, "该产品协议不支持参数outTime")
	}
	after := t.settings
	if c.name != nil {
		after.name = p.normalize(*c.name)
	}
	if p.nameTaken(t.product, after.name, t) {
		return refuse(CodeNameTaken, "任务名称已存在")
	}
	if c.description != nil && (*c.description != "" || !p.options.Quirks.IgnoreEmptyDescription) {
		after.description = p.normalize(*c.description)
	}
	if t.tLink {
		after.timeoutHours = valueOr(c.timeoutHours, after.timeoutHours)
	} else {
		after.retryTimes = valueOr(c.retryTimes, after.retryTimes)
	}
	t.before, t.visibleAt = t.visibleSettings(now), now.Add(p.options.Quirks.ReadLag)
	t.settings = after
	t.updateBy = valueOr(c.updateBy, t.updateBy)
	return nil
}

// deleteTask deletes a task. Its devices become free, unless
// Quirks.DeleteRunning lets them continue.
func (p *Platform) deleteTask(t *task, now time.Time) error {
	quirks := p.options.Quirks
	switch {
	case t.status == Running && quirks.DeleteRunning == DeleteRunningRefused:
		return refuse(CodeTaskState, "任务正在升级中,不允许删除")
	case t.status == Pending && t.open > 0 && quirks.RefuseDeleteWaiting:
		return refuse(CodeTaskState, "任务存在待升级设备,不允许删除")
	}
	if t.status != Running || quirks.DeleteRunning == DeleteRunningCancels {
		p.freeDevices(t, now)
	}
	p.removeTask(t)
	return nil
}

// freeDevices cancels all open subtasks.
func (p *Platform) freeDevices(t *task, now time.Time) {
	for _, s := range t.rows {
		if !s.final() {
			s.generation++
			s.cancelled = true
			p.setCode(s, p.cancelledCode(t), now)
		}
	}
}

func (p *Platform) removeTask(t *task) {
	delete(p.tasks, t.id)
	p.deleted[t.id] = t
	t.product.tasks = slices.DeleteFunc(slices.Clone(t.product.tasks), func(other *task) bool { return other == t })
}

// startTask starts a task. The document is silent on a second start and on an
// empty task: Quirks decides.
func (p *Platform) startTask(t *task, now time.Time) error {
	switch {
	case t.status != Pending && p.options.Quirks.AcceptSecondStart:
		return nil
	case t.status != Pending:
		return refuse(CodeTaskState, "任务已启动,请勿重复操作")
	case t.open == 0 && !p.options.Quirks.AcceptEmptyStart:
		return refuse(CodeNoDevices, "任务下没有可升级的设备")
	}
	t.status = Running
	t.starts++
	t.started = now.UnixNano()
	for _, s := range t.rows {
		if !s.final() && s.code != code2019Cancelling {
			p.begin(s, now)
		}
	}
	p.finishIfDone(t, now)
	return nil
}

func valueOr[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
