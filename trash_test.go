package octavo_test

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"octavo"
	"octavo/internal/notion"
)

// TestPurgeLeavesNothing removes for good a page with all there can be below it, and looks
// into every table for what is left of it.
func TestPurgeLeavesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.make("doomed", "POST /v1/pages", `{"parent":{"page_id":"$page"},"properties":{"title":[{"text":{"content":"Doomed words"}}]}}`)
		c.make("inner", "POST /v1/pages", `{"parent":{"page_id":"$doomed"},"properties":{"title":[{"text":{"content":"Inner"}}]}}`)
		many := strings.TrimSuffix(strings.Repeat(`{"toggle":{"rich_text":[],"children":[{"divider":{}}]}},`, 100), ",")
		blocks := 0
		for range 4 {
			c.ok("PATCH /v1/blocks/$doomed/children\n\n" + `{"children":[` + many + `]}`)
			blocks += 200
		}
		c.make("toggle", "PATCH /v1/blocks/$doomed/children", `{"children":[{"toggle":{"rich_text":[]}}]}`)
		c.make("comment", "POST /v1/comments", `{"parent":{"block_id":"$toggle"},"rich_text":[{"text":{"content":"x"}}]}`)
		other := c.newToken(t, `{"name":"Other"}`)
		c.ok("POST /_octavo/integrations/" + other.id + "/shares\n\n" + `{"page_id":"$doomed"}`)

		kept := c.ok("POST /v1/databases\n\n" + `{"parent":{"page_id":"$page"}}`)
		c.save("keptsource data_sources.0.id", kept)
		doomed := c.ok("POST /v1/databases\n\n" + `{"parent":{"page_id":"$doomed"},"initial_data_source":{"properties":{"Name":{"title":{}},
			"Link":{"relation":{"data_source_id":"$keptsource","dual_property":{"synced_property_name":"Back"}}},
			"Number":{"unique_id":{"prefix":"GONE"}},"Pay":{"number":{}}}}}`)
		c.save("database id\nsource data_sources.0.id", doomed)
		c.make("keptrow", "POST /v1/pages", `{"parent":{"data_source_id":"$keptsource"},"properties":{"Name":{"title":[{"text":{"content":"Kept"}}]}}}`)
		for n := range 3 {
			c.make("row"+strconv.Itoa(n), "POST /v1/pages", `{"parent":{"data_source_id":"$source"},"properties":{
				"Name":{"title":[{"text":{"content":"Row"}}]},"Link":{"relation":[{"id":"$keptrow"}]},"Pay":{"number":5}}}`)
		}
		c.ok("DELETE /v1/blocks/$row0")
		linked := `POST /v1/data_sources/$keptsource/query` + "\n\n" + `{"filter":{"property":"Back","relation":{"is_not_empty":true}}}`
		if a := parsed(c.ok(linked)); len(a.Get("results").Items()) != 1 {
			t.Errorf("before: %s", a)
		}
		c.ok("DELETE /v1/blocks/$doomed")
		gone := map[notion.ID]string{}
		for _, name := range []string{"doomed", "inner", "toggle", "database", "source", "row0", "row1", "row2"} {
			id, _ := notion.ParseID(c.expand("$" + name))
			gone[id] = name
		}
		if len(mentioned(t, db, gone)) == 0 {
			t.Fatal("no table has what is to go")
		}

		done := parsed(c.ok("DELETE /_octavo/trash"))
		if n := int(done.Get("nodes").Float()); n != blocks+len(gone) || done.Get("has_more").True() {
			t.Errorf("removed %s, want %d nodes", done, blocks+len(gone))
		}
		if left := mentioned(t, db, gone); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if a := parsed(c.ok(linked)); len(a.Get("results").Items()) != 0 {
			t.Errorf("after: %s", a)
		}
		if a := parsed(c.ok("POST /_octavo/workspaces\n\n" + `{"name":"Next"}`)); a.Get("id").Text() == "" {
			t.Errorf("the server has stopped taking writes: %s", a)
		}
	})
}

// TestTrashIsEmptiedInTime: what has been in the trash for as long as it is kept there goes at
// the next write, and nothing else.
func TestTrashIsEmptiedInTime(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		opts := serverOptions{}
		opts.also(func(o *octavo.Options) { o.TrashRetention = 30 * 24 * time.Hour })
		c := hold(t, db, opts)
		for _, name := range []string{"old", "young", "live"} {
			c.make(name, "POST /v1/pages", `{"parent":{"page_id":"$page"}}`)
		}
		c.ok("DELETE /v1/blocks/$old")
		c.clock.Advance(time.Hour)
		c.ok("DELETE /v1/blocks/$young")
		c.clock.Advance(30*24*time.Hour - time.Minute)
		c.ok("PATCH /v1/pages/$live\n\n" + `{"icon":null}`)
		gone := false
		for tries := 0; !gone && tries < 100_000; tries++ {
			gone = c.request("GET /v1/pages/$old").status == 404
		}
		if !gone {
			t.Error("what is old is still there")
		}
		for _, name := range []string{"$young", "$live"} {
			c.ok("GET /v1/pages/" + name)
		}
	})
}

// remembering are the tables that tell of what has been.
var remembering = map[string]bool{"event": true, "audit_entry": true}

// mentioned lists the columns that have one of the ids, but for tables that tell of the past.
func mentioned(t *testing.T, db database, ids map[notion.ID]string) (found []string) {
	t.Helper()
	driver, name := "sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.options.Dir, "octavo.db"))
	list := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if db.options.DatabaseURL != "" {
		driver, name = "pgx", db.options.DatabaseURL
		list = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	outside, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	var tables []string
	each(t, outside, list, func(values []any, _ []string) { tables = append(tables, text(values[0])) })
	for _, table := range tables {
		if remembering[table] {
			continue
		}
		each(t, outside, `SELECT * FROM "`+table+`"`, func(values []any, columns []string) {
			for i, v := range values {
				raw, isBytes := v.([]byte)
				if !isBytes || len(raw) != len(notion.ID{}) {
					continue
				}
				if name := ids[notion.ID(raw)]; name != "" {
					found = append(found, table+"."+columns[i]+" "+name)
				}
			}
		})
	}
	return found
}

func text(v any) string {
	if raw, isBytes := v.([]byte); isBytes {
		return string(raw)
	}
	s, _ := v.(string)
	return s
}

// each calls row for every row of a query.
func each(t *testing.T, db *sql.DB, query string, row func(values []any, columns []string)) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		dest := make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		row(values, columns)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
