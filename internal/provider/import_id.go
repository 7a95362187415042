package provider

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

const (
	// defaultSetName is the name of a device set that has none.
	defaultSetName = "default"

	// The forms of import ids.
	taskIDForm    = "<product id>/<task id>, such as 10005977/3456"
	devicesIDForm = "<product id>/<task id> or <product id>/<task id>/<set name>, such as 10005977/3456/canary"
)

// parseTaskID reads an id of the form taskIDForm.
func parseTaskID(id string) (aep.TaskKey, error) {
	product, task, ok := strings.Cut(id, "/")
	productID, productOK := positive(product)
	taskID, taskOK := positive(task)
	if !ok || !productOK || !taskOK {
		return aep.TaskKey{}, fmt.Errorf("%q is not of the form %s", id, taskIDForm)
	}
	return aep.TaskKey{ProductID: productID, TaskID: taskID}, nil
}

// parseDevicesID reads an id of the form devicesIDForm. It returns the task and the name of the set.
func parseDevicesID(id string) (aep.TaskKey, string, error) {
	name := defaultSetName
	head := id
	if parts := strings.SplitN(id, "/", 3); len(parts) == 3 {
		head, name = parts[0]+"/"+parts[1], parts[2]
	}
	key, err := parseTaskID(head)
	if err != nil || nameProblem(name) != "" || strings.Contains(name, "/") {
		return aep.TaskKey{}, "", fmt.Errorf("%q is not of the form %s", id, devicesIDForm)
	}
	return key, name, nil
}

// devicesID returns the id of a device set.
func devicesID(key aep.TaskKey, name string) string { return key.String() + "/" + name }

// positive reads a positive decimal number without leading zeros or sign.
func positive(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// maxName is the largest number of characters of a name. The platform does not document its limit. A name
// that it cuts would be drift in every plan.
const maxName = 1024

// nameProblem returns why a text can't be a name, "" if it can.
func nameProblem(text string) string {
	switch {
	case text == "":
		return "must not be empty"
	case strings.TrimSpace(text) != text:
		return "must not begin or end with white space"
	case utf8.RuneCountInString(text) > maxName:
		return fmt.Sprintf("must not have more than %d characters", maxName)
	}
	return ""
}
