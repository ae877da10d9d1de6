package core

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// benchRows is how many rows the benchmark has, each of about 1.5 KB with 15 properties.
const benchRows = 100_000

// BenchmarkFormulas measures what formulas of some ten nodes cost over many rows beyond
// reading them from the database: read-ms is the reading alone, derive-ms what comes on top.
// Both are the shortest of all rounds.
func BenchmarkFormulas(b *testing.B) {
	ctx := context.Background()
	st := storetest.Open(b, storetest.SQLite(b))
	c := New(st, clock.System{}, clock.Random{}, Options{PublicURL: "http://octavo.test"})
	first, err := c.Bootstrap(ctx, BootstrapOptions{})
	if err != nil {
		b.Fatal(err)
	}
	p, err := c.Authenticate(ctx, first.Token)
	if err != nil {
		b.Fatal(err)
	}
	source := benchSource(b, c, p, first.Page)
	ids := benchFill(b, st, p, source)
	for _, name := range []string{"numbers", "choice", "text", "date"} {
		b.Run(name, func(b *testing.B) {
			read, both := time.Hour, time.Hour
			for b.Loop() {
				err := st.View(ctx, p.Workspace, func(tx *store.Tx) error {
					start := time.Now()
					for part := range slices.Chunk(ids, readBatch) {
						if _, err := tx.Documents(part); err != nil {
							return err
						}
					}
					read = min(read, time.Since(start))
					s, err := c.readSource(tx, source)
					if err != nil {
						return err
					}
					start = time.Now()
					results, err := c.newDeriver(tx, p).Results(s, s.props.Find(name), ids)
					both = min(both, time.Since(start))
					if err == nil && (len(results) != len(ids) || results[0].Value.IsNull()) {
						err = fmt.Errorf("%d results: %+v", len(results), results[0])
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(read.Milliseconds()), "read-ms")
			b.ReportMetric(float64((both - read).Milliseconds()), "derive-ms")
		})
	}
}

// benchSource makes a data source with formulas.
func benchSource(b *testing.B, c *Core, p *Principal, page notion.ID) notion.ID {
	b.Helper()
	var extra strings.Builder
	for i := range 9 {
		fmt.Fprintf(&extra, `,"Text %d":{"rich_text":{}}`, i)
	}
	properties, err := jsonx.Parse([]byte(`{"Name":{"title":{}},"Number":{"number":{}},"Other":{"number":{}},"Done":{"checkbox":{}},"Day":{"date":{}},"Choice":{"select":{}}` + extra.String() + `,
		"numbers":{"formula":{"expression":"(prop(\"Number\") + 1) * 2 - prop(\"Other\") / 4 + abs(prop(\"Number\"))"}},
		"choice":{"formula":{"expression":"if(prop(\"Number\") > 5 and prop(\"Done\"), prop(\"Number\") * 2, 0)"}},
		"text":{"formula":{"expression":"prop(\"Name\") + \" (\" + upper(prop(\"Choice\")) + \"): \" + prop(\"Number\") * 2"}},
		"date":{"formula":{"expression":"dateBetween(dateAdd(prop(\"Day\"), prop(\"Number\"), \"days\"), prop(\"Day\"), \"weeks\") > 2"}}}`))
	if err != nil {
		b.Fatal(err)
	}
	parent := jsonx.ObjectValue(jsonx.M("page_id", jsonx.StringValue(page.String())))
	o, err := c.CreateDatabase(context.Background(), p, NewDatabase{Parent: parent, Properties: properties})
	if err != nil {
		b.Fatal(err)
	}
	shown, err := jsonx.Parse(o.AppendJSON(nil))
	if err != nil {
		b.Fatal(err)
	}
	id, _ := notion.ParseID(shown.Get("data_sources").Items()[0].Get("id").Text())
	return id
}

// benchFill writes the rows as they are stored.
func benchFill(b *testing.B, st *store.Store, p *Principal, source notion.ID) []notion.ID {
	b.Helper()
	text := func(s string) jsonx.Value {
		v, err := jsonx.Parse(fmt.Appendf(nil, `[{"type":"text","text":{"content":%q,"link":null},"plain_text":%[1]q,"href":null}]`, s))
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
	ids := make([]notion.ID, 0, benchRows)
	for len(ids) < benchRows {
		err := st.Update(context.Background(), p.Workspace, func(tx *store.Tx) error {
			s, err := tx.DataSource(source)
			if err != nil {
				return err
			}
			props, err := property.ParseSchema(s.Schema)
			if err != nil {
				return err
			}
			var pages []store.Page
			for range readBatch {
				n := len(ids)
				values := jsonx.ObjectValue()
				set := func(name string, v jsonx.Value) { values.Set(props.Find(name).ID, v) }
				set("Name", text(fmt.Sprintf("Row %d", n)))
				set("Number", jsonx.NumberValue(float64(n%40)))
				set("Other", jsonx.NumberValue(float64(n%7)))
				if n%2 == 0 {
					set("Done", jsonx.BoolValue(true))
				}
				set("Day", jsonx.ObjectValue(jsonx.M("start", jsonx.StringValue("2026-03-02T10:30:00.000+02:00")), jsonx.M("end", jsonx.NullValue), jsonx.M("time_zone", jsonx.NullValue)))
				set("Choice", jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue("x")), jsonx.M("name", jsonx.StringValue("High")), jsonx.M("color", jsonx.StringValue("red"))))
				for i := range 9 {
					set(fmt.Sprintf("Text %d", i), text(fmt.Sprintf("Some text of row %d that nobody asks for", n)))
				}
				id := clock.Random{}.New(tx.Now())
				ids = append(ids, id)
				pages = append(pages, store.Page{
					Block:      store.Block{ID: id, Type: childPage, ParentID: source, Ord: store.RowOrder(tx.Now(), int64(n)), CreatedTime: tx.Now(), LastEditedTime: tx.Now(), Payload: []byte("{}")},
					Properties: values.Append(nil),
				})
			}
			return tx.InsertPages(pages)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return ids
}
