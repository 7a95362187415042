// Package page shows a run of the demo as a single HTML page. The page shows the
// devices of each wave, the phases over time, the failures, and the steps. It has
// no script, and refers to nothing outside itself.
package page

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var source string

// page is the parsed template.
var page = template.Must(template.New("page").Funcs(template.FuncMap{"group": group, "seconds": seconds}).Parse(source))

// Write renders a run as HTML.
func Write(w io.Writer, d Data) error { return page.Execute(w, newView(d)) }
