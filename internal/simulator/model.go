package simulator

import (
	"strconv"
	"strings"
	"time"
)

// firmware has a seed without empty members.
type firmware struct {
	id      int64
	name    string
	version string
	product *product
	seed    FirmwareSeed
}

// group is a group of devices. Level 0 has one product, and its members are
// those of product.groups. Level 1 has several products.
type group struct {
	id                int64
	name, description string
	level             int
	product           *product // nil for several products
	shared            map[*product]*indexSet
}

// members returns the members that belong to a product, by serial number less
// one.
func (g *group) members(owner *product) *indexSet {
	set := g.shared[owner]
	if g.product == owner {
		set = owner.groups[strconv.FormatInt(g.id, 10)]
	}
	if set == nil {
		return &indexSet{}
	}
	return set
}

// product has its devices in the order of their serial numbers. free has the
// devices that no unfinished subtask has, by serial number less one.
type product struct {
	id        int64
	name      string
	protocol  int
	masterKey string
	seed      ProductSeed // without its devices, firmware and groups
	firmware  []*firmware
	online    int // devices that are online
	devices   []*device
	byID      map[string]*device
	folded    map[string]*device   // by id in lower case, made at the first use
	seeded    map[string][]*device // by name, number and IMEI of their seeds
	free      indexSet
	groups    map[string]*indexSet
	longest   int // length in bytes of the longest searchable text
	tasks     []*task
}

// device has a generated name, number and IMEI unless its seed gives them.
// Generating them on demand saves memory for a million devices.
type device struct {
	product *product
	id      string
	serial  int
	seed    *DeviceSeed
	version string
	group   string
	current *subtask
	// upgrades counts over all tasks. See Platform.Upgrades.
	upgrades int
}

const (
	namePrefix  = "设备-"
	imeiPrefix  = "86"
	imeiDigits  = 13
	serialWidth = 7
)

func (d *device) name() string {
	if d.seed != nil && d.seed.Name != "" {
		return d.seed.Name
	}
	return namePrefix + padded(d.serial, serialWidth)
}

// imei returns the IMEI. API: the examples of T-Link have none.
func (d *device) imei() string {
	switch {
	case d.seed != nil && d.seed.IMEI != "":
		return d.seed.IMEI
	case d.product.protocol != ProtocolLwM2M:
		return ""
	}
	return imeiPrefix + padded(d.serial, imeiDigits)
}

// sn returns the device number. API: the example of LwM2M has none, that of
// T-Link is the end of the device id.
func (d *device) sn() string {
	switch {
	case d.seed != nil && d.seed.SN != "":
		return d.seed.SN
	case d.product.protocol == ProtocolLwM2M:
		return ""
	}
	return strings.TrimPrefix(d.id, strconv.FormatInt(d.product.id, 10))
}

// The times of all devices. API: the example of /devices has three of them.
var (
	deviceCreated    = time.UnixMilli(1557995303000)
	deviceOfflineWas = time.UnixMilli(1557995308207)
	deviceOnline     = time.UnixMilli(1557995312831)
	deviceOffline    = time.UnixMilli(1557995314321)
)

// neverOnlineEvery is the distance of the devices that have never been
// online.
const neverOnlineEvery = 10

// net returns whether the device is online.
func (d *device) net() NetState {
	every := d.product.seed.OfflineEvery
	switch {
	case d.seed != nil && d.seed.Net != NetGenerated:
		return d.seed.Net
	case d.serial%neverOnlineEvery == 0:
		return NetNever
	case every > 0 && d.serial%every == 0:
		return NetOffline
	}
	return NetOnline
}

func padded(n, width int) string {
	text := strconv.Itoa(n)
	if len(text) >= width {
		return text
	}
	return "0000000000000"[:width-len(text)] + text
}

// Status is the state of a task. JobStatusCodes has the numbers.
type Status int

// The states of a task.
const (
	Pending Status = iota
	Running
	Finished
)

// settings are the members that PUT /task can change.
type settings struct {
	name, description string
	retryTimes        int
	timeoutHours      int
}

type task struct {
	id       int64
	product  *product
	firmware *firmware
	settings
	// before is shown until visibleAt. See Quirks.ReadLag.
	before    settings
	visibleAt time.Time

	codes              *codes
	tLink              bool
	createBy, updateBy string
	status             Status
	statusCode         int // shown as jobStatus, if not zero
	created            time.Time
	createdShown       time.Time
	started            int64
	finished           int64
	starts             int

	rows     []*subtask
	byDevice map[*device]*subtask // the newest of each device, see subtasksOf
	hidden   []hiddenRows
	listed   indexSet
	joined   indexSet
	states   map[int]*indexSet
	groups   map[string]*indexSet
	open     int // subtasks that are not final
}

// visibleSettings returns the settings that a read shows.
func (t *task) visibleSettings(now time.Time) settings {
	if now.Before(t.visibleAt) {
		return t.before
	}
	return t.settings
}

// hiddenRows are the rows of one join that no list shows before a time. See
// Quirks.JoinLag.
type hiddenRows struct {
	first, end int
	at         time.Time
}

type subtask struct {
	id            int64
	task          *task
	device        *device
	older         *subtask // of the same device, listed as well
	row           int
	code          int
	stage         int
	tries         int
	joins         int
	generation    uint32
	cancelled     bool
	retrying      bool // failed, and the platform will retry it
	retried       int  // by the platform
	result        string
	versionBefore string
	versionAfter  string
	updated       time.Time
	finished      time.Time
}

func (s *subtask) phase() Phase { return s.task.codes.phase(s.code) }

// final reports whether the subtask has ended. A failed subtask that the
// platform will retry has not.
func (s *subtask) final() bool { return !s.retrying && s.phase().final() }
