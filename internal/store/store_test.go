package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	_ "github.com/ncruces/go-sqlite3/driver" // the "sqlite3" driver, to look at the files from outside

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

var (
	start = time.Date(2026, 3, 11, 9, 30, 15, 123456789, time.UTC)
	// micros is what is kept of start.
	micros = start.Truncate(time.Microsecond)
	wsA    = id(0xa)
	wsB    = id(0xb)
)

// id makes an id that is easy to read in a failure.
func id(n byte) notion.ID { return notion.ID{15: n} }

func open(t testing.TB, opts store.Options) *store.Store {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = clock.NewManual(start)
	}
	return storetest.Open(t, opts)
}

// outside opens the database the way another program would.
func outside(t testing.TB, opts store.Options) *sql.DB {
	t.Helper()
	driver, name := "pgx", opts.DatabaseURL
	if opts.Dir != "" {
		driver, name = "sqlite3", filepath.Join(opts.Dir, "octavo.db")
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func update(t testing.TB, s *store.Store, ws notion.ID, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), ws, fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, s *store.Store, ws notion.ID, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), ws, fn); err != nil {
		t.Fatal(err)
	}
}

func block(n byte, parent notion.ID, ord string) store.Block {
	return store.Block{
		ID: id(n), Type: "paragraph", ParentID: parent, PageID: id(1), Ord: ord,
		CreatedTime: micros, CreatedBy: id(0xe), LastEditedTime: micros, LastEditedBy: id(0xe),
		Payload: []byte(`{}`),
	}
}

func insert(blocks ...store.Block) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.InsertBlocks(blocks) }
}

func TestDirectoryRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		first := store.Workspace{ID: id(1), Name: "Ünïcode", CreatedTime: micros, TimeZone: "UTC"}
		second := store.Workspace{ID: id(2), Name: "two", Node: "b", CreatedTime: micros}
		token := store.Token{
			Hash: []byte("hash"), ID: id(3), WorkspaceID: first.ID, IntegrationID: id(4),
			Name: "laptop", Last4: "wxyz", CreatedTime: micros,
		}
		expiring := token
		expiring.ID, expiring.Hash, expiring.ExpiresTime = id(5), []byte("other"), micros.Add(time.Hour)
		err := s.UpdateDirectory(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.InsertWorkspace(second), tx.InsertWorkspace(first),
				tx.InsertToken(expiring), tx.InsertToken(token))
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.ViewDirectory(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Workspaces(notion.ID{}, 10)
			same(t, []store.Workspace{first, second}, all, err)
			after, err := tx.Workspaces(first.ID, 10)
			same(t, []store.Workspace{second}, after, err)
			w, err := tx.DirectoryWorkspace(first.ID)
			same(t, first, w, err)
			byHash, err := tx.TokenByHash([]byte("other"))
			same(t, expiring, byHash, err)
			list, err := tx.Tokens(first.ID)
			same(t, []store.Token{token, expiring}, list, err)
			_, err = tx.TokenByHash([]byte("unknown"))
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("an unknown hash: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		renamed := second
		renamed.Name, renamed.TimeZone = "renamed", "Asia/Tokyo"
		err = s.UpdateDirectory(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.RevokeToken(token.ID), tx.UpdateWorkspace(renamed))
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.ViewDirectory(t.Context(), func(tx *store.Tx) error {
			token.RevokedTime = micros
			got, err := tx.Token(token.ID)
			same(t, token, got, err)
			w, err := tx.DirectoryWorkspace(second.ID)
			same(t, renamed, w, err)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.UpdateDirectory(t.Context(), func(tx *store.Tx) error { return tx.InsertToken(token) })
		if !errors.Is(err, store.ErrExists) {
			t.Errorf("the same token again: %v", err)
		}
	})
}

func TestWorkspaceRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		person := store.User{ID: id(1), Type: "person", Name: "Ada", AvatarURL: "https://a", Email: "ada@x.org", Role: "owner", CreatedTime: micros}
		bot := store.User{ID: id(2), Type: "bot", Name: "Bot", Role: "bot", CreatedTime: micros}
		other := store.User{ID: id(3), Type: "bot", Name: "Other", Role: "bot", CreatedTime: micros, Deactivated: true}
		integration := store.Integration{ID: id(4), BotID: bot.ID, Name: "I", Kind: "internal", Capabilities: "read insert", CreatedTime: micros}
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.InsertUser(bot), tx.InsertUser(person), tx.InsertUser(other), tx.InsertIntegration(integration),
				tx.Share(integration.ID, id(9)), tx.Share(integration.ID, id(9)), tx.Share(integration.ID, id(8)))
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			u, err := tx.User(person.ID)
			same(t, person, u, err)
			u, err = tx.UserByEmail("ada@x.org")
			same(t, person, u, err)
			list, err := tx.ListUsers(notion.ID{}, false, 10)
			same(t, []store.User{person, bot}, list, err)
			list, err = tx.ListUsers(bot.ID, true, 10)
			same(t, []store.User{bot}, list, err)
			list, err = tx.ListUsers(bot.ID, false, 10)
			same(t, []store.User(nil), list, err)
			list, err = tx.Users([]notion.ID{other.ID, id(77), other.ID})
			same(t, []store.User{other}, list, err)
			i, err := tx.IntegrationByBot(bot.ID)
			same(t, integration, i, err)
			nodes, err := tx.Shares(integration.ID)
			same(t, []notion.ID{id(8), id(9)}, nodes, err)
			of, err := tx.SharesOf(id(9))
			same(t, []notion.ID{integration.ID}, of, err)
			any, err := tx.SharedAny(integration.ID, []notion.ID{id(7), {}, id(9)})
			same(t, true, any, err)
			whole, err := tx.Shared(integration.ID, notion.ID{})
			same(t, false, whole, err)
			none, err := tx.SharedAny(integration.ID, nil)
			same(t, false, none, err)
			return nil
		})
		person.Name, person.Email, person.Deactivated = "Ada L.", "", true
		integration.Capabilities, integration.Disabled = "read", true
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.UpdateUser(person), tx.UpdateIntegration(integration), tx.Unshare(integration.ID, id(9)))
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			u, err := tx.User(person.ID)
			same(t, person, u, err)
			all, err := tx.Integrations()
			same(t, []store.Integration{integration}, all, err)
			nodes, err := tx.Shares(integration.ID)
			same(t, []notion.ID{id(8)}, nodes, err)
			return nil
		})
		for name, fn := range map[string]func(tx *store.Tx) error{
			"unshare":     func(tx *store.Tx) error { return tx.Unshare(integration.ID, id(9)) },
			"user":        func(tx *store.Tx) error { return tx.UpdateUser(store.User{ID: id(99)}) },
			"integration": func(tx *store.Tx) error { return tx.UpdateIntegration(store.Integration{ID: id(99)}) },
			"block":       func(tx *store.Tx) error { return tx.UpdateBlock(store.Block{ID: id(99)}, id(1)) },
			"move":        func(tx *store.Tx) error { return tx.MoveBlock(id(99), id(1), id(1), "a0") },
			"page":        func(tx *store.Tx) error { return tx.UpdatePage(store.Page{Block: store.Block{ID: id(99)}}, id(1)) },
			"chain":       func(tx *store.Tx) error { _, err := tx.Chain(id(99)); return err },
		} {
			if err := s.Update(t.Context(), wsA, fn); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s that is not there: %v", name, err)
			}
		}
		bot.ID, bot.Email = id(50), "one@x.org"
		person.ID, person.Email = id(51), "one@x.org"
		update(t, s, wsA, func(tx *store.Tx) error { return tx.InsertUser(bot) })
		if err := s.Update(t.Context(), wsA, func(tx *store.Tx) error { return tx.InsertUser(person) }); !errors.Is(err, store.ErrExists) {
			t.Errorf("an address twice: %v", err)
		}
		update(t, s, wsB, func(tx *store.Tx) error { return tx.InsertUser(person) })
	})
}

