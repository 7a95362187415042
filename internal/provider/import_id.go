package provider

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// taskIDForm and devicesIDForm show the ids that imports take.
const (
	taskIDForm    = "<product id>/<task id>, such as 10005977/3456"
	devicesIDForm = "<product id>/<task id> or <product id>/<task id>/<set name>, such as 10005977/3456/canary"
)

// parseTaskID reads "<product id>/<task id>".
func parseTaskID(id string) (aep.TaskKey, error) {
	product, task, ok := strings.Cut(id, "/")
	productID, productOK := positive(product)
	taskID, taskOK := positive(task)
	if !ok || !productOK || !taskOK {
		return aep.TaskKey{}, fmt.Errorf("%q is not of the form %s", id, taskIDForm)
	}
	return aep.TaskKey{ProductID: productID, TaskID: taskID}, nil
}

// parseDevicesID reads "<product id>/<task id>[/<set name>]".
func parseDevicesID(id string) (aep.TaskKey, string, error) {
	name := "default"
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

// positive reads a positive decimal number as the platform writes it.
func positive(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// maxName is far above the names that fit the platform's console. Its own limit
// is not documented, and a cut name would be drift for ever.
const maxName = 1024

// nameProblem says why text can't be a name, "" if it can.
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
