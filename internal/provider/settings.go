package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// settings are the provider's arguments, with the environment and the defaults applied.
type settings struct {
	client     aep.Config
	table      progress.CodeTable
	maxDevices *int64          // nil: no limit
	unknown    []string        // arguments whose values are not known yet
	fromBlock  map[string]bool // arguments that the provider block sets
}

// setting is one argument of the provider block.
type setting struct {
	argument    string
	environment string
	field       string // of aep.Config, as its ConfigError names it
	// apply sets the value from a text, as the environment has it.
	apply func(*settings, string) error
}

// allSettings lists the provider's arguments.
var allSettings = []setting{
	{"app_key", "AEP_APP_KEY", "AppKey", func(s *settings, v string) error { s.client.AppKey = v; return nil }},
	{"app_secret", "AEP_APP_SECRET", "AppSecret", func(s *settings, v string) error { s.client.AppSecret = v; return nil }},
	{"master_key", "AEP_MASTER_KEY", "MasterKey", func(s *settings, v string) error { s.client.MasterKey = v; return nil }},
	{"master_keys", "AEP_MASTER_KEYS", "MasterKeys", applyMasterKeys},
	{"endpoint", "AEP_ENDPOINT", "Endpoint", func(s *settings, v string) error { s.client.Endpoint = v; return nil }},
	{"allow_http", "AEP_ALLOW_HTTP", "AllowHTTP", applyBool(func(s *settings) *bool { return &s.client.AllowHTTP })},
	{"operator", "AEP_OPERATOR", "Operator", applyOperator},
	{"request_timeout", "AEP_REQUEST_TIMEOUT", "RequestTimeout", applyRequestTimeout},
	{"retry_budget", "AEP_RETRY_BUDGET", "RetryBudget", applyRetryBudget},
	{"requests_per_second", "AEP_REQUESTS_PER_SECOND", "RequestsPerSecond", applyRate},
	{
		"max_concurrent_requests", "AEP_MAX_CONCURRENT_REQUESTS", "MaxConcurrentRequests",
		applyInt(1, aep.MaxConcurrentRequests, func(s *settings) *int { return &s.client.MaxConcurrentRequests }),
	},
	{"page_size", "AEP_PAGE_SIZE", "PageSize", applyInt(1, aep.MaxPageSize, func(s *settings) *int { return &s.client.PageSize })},
	{"max_devices_per_run", "AEP_MAX_DEVICES_PER_RUN", "", applyMaxDevices},
	{"read_only", "AEP_READ_ONLY", "ReadOnly", applyBool(func(s *settings) *bool { return &s.client.ReadOnly })},
	{"lwm2m_status_codes", "AEP_LWM2M_STATUS_CODES", "", applyTable},
}

// resolveSettings returns the settings. An argument that the provider block leaves out is read from the
// environment. A variable that is empty leaves the default.
func resolveSettings(block map[string]tftypes.Value, getenv func(string) string) (settings, diag.Diagnostics) {
	var (
		s     = settings{table: progress.TableAuto, fromBlock: map[string]bool{}}
		diags diag.Diagnostics
	)
	for _, one := range allSettings {
		value, inBlock := block[one.argument]
		if inBlock && !value.IsFullyKnown() {
			s.unknown = append(s.unknown, one.argument)
			continue
		}
		text, source := getenv(one.environment), "The environment variable "+one.environment
		if inBlock && !value.IsNull() {
			text, source = settingText(value), "The argument "+one.argument
			s.fromBlock[one.argument] = true
		}
		if text == "" && !(one.argument == "operator" && s.fromBlock[one.argument]) {
			continue
		}
		if err := one.apply(&s, text); err != nil {
			diags.Append(atArgument(one.argument, failure("Invalid provider configuration", "%s %v.", source, err)))
		}
	}
	return s, diags
}

