package view

import (
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Layout is what a dashboard shows: rows of widgets, each of which is a view.
type Layout struct{ rows []row }

type row struct {
	id      string
	widgets []widget
}

type widget struct{ id, view string }

const (
	// maxWidgets is how many widgets a row of a dashboard has at most, gridWidth how many
	// columns they share (databases.md §6.2).
	maxWidgets = 4
	gridWidth  = 12
)

// ParseLayout reads the stored configuration of a dashboard.
func ParseLayout(stored []byte) (*Layout, error) {
	v, err := jsonx.Parse(stored)
	if err != nil {
		return nil, err
	}
	l := &Layout{}
	for _, r := range v.Get("rows").Items() {
		kept := row{id: r.Get("id").Text()}
		for _, w := range r.Get("widgets").Items() {
			kept.widgets = append(kept.widgets, widget{w.Get("id").Text(), w.Get("view_id").Text()})
		}
		l.rows = append(l.rows, kept)
	}
	return l, nil
}

// Append appends the configuration of a dashboard. The widgets of a row are equally wide.
func (l *Layout) Append(dst []byte) []byte {
	rows := make([]jsonx.Value, len(l.rows))
	for i, r := range l.rows {
		widgets := make([]jsonx.Value, len(r.widgets))
		for j, w := range r.widgets {
			widgets[j] = jsonx.ObjectValue(
				jsonx.M("id", jsonx.StringValue(w.id)),
				jsonx.M("view_id", jsonx.StringValue(w.view)),
				jsonx.M("width", jsonx.NumberValue(float64(gridWidth/len(r.widgets)))),
				jsonx.M("row_index", jsonx.NumberValue(float64(i))),
			)
		}
		rows[i] = jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(r.id)), jsonx.M("widgets", jsonx.ArrayValue(widgets...)))
	}
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(Dashboard)), jsonx.M("rows", jsonx.ArrayValue(rows...))).Append(dst)
}

// Place adds a view where a placement says that has passed its schema: to a row that there
// is, or in a row of its own, which is the last when nothing is said. The error is a
// validation_error.
func (l *Layout) Place(view notion.ID, placement jsonx.Value, newID func() notion.ID) error {
	const path = "body.placement.row_index"
	index := placement.Get("row_index")
	if err := checkWhole(path, index); err != nil {
		return err
	}
	added := widget{newID().String(), view.String()}
	at := len(l.rows)
	if index.Defined() {
		at = int(min(index.Float(), float64(len(l.rows)+1)))
	}
	if placement.Get("type").Text() == "existing_row" {
		switch {
		case at >= len(l.rows):
			return invalid("There is no row %s in the dashboard, which has %d.", index, len(l.rows))
		case len(l.rows[at].widgets) == maxWidgets:
			return invalid("A row of a dashboard can have at most %d widgets.", maxWidgets)
		}
		l.rows[at].widgets = append(l.rows[at].widgets, added)
		return nil
	}
	if at > len(l.rows) {
		return invalid("A new row can be at most the last of the dashboard: %s should be ≤ `%d`, instead was `%s`.", path, len(l.rows), index)
	}
	l.rows = slices.Insert(l.rows, at, row{id: newID().String(), widgets: []widget{added}})
	return nil
}

// Retain takes out the views that do not stay, and the rows with them in which nothing else
// is.
func (l *Layout) Retain(stays func(view string) bool) {
	for i := range l.rows {
		r := &l.rows[i]
		r.widgets = slices.DeleteFunc(r.widgets, func(w widget) bool { return !stays(w.view) })
	}
	l.rows = slices.DeleteFunc(l.rows, func(r row) bool { return len(r.widgets) == 0 })
}
