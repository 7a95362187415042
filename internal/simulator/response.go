package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

const (
	jsonType = "application/json;charset=UTF-8"
	htmlType = "text/html;charset=UTF-8"
)

// response is a response before it is written.
type response struct {
	status     int
	retryAfter string
	message    string
	body       []byte
	kind       string
	after      time.Duration // the time to wait before the response is written
}

// responseTo returns the envelope of a result or of an error. API: code, msg,
// result.
func responseTo(result json.RawMessage, err error) response {
	var refused *gatewayError
	var refusal *Refusal
	switch {
	case errors.As(err, &refused):
		resp := gatewayResponse(refused.status, refused.desc)
		resp.after = refused.after
		return resp
	case errors.As(err, &refusal):
		return envelope(refusal.Code, refusal.Message, json.RawMessage("null"))
	}
	return envelope(0, "ok", result)
}

func envelope(code int, msg string, result json.RawMessage) response {
	body := make([]byte, 0, len(result)+len(msg)+64)
	body = append(body, `{"code":`...)
	body = strconv.AppendInt(body, int64(code), 10)
	body = append(body, `,"msg":`...)
	body = appendText(body, msg)
	body = append(body, `,"result":`...)
	body = append(body, result...)
	body = append(body, '}')
	return response{status: http.StatusOK, body: body, kind: jsonType}
}

func gatewayResponse(status int, desc string) response {
	body := []byte(`{"error_code":"` + strconv.Itoa(status) + `","error_desc":`)
	body = append(appendText(body, desc), '}')
	return response{status: status, message: desc, body: body, kind: jsonType}
}
