package aep

import (
	"cmp"
	"strings"
)

// MissingError is a call that was not sent because credentials are missing. Fields are names of Config fields.
type MissingError struct{ Fields []string }

func (e *MissingError) Error() string { return "not sent: no " + strings.Join(e.Fields, " and no ") }

// missing returns a *MissingError if no call can be signed, or nil.
func (c Config) missing() error {
	var fields []string
	if c.AppKey == "" {
		fields = append(fields, "AppKey")
	}
	if c.AppSecret == "" {
		fields = append(fields, "AppSecret")
	}
	if len(fields) == 0 {
		return nil
	}
	return &MissingError{Fields: fields}
}

// Keys says where the keys of a call were set. A key that is not set has "".
type Keys struct{ AppKey, AppSecret, MasterKey string }

// keys returns the keys that sign the calls of a product.
func (c Config) keys(productID int64) Keys {
	keys := Keys{AppKey: c.origin("AppKey", 0), AppSecret: c.origin("AppSecret", 0)}
	switch _, own := c.MasterKeys[productID]; {
	case own:
		keys.MasterKey = c.origin("MasterKeys", productID)
	case c.MasterKey != "":
		keys.MasterKey = c.origin("MasterKey", 0)
	}
	return keys
}

func (c Config) origin(field string, productID int64) string {
	if c.Origin == nil {
		return field
	}
	return cmp.Or(c.Origin(field, productID), field)
}
