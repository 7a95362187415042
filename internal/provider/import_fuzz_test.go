package provider

import (
	"strings"
	"testing"
)

// FuzzImportIDs checks that an accepted import id is the id of the object that it names.
// So no two ids name the same object.
func FuzzImportIDs(f *testing.F) {
	for _, id := range []string{
		"10005977/3456", "10005977/3456/canary", "", "/", "//", "1/2/", "1/2/a/b", "01/2",
		"+1/2", "1/-2", " 1/2", "1/2 ", "1/2/ a", "1/9223372036854775808", "1/2/\n", "１/2",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if key, err := parseTaskID(id); err == nil && key.String() != id {
			t.Errorf("%q is taken for task %s", id, key)
		} else if err != nil && !strings.Contains(err.Error(), taskIDForm) {
			t.Errorf("%q: %v", id, err)
		}
		key, name, err := parseDevicesID(id)
		if err != nil {
			return
		}
		if full := devicesID(key, name); full != id && full != id+"/"+defaultSetName {
			t.Errorf("%q is taken for set %s", id, full)
		}
		if key.ProductID < 1 || key.TaskID < 1 || name == "" {
			t.Errorf("%q is taken for set %q of task %s", id, name, key)
		}
	})
}
