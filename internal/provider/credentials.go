package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// missing returns the fields of the client's configuration without which no call can be made. It adds the
// MasterKey if there is none: most products need it.
func (s settings) missing() (fields []string) {
	if s.client.AppKey == "" {
		fields = append(fields, "AppKey")
	}
	if s.client.AppSecret == "" {
		fields = append(fields, "AppSecret")
	}
	if len(fields) > 0 && s.client.MasterKey == "" && len(s.client.MasterKeys) == 0 {
		fields = append(fields, "MasterKey")
	}
	return fields
}

// missingText names the arguments and variables of missing fields, as sentences.
func missingText(fields []string) string {
	var names, ways []string
	for _, field := range fields {
		one := settingOf(field)
		names = append(names, one.argument)
		arguments, variables := one.argument, one.environment
		if field == "MasterKey" {
			arguments, variables = "master_key or master_keys", "AEP_MASTER_KEY or AEP_MASTER_KEYS"
		}
		ways = append(ways, "\n  - "+arguments+", or the environment variable "+variables)
	}
	return fmt.Sprintf("The provider has no %s. Set in the provider block:\n%s", strings.Join(names, " and no "), strings.Join(ways, ""))
}

// credentialsMissing returns the warning of a run without credentials.
func credentialsMissing(fields []string) diag.Diagnostic {
	return warning("Credentials missing", "%s\n\nA plan without a call to the platform passes. Every call fails.", missingText(fields))
}

// masterKeyMissing returns the warning of a plan for a product without a MasterKey.
func masterKeyMissing(productID int64) diag.Diagnostic {
	return warning("MasterKey missing", "%s The platform may refuse the calls of this product.", setMasterKey(productID))
}

// setMasterKey returns sentences that say how to set the MasterKey of a product.
func setMasterKey(productID int64) string {
	return fmt.Sprintf("No MasterKey is set for product %d. Set master_keys[\"%[1]d\"] or master_key of the provider block, "+
		"or the environment variable AEP_MASTER_KEYS or AEP_MASTER_KEY. "+
		"The console shows it in 产品概况 (product overview), as Master-APIkey.", productID)
}

// hasMasterKey reports whether calls for a product have a MasterKey, or may have one that is not known yet.
func (s settings) hasMasterKey(productID int64) bool {
	_, own := s.client.MasterKeys[productID]
	return own || s.client.MasterKey != "" || len(s.unknown) > 0
}

// origin returns where a field of the client's configuration was set, for a message.
func (s settings) origin(field string, productID int64) string {
	one := settingOf(field)
	switch {
	case !s.fromBlock[one.argument]:
		return "the environment variable " + one.environment
	case productID != 0:
		return fmt.Sprintf("%s[\"%d\"] of the provider block", one.argument, productID)
	}
	return one.argument + " of the provider block"
}

// settingOf returns the argument behind a field of the client's configuration.
func settingOf(field string) setting {
	for _, one := range allSettings {
		if one.field == field {
			return one
		}
	}
	return setting{argument: field}
}

// configProblem returns a sentence about an invalid argument of the provider block, or an invalid variable.
func (s settings) configProblem(e *aep.ConfigError) string {
	one := settingOf(e.Field)
	text := "The argument " + one.argument + " " + e.Problem
	if !s.fromBlock[one.argument] {
		text = "The environment variable " + one.environment + " " + e.Problem
	}
	if e.Permit != "" {
		text += ", or set " + settingOf(e.Permit).argument + " = true"
	}
	return text + "."
}

// credentialsHint returns the hint for a call that failed because of its keys. It names where each was set.
func credentialsHint(err error) string {
	keys, productID := aep.KeysOf(err)
	secret := "app_secret" + from(keys.AppSecret)
	masterKey := fmt.Sprintf("the MasterKey of product %d%s", productID, from(keys.MasterKey))
	subscribed := ". If they are right, check that the application has subscribed to this API."
	if missing, ok := errors.AsType[*aep.MissingError](err); ok {
		return missingText(missing.Fields)
	}
	switch {
	case aep.LacksMasterKey(err) && productID != 0:
		return setMasterKey(productID)
	case aep.IsUnknownApplication(err):
		return "The platform returns 404 for an unknown app key or endpoint. It does not mean that the task is gone. " +
			"Check app_key" + from(keys.AppKey) + " and endpoint: newer accounts have https://<tenant>.api.ctwing.cn."
	case !aep.IsUnauthorized(err):
		return ""
	case !aep.TakesMasterKey(err):
		return "Check " + secret + " and the clock of this machine" + subscribed
	case keys.MasterKey == "":
		return "Check " + secret + " and the clock of this machine. " + setMasterKey(productID)
	case aep.IsForbidden(err):
		return "Check " + masterKey + ", and " + secret + subscribed
	}
	return "Check " + secret + ", " + masterKey + ", and the clock of this machine" + subscribed
}

// from returns where a key was set, in parentheses.
func from(origin string) string {
	if origin == "" {
		return ""
	}
	return " (from " + origin + ")"
}
