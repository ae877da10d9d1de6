package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

func TestDatabasesAndDataSources(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		database := store.Database{
			Block: block(2, id(1), "a0"), Title: []byte(`[{"a":1}]`), Description: []byte(`[]`), Icon: []byte(`{}`),
			IsInline: true, PartsDynamic: true,
		}
		database.Type = "child_database"
		source := store.DataSource{
			Block: block(3, database.ID, "a0"), Title: []byte(`[]`), Description: []byte(`[]`), Icon: []byte(`{"b":2}`),
			Schema: []byte(`[{"id":"title"}]`), Retired: "abcd", NextNumber: 1,
		}
		source.Type, source.PageID = "data_source", notion.ID{}
		second := source
		second.Block = block(4, database.ID, "Zz")
		second.InTrash, second.NextNumber = true, 7
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.InsertDatabase(database), tx.InsertDataSource(source), tx.InsertDataSource(second))
		})
		database.HasChildren = true
		view(t, s, wsA, func(tx *store.Tx) error {
			d, err := tx.Database(database.ID)
			same(t, database, d, err)
			all, err := tx.Databases(notion.ID{}, 10)
			same(t, []store.Database{database}, all, err)
			none, err := tx.Databases(database.ID, 10)
			same(t, nil, none, err)
			one, err := tx.DataSource(source.ID)
			same(t, source, one, err)
			sources, err := tx.DataSourcesOf(database.ID)
			same(t, []store.DataSource{second, source}, sources, err)
			if _, err := tx.DataSource(database.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a database as a data source: %v", err)
			}
			if _, err := tx.Database(source.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a data source as a database: %v", err)
			}
			return nil
		})
		database.Title, database.Icon, database.Cover, database.IsInline, database.IsLocked = []byte(`[]`), nil, []byte(`{}`), false, true
		source.Title, source.Description, source.Schema, source.Retired = []byte(`[1]`), []byte(`[2]`), []byte(`[]`), "abcd efgh"
		source.NextNumber, source.Computed = 5, "done/0/abcd"
		update(t, s, wsA, func(tx *store.Tx) error {
			stale := source
			stale.NextNumber, stale.Computed = 1, ""
			return errors.Join(tx.UpdateDatabase(database), tx.SetNextNumber(source.ID, 5), tx.SetComputed(source.ID, source.Computed),
				tx.UpdateDataSource(stale))
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			d, err := tx.Database(database.ID)
			same(t, database, d, err)
			one, err := tx.DataSource(source.ID)
			same(t, source, one, err)
			return nil
		})
	})
}

// row is a page of data source 3.
func row(n byte, created int64, revision int64) store.Page {
	p := store.Page{Block: block(n, id(3), ""), Properties: []byte(`{}`)}
	p.Type, p.PageID = "child_page", notion.ID{}
	p.Ord = store.RowOrder(micros.Add(0), revision)
	if created != 0 {
		p.CreatedTime = micros.AddDate(0, 0, int(created))
		p.Ord = store.RowOrder(p.CreatedTime, revision)
	}
	return p
}

func TestRowsComeInTheOrderTheyWereMade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		rows := []store.Page{row(7, -9000, 8), row(5, 0, 99), row(6, 0, 100), row(9, 0, 10_000), row(4, 1, 5)}
		trashed := row(8, 0, 3)
		trashed.InTrash, trashed.Kept = true, []byte(`{"x":1}`)
		update(t, s, wsA, func(tx *store.Tx) error {
			return tx.InsertPages([]store.Page{rows[4], rows[1], trashed, rows[3], rows[0], rows[2]})
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			got, err := tx.Rows(id(3), false, store.From{}, 10)
			same(t, rows, got, err)
			got, err = tx.Rows(id(3), false, store.From{Ord: rows[1].Ord, ID: rows[1].ID}, 2)
			same(t, rows[2:4], got, err)
			got, err = tx.Rows(id(3), true, store.From{}, 10)
			same(t, []store.Page{trashed}, got, err)
			return nil
		})
	})
}

