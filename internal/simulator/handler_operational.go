package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// API: operational of /operational.
const (
	operationJoin   = 1
	operationCancel = 2
	operationRetry  = 3
)

// serveOperational joins, cancels or retries. API: the bodies of
// OperationalRemoteUpgradeTask. A member of another operation or protocol is
// refused.
func (p *Platform) serveOperational(c *call) (json.RawMessage, error) {
	c.only("createBy", "deviceIdList", "deviceInfoList", "jobId", "operational", "productId", "taskIdList")
	id, productID := c.requiredNumber("jobId"), c.requiredNumber("productId")
	c.requiredText("createBy")
	operation := c.number("operational", operationJoin, operationRetry)
	if operation == nil {
		c.fail("operational不能为空")
	}
	return p.write(c, productID, id, func(t *task) error {
		if *operation == operationJoin {
			ids := c.deviceIDs(t.tLink)
			if err := c.err(); err != nil {
				return err
			}
			return p.join(t, ids, c.now)
		}
		ids := c.subtaskIDs()
		if err := c.err(); err != nil {
			return err
		}
		if *operation == operationCancel {
			return p.cancel(t, ids, c.now)
		}
		return p.retry(t, ids, c.now)
	})
}

// deviceIDs returns the devices to join. API: T-Link has deviceIdList, a
// text; LwM2M has deviceInfoList, a list of objects.
func (c *call) deviceIDs(tLink bool) []string {
	own, other := "deviceInfoList", "deviceIdList"
	if tLink {
		own, other = other, own
	}
	c.forbid(other, "taskIdList")
	if tLink {
		return c.commaList(own)
	}
	raw, given := c.body[own]
	if !given {
		c.fail("%s不能为空", own)
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		c.fail("%s类型错误或为空", own)
		return nil
	}
	ids := make([]string, 0, len(list))
	for _, item := range list {
		object, err := parseObject(item)
		var id *string
		if err != nil || len(object) != 1 || json.Unmarshal(object["deviceId"], &id) != nil || id == nil || *id == "" {
			c.fail("%s的元素应为{deviceId}", own)
			return nil
		}
		ids = append(ids, *id)
	}
	return ids
}

// forbid records an error for each of the members that is present.
func (c *call) forbid(names ...string) {
	for _, name := range names {
		if _, given := c.body[name]; given {
			c.fail("该操作不支持参数%s", name)
		}
	}
}

// commaList returns the elements of a text, which are separated by commas.
func (c *call) commaList(name string) []string {
	text := c.text(name)
	if text == nil || *text == "" {
		c.fail("%s不能为空", name)
		return nil
	}
	ids := strings.Split(*text, ",")
	if slices.Contains(ids, "") {
		c.fail("%s含有空元素", name)
		return nil
	}
	return ids
}

// subtaskIDs returns the ids of taskIdList.
func (c *call) subtaskIDs() []int64 {
	c.forbid("deviceIdList", "deviceInfoList")
	texts := c.commaList("taskIdList")
	ids := make([]int64, 0, len(texts))
	for _, text := range texts {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			c.fail("taskIdList类型错误: %s", text)
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}
