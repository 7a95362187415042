package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
)

const (
	success         = `"SUCCESS"`
	startNow        = 2
	maxRetries      = 3
	maxTimeoutHours = 168
)

// find returns a task of a product, or nil if the product has no such task.
func (p *Platform) find(c *call, productID, id int64) (*task, error) {
	if err := c.err(); err != nil {
		return nil, err
	}
	if _, err := p.product(productID); err != nil {
		return nil, err
	}
	if t := p.tasks[id]; t != nil && t.product.id == productID {
		return t, nil
	}
	return nil, nil
}

// missing is the response to a read of a task that does not exist. The
// document is silent: Quirks.Missing decides.
func (p *Platform) missing(id int64) (json.RawMessage, error) {
	results := map[Missing]string{MissingNull: "null", MissingEmptyObject: "{}", MissingEmptyText: `""`}
	if result, ok := results[p.options.Quirks.Missing]; ok {
		return json.RawMessage(result), nil
	}
	return nil, missingTask(id)
}

// read calls result with the task of a read.
func (p *Platform) read(c *call, productID, id int64, result func(*task) (json.RawMessage, error)) (json.RawMessage, error) {
	t, err := p.find(c, productID, id)
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return p.missing(id)
	}
	return result(t)
}

// write calls do with the task of a write.
func (p *Platform) write(c *call, productID, id int64, do func(*task) error) (json.RawMessage, error) {
	t, err := p.find(c, productID, id)
	if t == nil && err == nil {
		err = missingTask(id)
	}
	if err == nil {
		err = do(t)
	}
	if err != nil {
		return nil, err
	}
	return json.RawMessage(success), nil
}

// serveDetail serves GET /detail. API: only its result has allNum.
func (p *Platform) serveDetail(c *call) (json.RawMessage, error) {
	return p.serveOne(c, func(r *objectWriter, t *task) {
		p.writeTask(r, t, c.now)
		r.number("allNum", int64(t.visible(&t.listed, c.now).count))
	})
}

// serveTask serves GET /task.
func (p *Platform) serveTask(c *call) (json.RawMessage, error) {
	return p.serveOne(c, func(r *objectWriter, t *task) {
		p.writeListedTask(r, t, c.now)
		r.number("deviceStatus", 1)
	})
}

func (p *Platform) serveOne(c *call, write func(*objectWriter, *task)) (json.RawMessage, error) {
	id, productID := c.requiredLong("id"), c.requiredLong("productId")
	return p.read(c, productID, id, func(t *task) (json.RawMessage, error) {
		r := objectWriter{b: []byte{'{'}}
		write(&r, t)
		return append(r.b, '}'), nil
	})
}

// serveTasks serves GET /tasks. API: searchValue is part of a name. The
// newest task is first.
func (p *Platform) serveTasks(c *call) (json.RawMessage, error) {
	productID, asked, search := c.requiredLong("productId"), c.page(p.options.Paging), c.query.Get("searchValue")
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	visible := len(owner.tasks)
	for visible > 0 && owner.tasks[visible-1].created.Add(p.options.Quirks.ListLag).After(c.now) {
		visible--
	}
	var all selection = newestFirst(visible)
	if search != "" {
		var found rowList
		for i := visible - 1; i >= 0; i-- {
			if strings.Contains(owner.tasks[i].visibleSettings(c.now).name, search) {
				found = append(found, i)
			}
		}
		all = found
	}
	return servePage(asked, all, func(r *objectWriter, i int) { p.writeListedTask(r, owner.tasks[i], c.now) }), nil
}