func TestCells(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		to := int64(-2)
		var cells []store.Cell
		for _, page := range []byte{5, 6} {
			for _, property := range []string{"a:aa", "B~bb"} {
				cells = append(cells,
					store.Cell{Source: id(3), Property: property, Page: id(page), Folded: "größe", Key: []byte{0, 255}},
					store.Cell{Source: id(3), Property: property, Page: id(page), Seq: 1, To: &to, WholeDay: true, Key: []byte("x" + property)},
					store.Cell{Source: id(3), Property: property, Page: id(page), Seq: 2})
			}
		}
		count := func(where string) (n int) {
			view(t, s, wsA, func(tx *store.Tx) error {
				return tx.One(`SELECT COUNT(*) FROM cell WHERE `+where, &n)
			})
			return n
		}
		update(t, s, wsA, func(tx *store.Tx) error { return tx.InsertCells(cells) })
		same(t, 4, count(`folded = 'größe' AND to_time IS NULL AND whole_day = FALSE`), nil)
		same(t, 4, count(`folded IS NULL AND to_time = -2 AND whole_day = TRUE`), nil)
		view(t, s, wsA, func(tx *store.Tx) error {
			pages, err := tx.PagesWith(id(3), "a:aa", [][]byte{[]byte("nothing"), []byte("xa:aa"), []byte("xB~bb")})
			same(t, []notion.ID{id(5), id(6)}, pages, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.DeleteCells(id(3), id(5), "a:aa", "none") })
		same(t, 9, count("TRUE"), nil)
		update(t, s, wsA, func(tx *store.Tx) error { return tx.DeleteColumn(id(3), "B~bb") })
		same(t, 3, count("TRUE"), nil)
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.DeleteCells(id(3), id(6)), tx.DeleteColumn(id(4), "a:aa"))
		})
		same(t, 3, count("TRUE"), nil)
		// Those of page 6 stay as they are, the others are added.
		for i := range cells {
			cells[i].Key = []byte("new")
		}
		update(t, s, wsA, func(tx *store.Tx) error { return tx.InsertMissingCells(cells) })
		same(t, 12, count("TRUE"), nil)
		same(t, 3, count("length(key) <> 3"), nil)
	})
}

func TestRelations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		to := store.Column{Source: id(2), Property: "a:aa"}
		back := store.Column{Source: id(3), Property: "B~bb"}
		elsewhere := row(8, 0, 4)
		elsewhere.ParentID = id(77)
		trashed := row(9, 0, 5)
		trashed.InTrash = true
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(
				tx.InsertPages([]store.Page{row(5, 0, 1), row(6, 0, 2), row(7, 0, 3), elsewhere, trashed}),
				tx.SetRelated(to, id(20), []notion.ID{id(8), id(7), id(9), id(5), id(6)}),
				tx.SetRelated(to, id(21), []notion.ID{id(6)}),
			)
		})
		link := func(from byte, ord int64, to byte) store.Relation {
			return store.Relation{From: id(from), Ord: ord, To: id(to)}
		}
		view(t, s, wsA, func(tx *store.Tx) error {
			got, err := tx.Related(to, id(3), []notion.ID{id(21), id(20), id(22)}, 2)
			same(t, []store.Relation{link(20, 2, 7), link(20, 4, 5), link(21, 1, 6)}, got, err)
			got, err = tx.RelatedFrom(to, id(3), id(20), 4, 10)
			same(t, []store.Relation{link(20, 4, 5), link(20, 5, 6)}, got, err)
			all, err := tx.AllRelated(to, id(20))
			same(t, []notion.ID{id(8), id(7), id(9), id(5), id(6)}, all, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.MirrorRelations(to, back) })
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.AllRelated(back, id(6))
			same(t, []notion.ID{id(20), id(21)}, all, err)
			all, err = tx.AllRelated(back, id(8))
			same(t, []notion.ID{id(20)}, all, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(
				tx.AddRelated(back, id(6), id(19)), tx.AddRelated(back, id(6), id(20)), tx.AddRelated(back, id(66), id(1)),
				tx.RemoveRelated(back, id(6), id(21)), tx.RemoveRelated(back, id(6), id(99)),
				tx.SetRelated(to, id(20), nil), tx.DeleteRelations(store.Column{Source: id(2), Property: "none"}),
			)
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.AllRelated(back, id(6))
			same(t, []notion.ID{id(20), id(19)}, all, err)
			all, err = tx.AllRelated(back, id(66))
			same(t, []notion.ID{id(1)}, all, err)
			all, err = tx.AllRelated(to, id(20))
			same(t, []notion.ID{}, all, err)
			all, err = tx.AllRelated(to, id(21))
			same(t, []notion.ID{id(6)}, all, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.DeleteRelations(back) })
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.AllRelated(back, id(6))
			same(t, []notion.ID{}, all, err)
			return nil
		})
	})
}

