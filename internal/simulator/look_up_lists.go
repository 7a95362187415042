package simulator

import (
	"encoding/json"
	"net/http"
)

// subscription returns the refusal of an operation whose service is not
// subscribed to, or nil.
func (l *LookUps) subscription(e *endpoint, appKey string) error {
	way, missing := l.Unsubscribed[e.service]
	if !missing {
		return nil
	}
	switch way {
	case Unsubscribed401:
		return gateway(http.StatusUnauthorized, "Unauthorized: %s", e.service)
	case Unsubscribed404:
		return gateway(http.StatusNotFound, "API not found: %s %s", e.method, e.path)
	case Unsubscribed400:
		return gateway(http.StatusBadRequest, "Application %s has not subscribed to API %s", appKey, e.operation)
	case UnsubscribedBusiness:
		return refuse(CodeUnsubscribed, "应用未订阅服务: %s", e.service)
	default:
		return gateway(http.StatusForbidden, "API not subscribed: %s", e.service)
	}
}

// maxDeviceRows is the largest page of OpProductDevices.
const maxDeviceRows = 100

// pagingOf returns the switches of a list.
func (l *LookUps) pagingOf(operation string) Paging {
	paging, own := l.ListPaging[operation]
	if !own {
		paging = l.Paging
	}
	if operation == OpProductDevices && (paging.MaxPageSize == 0 || paging.MaxPageSize > maxDeviceRows) {
		paging.MaxPageSize = maxDeviceRows
		if paging.TooLarge == PageTooLargeCapped {
			paging.TooLarge = PageTooLargeRefused
		}
	}
	return paging
}

// lookUpPage returns the page that a request for a list asks for.
func (c *call) lookUpPage(l *LookUps, operation string) pageRequest {
	asked := c.page(l.pagingOf(operation))
	asked.textNumbers, asked.emptyNulls = l.NumbersAsText, l.EmptyForNull
	return asked
}

// requiredPage returns the page of a list whose document requires pageNow and
// pageSize.
func (c *call) requiredPage(l *LookUps, operation string) pageRequest {
	for _, name := range []string{"pageNow", "pageSize"} {
		if c.query.Get(name) == "" {
			c.fail("%s不能为空", name)
		}
	}
	return c.lookUpPage(l, operation)
}

// serveList returns one page of a list, or the response of a list without
// rows.
func (l *LookUps) serveList(
	operation string, asked pageRequest, all selection, write func(*objectWriter, int),
) (json.RawMessage, error) {
	ofGroups := operation == OpGroupList || operation == OpGroupDevices
	if all.size() == 0 && (l.None == NoneNull || l.None == NoneDocumented && ofGroups) {
		return json.RawMessage("null"), nil
	}
	return servePage(asked, all, write), nil
}

// serveOne returns one object.
func (l *LookUps) serveOne(write func(*objectWriter)) (json.RawMessage, error) {
	r := objectWriter{b: []byte{'{'}, textNumbers: l.NumbersAsText, emptyNulls: l.EmptyForNull}
	write(&r)
	return append(r.b, '}'), nil
}
