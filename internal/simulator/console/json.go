package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// Header is a header that each response of the API has. The real platform
// sends none of this name.
const Header = "X-Simulator-Console"

// maxBody is the largest body of a request. A million device ids fit in.
const maxBody = 64 << 20

// failure is an error with its HTTP status.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func invalid(format string, args ...any) error {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) error {
	return &failure{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// jsonHandler writes the result of serve, or its error as a Failure.
func jsonHandler(serve func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		result, err := serve(r)
		status := http.StatusOK
		if err != nil {
			status, result = http.StatusConflict, Failure{err.Error()}
			if known, ok := errors.AsType[*failure](err); ok {
				status = known.status
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set(Header, "true")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(result) // An error means that the client has gone.
	})
}

// read decodes the body of a request.
func read[T any](r *http.Request) (T, error) {
	var body T
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return body, invalid("the body is not as expected: %v", err)
	}
	return body, nil
}

// number returns a query parameter of 0 or more, or otherwise if it is absent.
func number(r *http.Request, name string, otherwise int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 {
		return 0, invalid("%s is a number from 0, not %q", name, text)
	}
	return value, nil
}
