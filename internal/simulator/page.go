package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
)

const (
	defaultPageSize = 20
	maxPageNumber   = 1 << 31
)

// selection is a list that can be paged: a set, or the rows that a search
// found.
type selection interface {
	size() int
	page(offset, n int) []int
}

func (s *indexSet) size() int { return s.count }

type rowList []int

func (f rowList) size() int { return len(f) }

func (f rowList) page(offset, n int) []int {
	if offset >= len(f) {
		return nil
	}
	return f[offset:min(offset+n, len(f))]
}

// newestFirst pages n rows in descending order.
type newestFirst int

func (n newestFirst) size() int { return int(n) }

func (n newestFirst) page(offset, size int) []int {
	var rows []int
	for i := int(n) - 1 - offset; i >= 0 && len(rows) < size; i-- {
		rows = append(rows, i)
	}
	return rows
}

// inOrder pages n rows in ascending order.
type inOrder int

func (n inOrder) size() int { return int(n) }

func (n inOrder) page(offset, size int) []int {
	var rows []int
	for i := offset; i < int(n) && len(rows) < size; i++ {
		rows = append(rows, i)
	}
	return rows
}

// pageRequest has the number and the size of the requested page, and the
// switches of its list.
type pageRequest struct {
	now, size               int
	paging                  Paging
	textNumbers, emptyNulls bool
}

// page returns the page that a request asks for. It records an error if the
// paging switches refuse its size.
func (c *call) page(quirks Paging) pageRequest {
	asked := pageRequest{
		now:    int(c.long("pageNow", 1, maxPageNumber, 1)),
		size:   int(c.long("pageSize", 1, maxPageNumber, 0)),
		paging: quirks,
	}
	most := quirks.MaxPageSize
	tooLarge := most > 0 && asked.size > most
	switch {
	case asked.size == 0:
		asked.size = defaultPageSize
	case tooLarge && quirks.TooLarge == PageTooLargeRefused:
		c.fail("pageSize超出范围(1-%d)", most)
	case tooLarge && quirks.TooLarge == PageTooLargeBadRequest:
		c.errors = append(c.errors, gateway(http.StatusBadRequest, "Query parameter 'pageSize' exceeds %d", most))
	}
	return asked
}

// servePage returns one page of a selection. API: pageNum, pageSize, total,
// list.
func servePage(asked pageRequest, all selection, write func(*objectWriter, int)) json.RawMessage {
	quirks := asked.paging
	size := asked.size
	if quirks.MaxPageSize > 0 {
		size = min(size, quirks.MaxPageSize)
	}
	rows := quirks.cut(all, asked, size)
	if quirks.ReportRequested {
		size = asked.size
	}
	const rowBytes = 512
	result := objectWriter{
		b: make([]byte, 0, rowBytes*(len(rows)+1)), textNumbers: asked.textNumbers, emptyNulls: asked.emptyNulls,
	}
	result.b = append(result.b, '{')
	result.number("pageNum", int64(asked.now))
	result.number("pageSize", int64(size))
	result.number("total", int64(all.size()+quirks.TotalOffset))
	result.key("list")
	if len(rows) == 0 && quirks.NullList {
		return append(result.b, "null}"...)
	}
	result.b = append(result.b, '[')
	for i, index := range rows {
		if i > 0 {
			result.b = append(result.b, ',')
		}
		result.b = append(result.b, '{')
		write(&result, index)
		result.b = append(result.b, '}')
	}
	return append(result.b, "]}"...)
}

// cut returns the rows of a page of a size, with the errors that the paging
// switches ask for.
func (quirks Paging) cut(all selection, asked pageRequest, size int) []int {
	page, step := asked.now, size
	if quirks.IgnorePageNow {
		page = 1
	}
	if quirks.OffsetByRequested {
		step = asked.size
	}
	offset := (page - 1) * step
	rows := all.page(offset, min(size, all.size()))
	if page == 1 {
		return rows
	}
	if quirks.SkipRow && len(rows) > 0 {
		rows = rows[1:]
	}
	if quirks.RepeatRow {
		rows = append(slices.Clone(all.page(offset-1, 1)), rows...)
	}
	return rows
}
