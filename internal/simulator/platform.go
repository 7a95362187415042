package simulator

import (
	"sync"
	"sync/atomic"
	"time"
)

// Platform is a simulated CTWing AEP platform. Its methods are safe for
// concurrent use. For a testing/synctest bubble it must be made inside the
// bubble.
type Platform struct {
	mu       sync.Mutex
	options  Options
	products map[int64]*product
	firmware map[int64]*firmware
	groups   map[int64]*group
	tasks    map[int64]*task
	deleted  map[int64]*task
	subtasks []*subtask
	nextJob  int64
	created  int
	agenda   agenda

	clockOffset atomic.Int64
	journal     journal
	faults      faults
	flow        flow
	connections connections
	closed      chan struct{}
	closeOnce   sync.Once
}

const (
	firstJobID     = 3456
	firstSubtaskID = 59
)

// New makes a platform. Close must be called at the end.
func New(options Options) *Platform {
	options.fill()
	p := &Platform{
		options:  options,
		products: map[int64]*product{},
		firmware: map[int64]*firmware{},
		groups:   map[int64]*group{},
		tasks:    map[int64]*task{},
		deleted:  map[int64]*task{},
		nextJob:  firstJobID,
		closed:   make(chan struct{}),
	}
	p.clockOffset.Store(int64(options.ClockOffset))
	p.journal.limit = options.JournalLimit
	for _, seed := range options.Products {
		owner := newProduct(seed)
		p.products[seed.ID] = owner
		for _, f := range seed.Firmware {
			p.firmware[f.ID] = newFirmware(owner, f)
		}
		for _, g := range seed.Groups {
			addGroup(p.groups, owner, g, owner.regroup)
		}
	}
	return p
}

// Now returns the time of the platform's clock.
func (p *Platform) Now() time.Time {
	return p.shownTime(time.Now())
}

// shownTime returns a time by the platform's clock.
func (p *Platform) shownTime(t time.Time) time.Time {
	return t.Add(time.Duration(p.clockOffset.Load()))
}

func (p *Platform) product(id int64) (*product, error) {
	if owner := p.products[id]; owner != nil {
		return owner, nil
	}
	return nil, refuse(CodeProductMissing, "产品不存在")
}

// Close ends every connection and every request that is being held.
func (p *Platform) Close() {
	p.closeOnce.Do(func() {
		close(p.closed)
		p.connections.close()
	})
}
