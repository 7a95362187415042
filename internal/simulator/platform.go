package simulator

import (
	"cmp"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Platform is a simulated CTWing AEP platform. All its methods may be called
// at the same time. Within a testing/synctest bubble it must be made inside
// the bubble.
type Platform struct {
	mu       sync.Mutex
	options  Options
	products map[int64]*product
	firmware map[int64]*firmware
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
	wires       wires
	closed      chan struct{}
	closeOnce   sync.Once
}

const (
	defaultTenantID = "10007905"
	firstJobID      = 3456
	firstSubtaskID  = 59
	defaultWindow   = 30 * time.Second
)

// New makes a platform from its options. Close ends it.
func New(options Options) *Platform {
	options.fill()
	p := &Platform{
		options:  options,
		products: map[int64]*product{},
		firmware: map[int64]*firmware{},
		tasks:    map[int64]*task{},
		deleted:  map[int64]*task{},
		nextJob:  firstJobID,
		closed:   make(chan struct{}),
	}
	p.clockOffset.Store(int64(options.ClockOffset))
	p.journal.limit = options.JournalLimit
	for _, seed := range options.Products {
		p.addProduct(seed)
	}
	return p
}

func (o *Options) fill() {
	o.AppKey = cmp.Or(o.AppKey, DefaultAppKey)
	o.AppSecret = cmp.Or(o.AppSecret, DefaultAppSecret)
	o.TenantID = cmp.Or(o.TenantID, defaultTenantID)
	o.TimestampWindow = cmp.Or(o.TimestampWindow, defaultWindow)
	o.Quirks.JobStatus = cmp.Or(o.Quirks.JobStatus, JobStatusCodes{Pending: 1, Running: 2, Finished: 3})
	if o.Products == nil {
		o.Products = DefaultProducts(DefaultDeviceCount)
	}
}

// Configure changes the options of a running platform. Products,
// ClockOffset and JournalLimit have no effect here; a task keeps the code
// table with which it was made.
func (p *Platform) Configure(change func(*Options)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance(time.Now())
	change(&p.options)
	p.options.fill()
}

// SetClockOffset sets how far the platform's clock is ahead of time.Now. The
// devices' progress does not jump with it.
func (p *Platform) SetClockOffset(offset time.Duration) {
	p.clockOffset.Store(int64(offset))
}

// Now returns the time of the platform's clock.
func (p *Platform) Now() time.Time {
	return p.shownTime(time.Now())
}

func (p *Platform) shownTime(t time.Time) time.Time {
	return t.Add(time.Duration(p.clockOffset.Load()))
}

func (p *Platform) product(id int64) (*product, error) {
	if owner := p.products[id]; owner != nil {
		return owner, nil
	}
	return nil, refuse(CodeProductMissing, "产品不存在")
}

// Close ends every connection and releases every request that is being held.
func (p *Platform) Close() {
	p.closeOnce.Do(func() {
		close(p.closed)
		p.wires.close()
	})
}

var _ http.Handler = (*Platform)(nil)