func same[T any](t *testing.T, want, got T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(store.Page{}, store.DataSource{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPagesAndBlocks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		c := clock.NewManual(start)
		opts.Clock = c
		s := open(t, opts)
		page := store.Page{
			Block: block(1, notion.ID{}, "a0"), Properties: []byte(`{"title":"\u0000"}`), Icon: []byte(`{}`),
			Title: "Größe 日本", IsLocked: true, PropertiesDynamic: true,
		}
		page.Type, page.PageID, page.Payload, page.Dynamic = "child_page", notion.ID{}, []byte(`{"title":"x"}`), true
		child := block(2, page.ID, "a0")
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.InsertPages([]store.Page{page}), tx.InsertBlocks([]store.Block{child}))
		})
		page.HasChildren = true
		view(t, s, wsA, func(tx *store.Tx) error {
			p, err := tx.Page(page.ID)
			same(t, page, p, err)
			list, err := tx.Pages([]notion.ID{page.ID, child.ID})
			same(t, []store.Page{page}, list, err)
			b, err := tx.Block(page.ID)
			same(t, page.Block, b, err)
			blocks, err := tx.Blocks([]notion.ID{child.ID, id(99)})
			same(t, []store.Block{child}, blocks, err)
			titles, err := tx.Titles([]notion.ID{page.ID, child.ID})
			same(t, map[notion.ID]string{page.ID: "Größe 日本"}, titles, err)
			if _, err := tx.Page(child.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a block as a page: %v", err)
			}
			return nil
		})
		c.Advance(time.Minute)
		editor, later := id(0xf), micros.Add(time.Minute)
		page.Title, page.Icon, page.Cover, page.IsLocked, page.IsArchived = "new", nil, []byte(`{"a":1}`), false, true
		page.LastEditedBy, page.LastEditedTime, page.HasChildren = editor, later, false
		child.Type, child.Payload, child.Dynamic, child.InTrash = "quote", []byte(`{"b":2}`), true, true
		child.LastEditedBy, child.LastEditedTime = editor, later
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.UpdatePage(page, editor), tx.UpdateBlock(child, editor), tx.SetTrash(true, editor, child.ID))
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			p, err := tx.Page(page.ID)
			same(t, page, p, err)
			b, err := tx.Block(child.ID)
			same(t, child, b, err)
			return nil
		})
	})
}

func TestManyRowsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		const n = 300 // more than one statement holds, and no power of two
		var blocks []store.Block
		var ids []notion.ID
		for i, ord := range store.Sequence("", "", n) {
			b := block(0, id(1), ord)
			b.ID = notion.ID{14: byte(i / 256), 15: byte(i % 256), 0: 1}
			blocks, ids = append(blocks, b), append(ids, b.ID)
		}
		update(t, s, wsA, insert(blocks...))
		view(t, s, wsA, func(tx *store.Tx) error {
			got, err := tx.Children(id(1), store.From{}, n+1)
			same(t, blocks, got, err)
			some, err := tx.Blocks(ids)
			if err != nil || len(some) != n {
				t.Errorf("%d of %d blocks, %v", len(some), n, err)
			}
			count, err := tx.CountDescendants(id(1))
			same(t, n, count, err)
			return nil
		})
		editor := id(7)
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.SetTrash(true, editor, ids[:150]...), tx.SetPage(ids, id(33)), tx.Touch(editor, ids...))
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			got, err := tx.Children(id(1), store.From{}, n+1)
			want := blocks[150:]
			for i := range want {
				want[i].LastEditedBy, want[i].PageID = editor, id(33)
			}
			same(t, want, got, err)
			return nil
		})
	})
}

func TestEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		event := store.Event{Type: "page.created", NodeID: id(1), AuthorID: id(2), Data: "{}"}
		for range 2 {
			update(t, s, wsA, func(tx *store.Tx) error { return errors.Join(tx.AppendEvent(event), tx.AppendEvent(event)) })
		}
		at := func(revision, seq int64) store.Event {
			e := event
			e.Revision, e.Seq, e.Time = revision, seq, micros
			return e
		}
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.Events(0, 0, 10)
			same(t, []store.Event{at(1, 1), at(1, 2), at(2, 1), at(2, 2)}, all, err)
			some, err := tx.Events(1, 1, 2)
			same(t, []store.Event{at(1, 2), at(2, 1)}, some, err)
			return nil
		})
	})
}

func TestWorkspacesDoNotSeeEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		mine, theirs := block(2, id(1), "a0"), block(2, id(1), "b00")
		theirs.Payload = []byte(`{"theirs":true}`)
		update(t, s, wsA, insert(mine, block(3, id(2), "a0")))
		update(t, s, wsB, insert(theirs))
		update(t, s, wsB, func(tx *store.Tx) error { return tx.SetTrash(true, id(9), id(3)) })
		view(t, s, wsA, func(tx *store.Tx) error {
			if tx.Workspace() != wsA {
				t.Errorf("workspace %v", tx.Workspace())
			}
			mine.HasChildren = true
			got, err := tx.Children(id(1), store.From{}, 10)
			same(t, []store.Block{mine}, got, err)
			n, err := tx.CountDescendants(id(1))
			same(t, 2, n, err)
			return nil
		})
		view(t, s, wsB, func(tx *store.Tx) error {
			got, err := tx.Block(id(2))
			same(t, theirs, got, err)
			if _, err := tx.Chain(id(3)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a foreign block: %v", err)
			}
			return nil
		})
		for ws, want := range map[notion.ID]int64{wsA: 1, wsB: 2, id(0xc): 0} {
			got, err := s.Revision(t.Context(), ws)
			same(t, want, got, err)
		}
	})
}

func TestViewIsOneSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		update(t, s, wsA, insert(block(2, id(1), "a0")))
		view(t, s, wsA, func(tx *store.Tx) error {
			before, err := tx.Revision()
			same(t, 1, before, err)
			update(t, s, wsA, insert(block(3, id(1), "a1")))
			children, err := tx.Children(id(1), store.From{}, 10)
			if err != nil || len(children) != 1 {
				t.Errorf("%d children in the old snapshot, %v", len(children), err)
			}
			return nil
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			children, err := tx.Children(id(1), store.From{}, 10)
			if err != nil || len(children) != 2 {
				t.Errorf("%d children in the new snapshot, %v", len(children), err)
			}
			return nil
		})
	})
}

func TestViewCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		if err := s.View(t.Context(), wsA, insert(block(2, id(1), "a0"))); err == nil {
			t.Error("a read has written")
		}
		view(t, s, wsA, func(tx *store.Tx) error {
			n, err := tx.CountDescendants(id(1))
			same(t, 0, n, err)
			return nil
		})
	})
}

func TestViewEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		opts.Readers = 1
		s := open(t, opts)
		ctx, cancel := context.WithCancel(t.Context())
		err := s.View(ctx, wsA, func(tx *store.Tx) error {
			cancel()
			_, err := tx.Block(id(1))
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a read after the end of its context: %v", err)
		}
		if err := s.View(ctx, wsA, func(*store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a read begun after the end of its context: %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = s.View(t.Context(), wsA, func(*store.Tx) error { panic("in a read") })
		}()
		// The only connection for reading is usable again.
		view(t, s, wsA, func(tx *store.Tx) error {
			_, err := tx.CountDescendants(id(1))
			return err
		})
	})
}

func TestReopen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		var log bytes.Buffer
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		s, err := store.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		update(t, s, wsA, insert(block(2, id(1), "a0")))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "migrated"); n != 1 {
			t.Fatalf("the log of the first start says %d times that it migrated: %s", n, log.String())
		}
		s = open(t, opts)
		if n := strings.Count(log.String(), "migrated"); n != 1 {
			t.Error("the second start migrated again")
		}
		revision, err := s.Revision(t.Context(), wsA)
		same(t, 1, revision, err)
		view(t, s, wsA, func(tx *store.Tx) error {
			_, err := tx.Block(id(2))
			return err
		})
	})
}

func TestNewerFormatIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s, err := store.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db := outside(t, opts)
		set := func(value string) {
			if _, err := db.ExecContext(t.Context(), "UPDATE meta SET value = '"+value+"' WHERE name = 'state_format'"); err != nil {
				t.Fatal(err)
			}
		}
		set("99")
		_, err = store.Open(t.Context(), opts)
		if !errors.Is(err, store.ErrFormat) || !strings.Contains(err.Error(), fmt.Sprintf("state format 99; this binary knows up to %d", store.Format)) {
			t.Errorf("opening format 99: %v", err)
		}
		set("seven")
		if _, err = store.Open(t.Context(), opts); !errors.Is(err, store.ErrFormat) {
			t.Errorf("opening a format that is no number: %v", err)
		}
		set(strconv.Itoa(store.Format))
		open(t, opts) // and the directory was not left locked
	})
}

// broughtBy says how to take back what a format has brought that would be in the way of
// bringing it again.
var broughtBy = map[int][]string{
	11: {"ALTER TABLE workspace_state DROP COLUMN file_key"},
	12: {"DROP TABLE audit_entry"},
	13: {"DROP TABLE oauth_client", "DROP TABLE oauth_grant", "DROP TABLE oauth_refresh", "DROP INDEX token_of_grant", "DROP INDEX integration_of_client",
		"ALTER TABLE token DROP COLUMN grant_id", "ALTER TABLE integration DROP COLUMN client_id"},
	14: {"DROP TABLE login", "DROP TABLE invitation", "DROP TABLE session"},
	15: {"DROP TABLE database_view", "DROP TABLE view_query"},
	17: {"DROP TABLE async_task", "DROP TABLE async_task_home"},
	18: {"DROP TABLE custom_emoji"},
	19: {"DROP TABLE page_template"},
	20: {"DROP INDEX file_upload_ended"},
	21: {"DROP TABLE sign_in_tally"},
	22: {"ALTER TABLE custom_emoji DROP COLUMN picture"},
}

// backTo makes of the data of a store that is closed what an earlier format had left, once
// the given statements have taken back what the formats after it did to what was there.
func backTo(t *testing.T, opts store.Options, format int, statements ...string) {
	t.Helper()
	for later := store.Format; later > format; later-- {
		statements = append(statements, broughtBy[later]...)
	}
	statements = append(statements,
		fmt.Sprintf("UPDATE meta SET value = '%d' WHERE name = 'state_format'", format),
		fmt.Sprintf("DELETE FROM octavo_migration WHERE version_id > %d", format))
	db := outside(t, opts)
	for _, text := range statements {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestLastMigrationIsTheFormat keeps the constant and the migrations together.
func TestLastMigrationIsTheFormat(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		if steps, err := open(t, opts).Steps(); err != nil || steps != store.Format {
			t.Errorf("%d migrations, format %d, %v", steps, store.Format, err)
		}
		var format string
		err := outside(t, opts).QueryRowContext(t.Context(), "SELECT value FROM meta WHERE name = 'state_format'").Scan(&format)
		same(t, strconv.Itoa(store.Format), format, err)
	})
}

func TestOpenWantsOneDatabase(t *testing.T) {
	for _, opts := range []store.Options{{}, {Dir: t.TempDir(), Memory: true}, {Memory: true, DatabaseURL: "postgres://x"}} {
		if s, err := store.Open(t.Context(), opts); err == nil {
			t.Errorf("%+v was opened", opts)
			s.Close()
		}
	}
	if _, err := store.Open(t.Context(), store.Options{DatabaseURL: "postgres://host:port"}); err == nil {
		t.Error("an address that is none was opened")
	}
}

