package lives

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// configuration is the configuration that a practitioner has written.
type configuration struct {
	product int64
	folder  string // of the files with device ids
	tasks   []*taskPart
}

// taskPart is a task with its sets and its start.
type taskPart struct {
	label, name, about string
	newer              bool // firmware
	tries              int  // retry_times, or timeout_hours
	force, recreate    bool
	adopt, createFirst bool
	sets               []*setPart
	start              bool
	cancels            bool // on_destroy of the rollout
	expect             int  // expected_device_count, unless it is -1: as many as are listed
	startFirst         bool // create_before_destroy of the rollout, which the others inherit
}

// setPart is a set of devices.
type setPart struct {
	label, name            string
	devices                []string
	source                 source
	exclusive, keep, force bool
	createFirst            bool
	versions               versions
}

// source is the argument that names the devices of a set.
type source int

const (
	byList source = iota
	byHiddenList
	byFile
	byGroup
	sources
)

func (c *configuration) copied() *configuration {
	again := *c
	again.tasks = nil
	for _, task := range c.tasks {
		one := *task
		one.sets = nil
		for _, set := range task.sets {
			other := *set
			other.devices = slices.Clone(set.devices)
			one.sets = append(one.sets, &other)
		}
		again.tasks = append(again.tasks, &one)
	}
	return &again
}

// listed returns all devices of a task's sets.
func (t *taskPart) listed() (all []string) {
	for _, set := range t.sets {
		all = coretest.Union(all, set.devices)
	}
	return all
}

func (t *taskPart) address() string { return "aep_upgrade_task." + t.label }

func (t *taskPart) rollout() string { return "aep_upgrade_rollout." + t.label }

func (s *setPart) address() string { return "aep_upgrade_devices." + s.label }

func (s *setPart) group() string { return "group-" + s.label }

func (c *configuration) file(s *setPart) string {
	return filepath.Join(c.folder, strings.Map(func(r rune) rune {
		if strings.ContainsRune(`["]`, r) {
			return '-'
		}
		return r
	}, s.label)+".txt")
}

// blocks returns the resources as they are written now. It writes the files that they name.
func (c *configuration) blocks() (all []*coretest.Block) {
	c = c.copied()
	for _, task := range c.tasks {
		all = append(all, &coretest.Block{
			Address: task.address(), CreateFirst: task.createFirst,
			Config: func(coretest.Lookup) coretest.Config { return c.task(task) },
		})
		needs := []string{task.address()}
		for _, set := range task.sets {
			if set.source == byFile {
				_ = os.WriteFile(c.file(set), []byte(strings.Join(set.devices, "\n")), 0o600)
			}
			all = append(all, &coretest.Block{
				Address: set.address(), Needs: []string{task.address()}, CreateFirst: set.createFirst,
				Config: func(of coretest.Lookup) coretest.Config { return c.set(set, of(task.address(), "task_id")) },
			})
			needs = append(needs, set.address())
		}
		if task.start {
			all = append(all, &coretest.Block{
				Address: task.rollout(), Needs: needs, CreateFirst: task.startFirst,
				Config: func(of coretest.Lookup) coretest.Config { return c.start(task, of) },
			})
		}
	}
	return all
}

func (c *configuration) task(t *taskPart) coretest.Config {
	config := coretest.Config{
		"product_id": c.product, "name": t.name, "force_destroy": t.force, "allow_recreate": t.recreate, "adopt_existing": t.adopt,
		"firmware_id": c.firmware(t),
	}
	if t.about != "" {
		config["description"] = t.about
	}
	if c.product == coretest.TLinkProduct {
		config["timeout_hours"] = 24 + t.tries
	} else {
		config["retry_times"] = t.tries
	}
	return config
}

func (c *configuration) firmware(t *taskPart) int64 {
	firmware := map[int64]int64{coretest.LwM2MProduct: coretest.LwM2MFirmware, coretest.TLinkProduct: coretest.TLinkFirmware}[c.product]
	if t.newer {
		firmware++
	}
	return firmware
}

func (c *configuration) set(s *setPart, task any) coretest.Config {
	config := coretest.Config{"product_id": c.product, "task_id": task, "name": s.name, "exclusive": s.exclusive, "force_destroy": s.force}
	if s.keep {
		config["on_remove"] = "keep"
	}
	s.versions.write(config)
	switch s.source {
	case byHiddenList:
		config["device_ids_wo"] = s.devices
	case byFile:
		config["device_ids_file"] = c.file(s)
	case byGroup:
		config["device_group_id"], config["selection"] = s.group(), "continuous"
	default:
		config["device_ids"] = s.devices
	}
	return config
}

func (c *configuration) start(t *taskPart, of coretest.Lookup) coretest.Config {
	config := coretest.Config{
		"product_id": c.product, "task_id": of(t.address(), "task_id"), "wait_for": "started", "expected_device_count": t.expect,
		"allow_recreate": t.recreate,
	}
	if t.expect < 0 {
		config["expected_device_count"] = t.joining(of)
	}
	if t.cancels {
		config["on_destroy"] = "cancel"
	}
	return config
}

// joining returns how many devices of a task are expected: as many as are listed. If a set selects by version, it is
// as many as are attached.
func (t *taskPart) joining(of coretest.Lookup) any {
	if !slices.ContainsFunc(t.sets, func(s *setPart) bool { return s.versions.selects() }) {
		return len(t.listed())
	}
	var sum int64
	for _, set := range t.sets {
		attached, ok := of(set.address(), "attached_count").(tftypes.Value)
		if !ok || !attached.IsFullyKnown() {
			return coretest.Unknown{}
		}
		var n int64
		_, _ = fmt.Sscan(coretest.Text(attached), &n)
		sum += n
	}
	return sum
}

// parts calls each for all sets, with their tasks.
func (c *configuration) parts(each func(*taskPart, *setPart)) {
	for _, task := range c.tasks {
		for _, set := range task.sets {
			each(task, set)
		}
	}
}

func (c *configuration) String() string {
	var text strings.Builder
	for _, task := range c.tasks {
		fmt.Fprintf(&text, "%+v\n", *task)
		for _, set := range task.sets {
			fmt.Fprintf(&text, "    %+v\n", *set)
		}
	}
	return text.String()
}
