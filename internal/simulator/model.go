package simulator

import (
	"strconv"
	"strings"
	"time"
)

type firmware struct {
	id      int64
	name    string
	version string
	product *product
}

// product owns its devices in the order of their serial numbers. free holds
// the serials of the devices that no unfinished subtask occupies.
type product struct {
	id        int64
	name      string
	protocol  int
	masterKey string
	devices   []*device
	byID      map[string]*device
	folded    map[string]*device   // by id in lower case, made when first needed
	seeded    map[string][]*device // by every searchable text that was given, not made
	free      indexSet
	groups    map[string]*indexSet
	longest   int // bytes of the longest searchable text
	tasks     []*task
}

// device makes its name, number and IMEI from its serial unless a seed
// gave them, so that a million devices cost one text each.
type device struct {
	product *product
	id      string
	serial  int
	seed    *DeviceSeed
	version string
	group   string
	current *subtask
	// upgrades counts over all tasks: see Platform.Upgrades.
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

// imei is empty for every protocol but LwM2M, as in the document's examples.
func (d *device) imei() string {
	switch {
	case d.seed != nil && d.seed.IMEI != "":
		return d.seed.IMEI
	case d.product.protocol != ProtocolLwM2M:
		return ""
	}
	return imeiPrefix + padded(d.serial, imeiDigits)
}

// sn is empty for LwM2M and the tail of the device id otherwise.
func (d *device) sn() string {
	switch {
	case d.seed != nil && d.seed.SN != "":
		return d.seed.SN
	case d.product.protocol == ProtocolLwM2M:
		return ""
	}
	return strings.TrimPrefix(d.id, strconv.FormatInt(d.product.id, 10))
}

func padded(n, width int) string {
	text := strconv.Itoa(n)
	if len(text) >= width {
		return text
	}
	return "0000000000000"[:width-len(text)] + text
}

// Status is the state of a main task. The number shown for it is a switch:
// see JobStatusCodes.
type Status int

// The states of a main task.
const (
	Pending Status = iota
	Running
	Finished
)

// settings are the members that PUT /task may change.
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
	// before is what a reader sees until visibleAt: see Options.ReadLag.
	before    settings
	visibleAt time.Time

	codes              *codes
	tLink              bool
	createBy, updateBy string
	status             Status
	statusCode         int // overrides the number shown, if not zero
	created            time.Time
	createdShown       time.Time
	started            int64
	finished           int64
	starts             int

	rows     []*subtask
	byDevice map[*device]*subtask // the newest of each device: see subtasksOf
	hidden   []hiddenRows
	listed   indexSet
	joined   indexSet
	states   map[int]*indexSet
	groups   map[string]*indexSet
	open     int // subtasks that are not final
	deleted  bool
}

// shown returns the settings as a reader sees them now.
func (t *task) visibleSettings(now time.Time) settings {
	if now.Before(t.visibleAt) {
		return t.before
	}
	return t.settings
}

// hiddenRows is the rows of one join that no list shows yet: see Quirks.JoinLag.
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

// final is false for a failed subtask that the platform will retry.
func (s *subtask) final() bool { return !s.retrying && s.phase().final() }
