package aep

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// TaskQuery selects tasks of one product.
type TaskQuery struct {
	ProductID    int64
	NameContains string // "" for all
}

// Tasks lists the tasks of a product, at most limit of them (0: all).
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) Tasks(ctx context.Context, q TaskQuery, limit int) (Listing[Task], error) {
	return scan(ctx, c, c.tasksSource(q), limit)
}

// TasksWithin lists the tasks of a product if that takes no more than so many
// pages; otherwise those of the first page, with Truncated set.
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) TasksWithin(ctx context.Context, q TaskQuery, pages int) (Listing[Task], error) {
	return scanWithin(ctx, c, c.tasksSource(q), pages)
}

// CountTasks returns how many tasks a query selects, at the cost of one row.
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) CountTasks(ctx context.Context, q TaskQuery) (int64, error) {
	n, err := count(ctx, c.tasksSource(q))
	return n.Total, err
}

// EachTask lists the tasks of a product page by page, reading no further than
// the caller does. It ends after an error.
//
// API: QueryRemoteUpgradeTaskList, GET /tasks.
func (c *Client) EachTask(ctx context.Context, q TaskQuery) iter.Seq2[Task, error] {
	return each(ctx, c, c.tasksSource(q))
}

func (c *Client) tasksSource(q TaskQuery) source[Task, int64] {
	return source[Task, int64]{
		name:    fmt.Sprintf("tasks of product %d", q.ProductID),
		message: message{endpoint: queryTaskList, productID: q.ProductID},
		key:     func(t Task) int64 { return t.ID },
		witness: func(ctx context.Context) error {
			devices := c.devicesSource(DeviceQuery{Key: TaskKey{ProductID: q.ProductID}, Scope: Candidates})
			return devices.testify(ctx)
		},
		load: func(ctx context.Context, number, size int) (page[Task], error) {
			m := &message{endpoint: queryTaskList, productID: q.ProductID, query: map[string]string{
				"productId": decimal(q.ProductID),
			}}
			setIfAny(m.query, "searchValue", q.NameContains)
			return loadPage(ctx, c, m, number, size, func(w *wireTask) (Task, error) {
				if w.JobID.value <= 0 {
					return Task{}, errors.New("a task in it has no jobId")
				}
				return w.task(q.ProductID), nil
			})
		},
	}
}

func setIfAny(query map[string]string, name, value string) {
	if value != "" {
		query[name] = value
	}
}
