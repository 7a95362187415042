package simulator

import (
	"fmt"
	"testing"
)

func TestJournal(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{JournalLimit: 3}, func(t *testing.T, p *Platform, c *caller) {
		c.masterKey = LwM2MMasterKey
		job := c.lwm2mTask()
		for range 9 {
			c.ok(OpQueryTask, ofTask(LwM2MProduct, job), "")
		}
		requests := p.Requests()
		wantEqual(t, "requests in the journal", len(requests), 3)
		wantEqual(t, "counted requests", p.Count(OpQueryTask), 9)
		last := requests[2]
		wantEqual(t, "index, ids and status", fmt.Sprint(last.Index, last.JobID, last.ProductID, last.HTTPStatus), "9 3456 10005977 200")
		wantEqual(t, "write", last.Write, false)
		wantEqual(t, "succeeded", last.Succeeded, true)
		wantEqual(t, "path", last.Path, "/aep_upgrade_management/task")
		wantEqual(t, "query", last.Query.Encode(), "id=3456&productId=10005977")
		wantEqual(t, "MasterKey", last.Header.Get("MasterKey"), LwM2MMasterKey)
		p.ResetJournal()
		c.lwm2mTask()
		writes := p.Writes()
		wantEqual(t, "writes after the reset", len(writes), 1)
		wantEqual(t, "index and product", fmt.Sprint(writes[0].Index, writes[0].ProductID), "0 10005977")
		wantEqual(t, "body", string(writes[0].Body), lwm2mBody)
	})
}