// settingText returns a value of the provider block as text, as the environment has it.
func settingText(value tftypes.Value) string {
	var (
		text   string
		flag   bool
		number big.Float
		object map[string]tftypes.Value
	)
	switch {
	case value.Type().Is(tftypes.String) && value.As(&text) == nil:
		return text
	case value.Type().Is(tftypes.Bool) && value.As(&flag) == nil:
		return strconv.FormatBool(flag)
	case value.Type().Is(tftypes.Number) && value.As(&number) == nil:
		return number.Text('f', -1)
	case value.As(&object) == nil:
		members := make(map[string]string, len(object))
		for key, member := range object {
			members[key] = settingText(member)
		}
		encoded, _ := json.Marshal(members) // a map of strings always encodes
		return string(encoded)
	}
	return ""
}

func applyBool(field func(*settings) *bool) func(*settings, string) error {
	return func(s *settings, text string) error {
		value, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("must be true or false")
		}
		*field(s) = value
		return nil
	}
}

func applyInt(low, high int, field func(*settings) *int) func(*settings, string) error {
	return func(s *settings, text string) error {
		value, err := strconv.Atoi(text)
		if err != nil || value < low || value > high {
			return fmt.Errorf("must be a whole number from %d to %d, not %s", low, high, text)
		}
		*field(s) = value
		return nil
	}
}

func applyMaxDevices(s *settings, text string) error {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 {
		return fmt.Errorf("must be a whole number of devices from 0 (0: no device may be used), not %s", text)
	}
	s.maxDevices = &value
	return nil
}

func applyOperator(s *settings, text string) error {
	if problem := nameProblem(text); problem != "" {
		return errors.New(problem)
	}
	s.client.Operator = text
	return nil
}

func applyRequestTimeout(s *settings, text string) error {
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		return fmt.Errorf("must be a positive duration such as 60s, not %q", text)
	}
	s.client.RequestTimeout = value
	return nil
}

func applyRetryBudget(s *settings, text string) error {
	value, err := time.ParseDuration(text)
	if err != nil || value < 0 {
		return fmt.Errorf("must be a duration such as 5m, or 0s for no retry, not %q", text)
	}
	s.client.RetryBudget = value
	if value == 0 {
		s.client.RetryBudget = -1 // the client takes 0 for its default
	}
	return nil
}

func applyRate(s *settings, text string) error {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !(value >= 0 && value <= 1e6) { // this form refuses NaN too
		return fmt.Errorf("must be a number of requests a second from 0 (no limit) to 1000000, not %s", text)
	}
	s.client.RequestsPerSecond = value
	if value == 0 {
		s.client.RequestsPerSecond = -1 // the client takes 0 for its default
	}
	return nil
}

func applyTable(s *settings, text string) error {
	if !slices.Contains(progress.CodeTables, progress.CodeTable(text)) {
		return fmt.Errorf("must be one of %s, not %q", quoted(progress.CodeTables), text)
	}
	s.table = progress.CodeTable(text)
	return nil
}

func applyMasterKeys(s *settings, text string) error {
	var keys map[string]string
	if strings.HasPrefix(text, "\ufeff") {
		return errors.New("begins with a byte order mark (U+FEFF), which is invisible; save the file that it comes from without one")
	}
	if json.Unmarshal([]byte(text), &keys) != nil {
		// The text holds secrets, and the decoder's error may quote it.
		return errors.New(`must be a JSON object of strings, from product id to MasterKey, such as {"10005977": "…"}`)
	}
	s.client.MasterKeys = make(map[int64]string, len(keys))
	for id, key := range keys {
		productID, err := strconv.ParseInt(id, 10, 64)
		if err != nil || productID < 1 {
			// The key may be a MasterKey, in a pair of the wrong order.
			return errors.New("has a key that is no product id; the key is the product id, and the value its MasterKey")
		}
		s.client.MasterKeys[productID] = key
	}
	return nil
}

// unknownNames lists the arguments whose values are not known yet.
func (s settings) unknownNames() string { return strings.Join(s.unknown, ", ") }
