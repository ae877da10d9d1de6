package core

import (
	"errors"
	"strconv"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// rollupItems pages through what a rollup is made of: the values themselves when it shows
// them, else the related pages. What they yield together is told with the last of them
// (pages-blocks.md §5.7).
func (v *rowView) rollupItems(prop *property.Property, page *store.Page, part PageOf) (notion.Object, error) {
	d := v.core.newDeriver(v.tx, v.p)
	rows := d.rowsOf(v.source, []store.Page{*page})
	made, err := d.computation(v.source, prop)
	if err != nil {
		return nil, err
	}
	r := prop.Rollup()
	if made.Target == nil || !r.Itemized() {
		return v.list(prop, page, nil, "", part, property.Result{Kind: property.UnsupportedResult}.Rollup(r.Function)), nil
	}
	if r.Lists() {
		items, next, err := v.originalItems(d, made, page, part)
		v.timed = made.Timed || d.resolver.timed
		return v.list(prop, page, items, next, part, property.Result{Kind: property.ArrayResult}.Rollup(r.Function)), err
	}
	items, next, err := v.linkItems(made.Relation, page, part)
	if err != nil {
		return nil, err
	}
	result := property.Result{Kind: property.IncompleteResult}
	if next == "" {
		all, err := rows.results(prop)
		if err != nil {
			return nil, err
		}
		result, v.timed = all[0][0], d.timed || d.resolver.timed
	}
	return v.list(prop, page, items, next, part, result.Rollup(r.Function)), nil
}

// originalItems returns some of the values of the related pages, one for each item of those
// that have several, and the cursor of those that follow. A cursor is the order key of a
// link and the place within its value.
func (v *rowView) originalItems(d *deriver, made *property.Computation, page *store.Page, part PageOf) ([]notion.Object, string, error) {
	ord, skip, err := decodePlace(part.Cursor)
	if err != nil {
		return nil, "", invalid("The start_cursor provided is invalid: %s", part.Cursor)
	}
	from := ord
	var items []notion.Object
	for {
		links, err := v.links(made.Relation, page.ID, from, part.Size+1)
		if err != nil {
			return nil, "", err
		}
		values, err := v.linkedValues(d, made, links)
		if err != nil {
			return nil, "", err
		}
		for i, l := range links {
			for n, value := range values[i] {
				if l.Ord == ord && n < skip {
					continue
				}
				if len(items) == part.Size {
					return items, encodePlace(l.Ord, n), nil
				}
				items = append(items, notion.Raw(made.Target.AppendItem(nil, value)))
			}
			from = l.Ord + 1
		}
		if len(links) <= part.Size {
			return items, "", nil
		}
	}
}

// linkedValues returns what the pages of some links show of the property of a rollup, each
// item for itself.
func (v *rowView) linkedValues(d *deriver, made *property.Computation, links []store.Relation) ([][]jsonx.Value, error) {
	target := d.sources.read(made.Source)
	if target == nil {
		return nil, d.sources.err
	}
	if err := d.want(target, made.Target, asShown); err != nil {
		return nil, err
	}
	rows := make([]int32, len(links))
	for i := range rows {
		rows[i] = int32(i)
	}
	shown, err := d.rows(target, linkedPages(links)).shown(rows, made.Target)
	if err != nil {
		return nil, err
	}
	values := make([][]jsonx.Value, len(shown))
	for i, value := range shown {
		values[i] = []jsonx.Value{value}
		if made.Target.Type.Listed() {
			values[i] = value.Items()
		}
	}
	return values, nil
}

// encodePlace writes a place within the value of a link as an opaque cursor.
func encodePlace(ord int64, n int) string {
	return encodeOpaque(strconv.FormatInt(ord, 10) + "." + strconv.Itoa(n))
}

// decodePlace reads what encodePlace wrote; "" is the beginning.
func decodePlace(cursor string) (ord int64, n int, err error) {
	if cursor == "" {
		return 0, 0, nil
	}
	text, err := decodeOpaque(cursor)
	if err != nil {
		return 0, 0, err
	}
	first, second, _ := strings.Cut(text, ".")
	ord, errOrd := strconv.ParseInt(first, 10, 64)
	n, errN := strconv.Atoi(second)
	if errors.Join(errOrd, errN) != nil || ord < 0 || n < 0 || encodePlace(ord, n) != cursor {
		return 0, 0, errBadCursor
	}
	return ord, n, nil
}