func TestDirectoryIsOneServers(t *testing.T) {
	opts := storetest.SQLite(t)
	s, err := store.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), opts); !errors.Is(err, store.ErrLocked) {
		t.Errorf("the second server: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, opts)
}

func TestMemoryLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := store.Open(t.Context(), store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, wsA, insert(block(2, id(1), "a0")))
	view(t, s, wsA, func(tx *store.Tx) error { _, err := tx.Block(id(2)); return err })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBackupWhileWriting(t *testing.T) {
	opts := storetest.SQLite(t)
	s := open(t, opts)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var n uint16
	written := make(chan error, 1)
	enough := make(chan struct{})
	go func() {
		defer close(written)
		for ctx.Err() == nil {
			n++
			if n == 50 {
				close(enough)
			}
			a, b := block(0, id(1), "a0"), block(0, id(2), "a0")
			a.ID, b.ID = notion.ID{0: 1, 14: byte(n >> 8), 15: byte(n)}, notion.ID{0: 2, 14: byte(n >> 8), 15: byte(n)}
			if err := s.Update(context.WithoutCancel(ctx), wsA, insert(a, b)); err != nil {
				written <- err
				return
			}
		}
	}()
	<-enough
	copied := t.TempDir()
	path := filepath.Join(copied, "octavo.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), path); !errors.Is(err, os.ErrExist) {
		t.Errorf("a backup over a backup: %v", err)
	}
	restored := open(t, store.Options{Dir: copied})
	view(t, restored, wsA, func(tx *store.Tx) error {
		revision, err := tx.Revision()
		if err != nil || revision < 49 {
			t.Errorf("revision %d, %v", revision, err)
		}
		for _, parent := range []notion.ID{id(1), id(2)} {
			n, err := tx.CountDescendants(parent)
			same(t, int(revision), n, err)
		}
		return nil
	})
}

func TestBackupOfPostgresIsItsOwn(t *testing.T) {
	s := open(t, storetest.Postgres(t))
	path := filepath.Join(t.TempDir(), "copy")
	if err := s.Backup(t.Context(), path); !errors.Is(err, store.ErrNoBackup) {
		t.Errorf("backup: %v", err)
	}
}

// damage overwrites a database file with something else.
func damage(t *testing.T, opts store.Options) {
	t.Helper()
	text := bytes.Repeat([]byte("this is no database "), 1000)
	if err := os.WriteFile(filepath.Join(opts.Dir, "octavo.db"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSettings reads back what durability and waiting depend on.
func TestSettings(t *testing.T) {
	check := func(t *testing.T, want map[string]string) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			for query, value := range want {
				var got string
				if err := tx.One(query, &got); err != nil || got != value {
					t.Errorf("%s is %q, want %q; %v", query, got, value, err)
				}
			}
			return nil
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		s := open(t, storetest.SQLite(t))
		update(t, s, wsA, check(t, map[string]string{
			"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "2", "PRAGMA foreign_keys": "1", "PRAGMA query_only": "0",
			"PRAGMA busy_timeout": "5000", "PRAGMA temp_store": "2", "PRAGMA wal_autocheckpoint": "4000",
		}))
		view(t, s, wsA, check(t, map[string]string{
			"PRAGMA journal_mode": "wal", "PRAGMA query_only": "1", "PRAGMA busy_timeout": "5000",
		}))
	})
	t.Run("postgres", func(t *testing.T) {
		s := open(t, storetest.Postgres(t))
		update(t, s, wsA, check(t, map[string]string{
			"SHOW lock_timeout": "5s", "SHOW synchronous_commit": "on", "SHOW transaction_isolation": "read committed",
		}))
		view(t, s, wsA, check(t, map[string]string{
			"SHOW transaction_isolation": "repeatable read", "SHOW transaction_read_only": "on",
		}))
	})
}

// TestStatementsArePlannedOnce: SQLite would plan a statement anew for each value of its
// LIMIT, which costs more than to run it.
func TestStatementsArePlannedOnce(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	view(t, s, wsA, func(tx *store.Tx) error {
		for limit := 1; limit <= 10; limit++ {
			if _, err := tx.Children(notion.ID{}, store.From{}, limit); err != nil {
				return err
			}
		}
		times, statements, err := tx.Replanned()
		if times != 0 || statements == 0 {
			t.Errorf("planned %d times anew, of %d statements", times, statements)
		}
		return err
	})
}
