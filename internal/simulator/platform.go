package simulator

import (
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
	defaultTenantID   = "10007905"
	defaultFirstJobID = 3456
	firstSubtaskID    = 59
	defaultWindow     = 30 * time.Second
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
		nextJob:  options.FirstJobID,
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
	if o.AppKey == "" {
		o.AppKey = DefaultAppKey
	}
	if o.AppSecret == "" {
		o.AppSecret = DefaultAppSecret
	}
	if o.TenantID == "" {
		o.TenantID = defaultTenantID
	}
	if o.FirstJobID == 0 {
		o.FirstJobID = defaultFirstJobID
	}
	if o.TimestampWindow == 0 {
		o.TimestampWindow = defaultWindow
	}
	if o.Products == nil {
		o.Products = DefaultProducts(DefaultDeviceCount)
	}
	codes := &o.Quirks.JobStatus
	if *codes == (JobStatusCodes{}) {
		*codes = JobStatusCodes{Pending: 1, Running: 2, Finished: 3}
	}
}

// Configure changes the options of a running platform. Products, FirstJobID,
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

// Close ends every connection and releases every request that is being held.
func (p *Platform) Close() {
	p.closeOnce.Do(func() {
		close(p.closed)
		p.wires.close()
	})
}

var _ http.Handler = (*Platform)(nil)