// serveCreate serves POST /task.
func (p *Platform) serveCreate(c *call) (json.RawMessage, error) {
	c.only("createBy", "firmwareId", "jobDesc", "jobName", "productId", "retryTimes", "outTime")
	d := draft{
		productID: c.requiredNumber("productId"), firmwareID: c.requiredNumber("firmwareId"),
		name: c.requiredText("jobName"), description: valueOr(c.text("jobDesc"), ""),
		createBy: valueOr(c.text("createBy"), ""), retryTimes: c.retries(), timeoutHours: c.timeout(),
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	t, err := p.createTask(d, c.now)
	if err != nil {
		return nil, err
	}
	r := objectWriter{b: []byte{'{'}}
	p.writeCreatedTask(&r, t)
	return append(r.b, '}'), nil
}

// serveModify serves PUT /task.
func (p *Platform) serveModify(c *call) (json.RawMessage, error) {
	c.only("updateBy", "jobDesc", "jobName", "productId", "retryTimes", "outTime")
	id, productID := c.requiredLong("id"), c.requiredNumber("productId")
	wanted := change{
		name: c.text("jobName"), description: c.text("jobDesc"), updateBy: c.text("updateBy"),
		retryTimes: c.retries(), timeoutHours: c.timeout(),
	}
	if wanted.name != nil && *wanted.name == "" {
		c.fail("jobName不能为空")
	}
	return p.write(c, productID, id, func(t *task) error { return p.modifyTask(t, wanted, c.now) })
}

// retries returns retryTimes, or nil. API: 0-3.
func (c *call) retries() *int {
	value := c.number("retryTimes", 0, maxRetries)
	if value == nil {
		return nil
	}
	times := int(*value)
	return &times
}

// timeout returns outTime in hours, or nil. API: a request has it as a text,
// 1-168 hours; a response has it as a number.
func (c *call) timeout() *int {
	text := c.text("outTime")
	if text == nil {
		return nil
	}
	hours, err := strconv.Atoi(*text)
	if err != nil || strconv.Itoa(hours) != *text || hours < 1 || hours > maxTimeoutHours {
		c.fail("outTime超出范围(1-%d)", maxTimeoutHours)
	}
	return &hours
}

// serveDelete serves DELETE /task.
func (p *Platform) serveDelete(c *call) (json.RawMessage, error) {
	id, productID := c.requiredLong("id"), c.requiredLong("productId")
	if p.options.Quirks.AcceptDeleteMissing && c.err() == nil && p.tasks[id] == nil {
		return json.RawMessage(success), nil
	}
	return p.write(c, productID, id, func(t *task) error { return p.deleteTask(t, c.now) })
}

// serveControl serves PUT /control. API: runStatus is 2, start now.
func (p *Platform) serveControl(c *call) (json.RawMessage, error) {
	c.only("productId", "runStatus")
	id, productID := c.requiredLong("id"), c.requiredNumber("productId")
	if c.number("runStatus", startNow, startNow) == nil {
		c.fail("runStatus不能为空")
	}
	return p.write(c, productID, id, func(t *task) error { return p.startTask(t, c.now) })
}

// API: isSelectDevice of /devices.
const (
	selectJoined     = 1
	selectCandidates = 2
)

// serveDevices serves GET /devices. API: id is required for the joined
// devices.
func (p *Platform) serveDevices(c *call) (json.RawMessage, error) {
	productID, asked := c.requiredLong("productId"), c.page(p.options.Paging)
	scope := c.long("isSelectDevice", selectJoined, selectCandidates, 0)
	if scope == selectJoined && p.refusesTaskZero(c) {
		return nil, errTaskZero
	}
	id := c.long("id", 1, maxID, 0)
	if scope == 0 {
		c.fail("isSelectDevice不能为空")
	}
	if scope == selectJoined && id == 0 {
		c.fail("isSelectDevice为1时id不能为空")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	owner, err := p.product(productID)
	if err != nil {
		return nil, err
	}
	wanted := p.deviceSearch(c, owner)
	if scope == selectJoined {
		return p.read(c, productID, id, func(t *task) (json.RawMessage, error) {
			return servePage(asked, t.joinedDevices(wanted, c.now), func(r *objectWriter, i int) {
				p.writeDevice(r, t.rows[i].device, t.rows[i])
			}), nil
		})
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return servePage(asked, owner.candidates(wanted), func(r *objectWriter, i int) {
		p.writeDevice(r, owner.devices[i], nil)
	}), nil
}

// serveSubtasks serves GET /details. API: taskStatus is required for T-Link.
func (p *Platform) serveSubtasks(c *call) (json.RawMessage, error) {
	if p.refusesTaskZero(c) {
		return nil, errTaskZero
	}
	id, productID, asked := c.requiredLong("id"), c.requiredLong("productId"), c.page(p.options.Paging)
	return p.read(c, productID, id, func(t *task) (json.RawMessage, error) {
		const absent = -1
		status := c.long("taskStatus", int64(t.codes.low), int64(t.codes.high), absent)
		if t.tLink && c.query.Get("taskStatus") == "" {
			c.fail("T_Link协议taskStatus不能为空")
		}
		if err := c.err(); err != nil {
			return nil, err
		}
		set := &t.listed
		if status != absent {
			set = t.state(int(status))
		}
		found := p.search(t, t.visible(set, c.now), c.query.Get("searchValue"))
		return servePage(asked, found, func(r *objectWriter, i int) { p.writeSubtask(r, t.rows[i]) }), nil
	})
}

// refusesTaskZero reports whether a list names no task and
// Quirks.StrictTaskID refuses that.
func (p *Platform) refusesTaskZero(c *call) bool {
	id := c.query.Get("id")
	return p.options.Quirks.StrictTaskID && (id == "" || id == "0")
}
