package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// call is one verified request. Its methods read parameters and record
// errors.
type call struct {
	now    time.Time
	query  url.Values
	body   members
	errors []error
}

// fail records a parameter error.
func (c *call) fail(format string, args ...any) {
	c.errors = append(c.errors, refuse(CodeParameter, "参数校验失败: "+format, args...))
}

// err returns the first error of the parameters, or nil.
func (c *call) err() error {
	if len(c.errors) == 0 {
		return nil
	}
	return c.errors[0]
}

// only records an error for each member that the document does not name for
// the operation.
func (c *call) only(names ...string) {
	known := "," + strings.Join(names, ",") + ","
	for name := range c.body {
		if !strings.Contains(known, ","+name+",") {
			c.fail("未知参数%s", name)
		}
	}
}

// number returns a member of the document's type Integer, or nil if it is
// absent.
func (c *call) number(name string, low, high int64) *int64 {
	raw, given := c.body[name]
	if !given {
		return nil
	}
	value, err := integer(raw)
	if err != nil {
		c.fail("%s类型错误,应为Integer", name)
		return nil
	}
	if value < low || value > high {
		c.fail("%s超出范围(%d-%d)", name, low, high)
	}
	return &value
}

// text returns a member of the document's type String, or nil if it is
// absent.
func (c *call) text(name string) *string {
	raw, given := c.body[name]
	if !given {
		return nil
	}
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		c.fail("%s类型错误,应为String", name)
		return nil
	}
	return value
}

// requiredNumber returns an id, which must be present and positive.
func (c *call) requiredNumber(name string) int64 {
	value := c.number(name, 1, maxID)
	if value == nil {
		c.fail("%s不能为空", name)
		return 0
	}
	return *value
}

func (c *call) requiredText(name string) string {
	value := c.text(name)
	if value == nil || *value == "" {
		c.fail("%s不能为空", name)
		return ""
	}
	return *value
}

const maxID = int64(^uint64(0) >> 1)

// long returns a query parameter of the document's type Long. An empty
// parameter is absent.
func (c *call) long(name string, low, high, absent int64) int64 {
	text := c.query.Get(name)
	if text == "" {
		return absent
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(value, 10) != text {
		c.fail("%s类型错误,应为Long", name)
		return absent
	}
	if value < low || value > high {
		c.fail("%s超出范围(%d-%d)", name, low, high)
	}
	return value
}

func (c *call) requiredLong(name string) int64 {
	if c.query.Get(name) == "" {
		c.fail("%s不能为空", name)
		return 0
	}
	return c.long(name, 1, maxID, 0)
}

// members is a JSON object with undecoded values.
type members map[string]json.RawMessage

var errNotAnObject = errors.New("not one JSON object")

// parseObject returns the members of a body, which must be one JSON object
// without repeated members.
func parseObject(body []byte) (members, error) {
	if !utf8.Valid(body) {
		return nil, errNotAnObject
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errNotAnObject
	}
	object := members{}
	for decoder.More() {
		token, err := decoder.Token()
		name, isText := token.(string)
		var value json.RawMessage
		if err != nil || !isText || decoder.Decode(&value) != nil {
			return nil, errNotAnObject
		}
		if _, twice := object[name]; twice {
			return nil, errNotAnObject
		}
		object[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errNotAnObject
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotAnObject
	}
	return object, nil
}

// integer returns a JSON number that is written as an integer.
func integer(raw json.RawMessage) (int64, error) {
	return strconv.ParseInt(string(raw), 10, 64)
}
