package provider_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// recording is a file of statesFolder. It holds all that the test needs of its release: the configuration, the states,
// and what the platform held.
type recording struct {
	Platform      heldPlatform      `json:"platform"`
	Tasks         []heldTask        `json:"tasks"`
	Configuration configuration     `json:"configuration"`
	States        []coretest.Stored `json:"states"`
}

// heldPlatform is a platform before the first task.
type heldPlatform struct {
	TenantID string        `json:"tenant_id"`
	Products []heldProduct `json:"products"`
	Failing  []string      `json:"failing_devices"`
	Hanging  []string      `json:"unfinished_devices"`
}

type heldProduct struct {
	ID       int64               `json:"product_id"`
	Name     string              `json:"name"`
	Protocol int                 `json:"protocol"` // the platform's number
	Firmware []heldFirmware      `json:"firmware"`
	Devices  []string            `json:"devices"`
	Groups   map[string][]string `json:"groups,omitempty"`
	Versions map[string][]string `json:"versions,omitempty"`
}

type heldFirmware struct {
	ID      int64  `json:"firmware_id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

type heldTask struct {
	ID           int64    `json:"task_id"`
	ProductID    int64    `json:"product_id"`
	FirmwareID   int64    `json:"firmware_id"`
	Name         string   `json:"name"`
	Description  string   `json:"description,omitempty"`
	RetryTimes   int      `json:"retry_times,omitempty"`
	TimeoutHours int      `json:"timeout_hours,omitempty"`
	Devices      []string `json:"devices"`
	Started      bool     `json:"started"`
}

// begin returns a workspace without states, on a platform with these products.
func (held heldPlatform) begin(t *testing.T) *coretest.Workspace {
	t.Helper()
	keys := coretest.Config{}
	p := coretest.NewPlatform(t, func(o *simulator.Options) {
		o.TenantID, o.Products = held.TenantID, nil
		o.Upgrade = simulator.Upgrade{
			UpgradeTime: time.Minute, Fail: simulator.FailDevices("8", held.Failing...), Hang: simulator.Among(held.Hanging...),
		}
		for _, product := range held.Products {
			seed := product.seed()
			o.Products, keys[fmt.Sprint(product.ID)] = append(o.Products, seed), seed.MasterKey
		}
	})
	for _, product := range held.Products {
		for group, ids := range product.Groups {
			coretest.Must(t, p.SetDeviceGroup(product.ID, group, ids...))
		}
		for version, ids := range product.Versions {
			coretest.Must(t, p.SetDeviceVersion(product.ID, version, ids...))
		}
	}
	w := coretest.NewWorkspace(t, p, nil)
	w.Arguments = coretest.Config{"master_keys": keys}
	w.Monitor.Lists = func(string) (all []string) {
		for _, product := range held.Products {
			all = append(all, product.Devices...)
		}
		return all
	}
	return w
}

func (held heldProduct) seed() simulator.ProductSeed {
	seed := simulator.ProductSeed{ID: held.ID, Name: held.Name, Protocol: held.Protocol, MasterKey: fmt.Sprintf("key-of-%d", held.ID)}
	for _, image := range held.Firmware {
		seed.Firmware = append(seed.Firmware, simulator.FirmwareSeed{ID: image.ID, Name: image.Name, Version: image.Version})
	}
	for _, id := range held.Devices {
		seed.Devices = append(seed.Devices, simulator.DeviceSeed{ID: id})
	}
	return seed
}

// add creates the task on a platform, without the provider.
func (held heldTask) add(t *testing.T, p *simulator.Platform) {
	t.Helper()
	id, err := p.CreateTask(simulator.TaskDraft{
		ProductID: held.ProductID, FirmwareID: held.FirmwareID, Name: held.Name, Description: held.Description,
		RetryTimes: held.RetryTimes, TimeoutHours: held.TimeoutHours,
	})
	coretest.Must(t, err)
	if id != held.ID {
		t.Fatalf("the simulator gives the task id %d, and the recording has %d", id, held.ID)
	}
	coretest.Must(t, p.Join(id, held.Devices...))
	if held.Started {
		coretest.Must(t, p.Start(id))
	}
}

// tasksOf returns the tasks of a platform, oldest first.
func tasksOf(p *simulator.Platform) (all []heldTask) {
	for _, product := range p.Products() {
		for _, task := range p.Tasks(product.ID) {
			one := heldTask{
				ID: task.ID, ProductID: task.ProductID, FirmwareID: task.FirmwareID, Name: task.Name, Description: task.Description,
				RetryTimes: task.RetryTimes, TimeoutHours: task.TimeoutHours, Started: p.StartCount(task.ID) > 0,
			}
			for _, s := range p.Subtasks(task.ID) {
				one.Devices = append(one.Devices, s.DeviceID)
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b heldTask) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// configuration is a configuration in Terraform's JSON syntax. Of expressions, it has references to attributes only.
type configuration struct {
	Resource map[string]map[string]coretest.Config `json:"resource"` // by type and name
}

var reference = regexp.MustCompile(`^\$\{(\w+\.\w+)\.(\w+)\}$`)

// blocks returns the resources of the configuration, sorted by address.
func (c configuration) blocks() (all []*coretest.Block) {
	for _, typeName := range slices.Sorted(maps.Keys(c.Resource)) {
		for _, name := range slices.Sorted(maps.Keys(c.Resource[typeName])) {
			all = append(all, blockOf(typeName+"."+name, c.Resource[typeName][name]))
		}
	}
	return all
}

func blockOf(address string, arguments coretest.Config) *coretest.Block {
	constants, references := coretest.Config{}, map[string][]string{}
	var needs []string
	for _, argument := range slices.Sorted(maps.Keys(arguments)) {
		text, _ := arguments[argument].(string)
		found := reference.FindStringSubmatch(text)
		switch {
		case argument == "depends_on":
			for _, need := range arguments[argument].([]any) {
				needs = coretest.Union(needs, []string{need.(string)})
			}
		case found != nil:
			references[argument] = found
			needs = coretest.Union(needs, found[1:2])
		default:
			constants[argument] = arguments[argument]
		}
	}
	return &coretest.Block{Address: address, Needs: needs, Config: func(of coretest.Lookup) coretest.Config {
		all := maps.Clone(constants)
		for argument, found := range references {
			all[argument] = of(found[1], found[2])
		}
		return all
	}}
}

// readRecording reads a file of statesFolder.
func readRecording(t *testing.T, file string) (from recording) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // The file is in the repository.
	coretest.Must(t, err)
	coretest.Must(t, json.Unmarshal(text, &from))
	return from
}

// writeNew writes a file that must not exist. A recording is never written again.
func writeNew(t *testing.T, file string, content []byte) {
	t.Helper()
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // The file is in the repository.
	coretest.Must(t, err)
	_, err = out.Write(content)
	coretest.Must(t, err)
	coretest.Must(t, out.Close())
}