// TestFormat1IsMigrated opens data as the first format left it: its tables, a page in them,
// and what goose notes of its migrations.
func TestFormat1IsMigrated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		start, err := os.ReadFile("migrations/00001_start.sql")
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), opts) // for the file, and for goose's own table
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db := outside(t, opts)
		exec := func(text string) {
			t.Helper()
			if _, err := db.ExecContext(context.Background(), text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		words := strings.NewReplacer("{{id}}", "BLOB", "{{text}}", "TEXT", "{{int}}", "INTEGER", "{{bool}}", "INTEGER", "{{bytes}}", "BLOB",
			"{{table}}", "STRICT", "{{keyed}}", "STRICT, WITHOUT ROWID")
		none, page, payload := "X'00000000000000000000000000000000'", "X'0000000000000000000000000000000A'", "X'000000000000000000000000000000EE'"
		if opts.DatabaseURL != "" {
			words = strings.NewReplacer("{{id}}", "BYTEA", "{{text}}", `TEXT COLLATE "C"`, "{{int}}", "BIGINT", "{{bool}}", "BOOLEAN",
				"{{bytes}}", "BYTEA", "{{table}}", "", "{{keyed}}", "")
			hex := func(s string) string {
				return `'\x` + strings.TrimSuffix(strings.TrimPrefix(s, "X'"), "'") + `'::bytea`
			}
			none, page, payload = hex(none), hex(page), hex(payload)
		}
		for _, table := range tables(t) {
			exec("DROP TABLE " + table)
		}
		exec("DELETE FROM octavo_migration WHERE version_id > 1")
		exec(words.Replace(string(start)))
		exec(`INSERT INTO block (workspace_id, id, type, parent_id, page_id, ord, created_time, created_by, last_edited_time, last_edited_by,
			in_trash, dynamic, payload) VALUES (` + page + `, ` + page + `, 'child_page', ` + none + `, ` + none + `, 'a0', 1, ` + payload + `, 1, ` + payload + `,
			FALSE, FALSE, '{"title":"x"}')`)
		exec(`INSERT INTO page (workspace_id, id, properties, title, is_locked, is_archived, dynamic)
			VALUES (` + page + `, ` + page + `, '{}', 'x', FALSE, FALSE, FALSE)`)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}

		s = open(t, opts)
		view(t, s, wsA, func(tx *store.Tx) error {
			p, err := tx.Page(wsA)
			same(t, "x", p.Title, err)
			same(t, nil, p.Kept, nil)
			var format string
			err = tx.One(`SELECT value FROM meta WHERE name = 'state_format'`, &format)
			same(t, strconv.Itoa(store.Format), format, err)
			_, err = tx.Databases(notion.ID{}, 1)
			return err
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.InsertCells([]store.Cell{{Page: wsA, Property: "abcd"}}) })
	})
}

// tables are the tables that all migrations make.
func tables(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, made := range regexp.MustCompile(`CREATE TABLE (\w+)`).FindAllSubmatch(text, -1) {
			names = append(names, string(made[1]))
		}
	}
	return names
}
