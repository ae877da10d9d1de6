package octavo_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"octavo/internal/jsonx"
	"octavo/internal/markdown"
)

// replaceContent makes a text the content of a page and returns the answer.
func (s *testServer) replaceContent(page, text string) *answer {
	s.t.Helper()
	body := jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue("replace_content")),
		jsonx.M("replace_content", jsonx.ObjectValue(jsonx.M("new_str", jsonx.StringValue(text)))))
	a := s.do("PATCH", "/v1/pages/"+page+"/markdown", s.headers(), body.Append(nil))
	if a.status != 200 {
		s.t.Fatalf("%d %s", a.status, a.body)
	}
	return a
}

// lines is a text of so many paragraphs of the first grammar.
func lines(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "Line %d of the page says something about item %d\n", i, i*7)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// TestMarkdownWritesWhatChanges: of a thousand blocks, only the one whose line is edited is
// written, and nothing at all when the text is the same.
func TestMarkdownWritesWhatChanges(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		text := lines(1000)
		if got := s.replaceContent(s.page, text).field("markdown"); got != text {
			t.Fatalf("the text reads %q", got)
		}
		before := s.allTexts(s.page)
		count := countRows(t, db)
		s.replaceContent(s.page, text)
		if n := count(); n != 0 {
			t.Errorf("the same text wrote %d rows", n)
		}
		edited := strings.Replace(text, "Line 500 of the page says something", "Line 500 of the page said nothing", 1)
		s.replaceContent(s.page, edited)
		// The block, the page, and what happened.
		if n := count(); n > 3 {
			t.Errorf("one edited line wrote %d rows", n)
		}
		after := s.allTexts(s.page)
		if len(after) != len(before) || after[500] == before[500] || !slices.Equal(after[501:], before[501:]) {
			t.Error("another line than the one that was edited has changed")
		}
	})
}

// countRows counts, in the database itself, the rows that are written between one call of the
// function it returns and the next, but for the revision of the workspace, which every write
// takes.
func countRows(t *testing.T, db database) func() int {
	t.Helper()
	driver, source := "sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.options.Dir, "octavo.db"))
	tables := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
	if db.options.DatabaseURL != "" {
		driver, source = "pgx", db.options.DatabaseURL
		tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	run := func(text string) {
		t.Helper()
		if _, err := pool.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	rows, err := pool.QueryContext(t.Context(), tables)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	run("CREATE TABLE written (n INTEGER)")
	run("INSERT INTO written VALUES (0)")
	if driver == "pgx" {
		run("CREATE FUNCTION count_written() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE written SET n = n + 1; RETURN NULL; END'")
	}
	for _, name := range names {
		if name == "workspace_state" {
			continue
		}
		if driver == "pgx" {
			run("CREATE TRIGGER count_" + name + " AFTER INSERT OR UPDATE OR DELETE ON " + name + " FOR EACH ROW EXECUTE FUNCTION count_written()")
			continue
		}
		for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
			run("CREATE TRIGGER count_" + name + "_" + op + " AFTER " + op + " ON " + name + " BEGIN UPDATE written SET n = n + 1; END")
		}
	}
	return func() (n int) {
		t.Helper()
		if err := pool.QueryRowContext(t.Context(), "SELECT n FROM written").Scan(&n); err != nil {
			t.Fatal(err)
		}
		run("UPDATE written SET n = 0")
		return n
	}
}

// TestMarkdownOfLargePages: what is beyond the records that a text has is named, read by
// itself, and stays where it is.
func TestMarkdownOfLargePages(t *testing.T) {
	noRaces(t, oneByOne)
	t.Parallel()
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{profile: "unbounded"})
		half := markdown.MaxRecords / 2
		s.appendMany(s.page, half, `{"toggle":{"rich_text":[{"text":{"content":"t"}}]}}`)
		toggles := s.allIDs(s.page)
		first, last := toggles[0], toggles[len(toggles)-1]
		s.appendMany(first, half-1, `{"divider":{}}`)
		s.appendMany(last, 2, `{"paragraph":{"rich_text":[{"text":{"content":"beyond"}}]}}`)

		a := s.get("/v1/pages/" + s.page + "/markdown")
		v, err := jsonx.Parse(a.body)
		if err != nil || !v.Get("truncated").True() {
			t.Fatalf("%.200s, %v", a.body, err)
		}
		if ids := v.Get("unknown_block_ids").Items(); len(ids) != 1 || ids[0].Text() != last {
			t.Errorf("unknown are %s, want %s", v.Get("unknown_block_ids"), last)
		}
		text := v.Get("markdown").Text()
		if strings.Contains(text, "beyond") || strings.Count(text, "\t---") != half-1 {
			t.Errorf("the text has %d dividers", strings.Count(text, "\t---"))
		}
		if got := s.get("/v1/pages/" + last + "/markdown").field("markdown"); strings.Count(got, "\tbeyond") != 2 {
			t.Errorf("what was not read by itself reads %q", got)
		}
		insert := `{"type":"insert_content","insert_content":{"content":"at the start","position":{"type":"start"}}}`
		s.want(s.do("PATCH", "/v1/pages/"+s.page+"/markdown", s.headers(), []byte(insert)), 200, "")
		clear := `{"type":"replace_content","replace_content":{"new_str":"","allow_deleting_content":true}}`
		refused := s.do("PATCH", "/v1/pages/"+s.page+"/markdown", s.headers(), []byte(clear))
		s.want(refused, 400, "validation_error")
		if !strings.Contains(string(refused.body), `"limit_kind":"page_record_count"`) {
			t.Errorf("%s", refused.body)
		}
		if ids := s.allIDs(s.page); len(ids) != half+1 || ids[half] != last {
			t.Error("the blocks are not those there were")
		}
	})
}

// appendMany appends a block many times over.
func (s *testServer) appendMany(parent string, n int, block string) {
	s.t.Helper()
	const atOnce = 1000
	for n > 0 {
		some := min(n, atOnce)
		body := `{"children":[` + strings.Repeat(block+",", some-1) + block + `]}`
		s.want(s.do("PATCH", "/v1/blocks/"+parent+"/children", s.headers(), []byte(body)), 200, "")
		n -= some
	}
}

// allIDs lists the ids of the children of a block or page.
func (s *testServer) allIDs(parent string) (ids []string) {
	s.t.Helper()
	for cursor := ""; ; {
		target := "/v1/blocks/" + parent + "/children?page_size=100"
		if cursor != "" {
			target += "&start_cursor=" + cursor
		}
		v, err := jsonx.Parse(s.get(target).body)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, b := range v.Get("results").Items() {
			ids = append(ids, b.Get("id").Text())
		}
		if !v.Get("has_more").True() {
			return ids
		}
		cursor = v.Get("next_cursor").Text()
	}
}

// TestMarkdownWhileOthersWrite: what many change of one page at the same time is all there.
func TestMarkdownWhileOthersWrite(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		const writers, each = 6, 8
		done := make(chan *answer, writers*each)
		for w := range writers {
			go func() {
				for i := range each {
					body := `{"type":"insert_content","insert_content":{"content":"` + strconv.Itoa(w) + "-" + strconv.Itoa(i) + `"}}`
					done <- s.do("PATCH", "/v1/pages/"+s.page+"/markdown", s.headers(), []byte(body))
				}
			}()
		}
		for range writers * each {
			if a := <-done; a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		texts := s.allTexts(s.page)
		slices.Sort(texts)
		if texts = slices.Compact(texts); len(texts) != writers*each {
			t.Errorf("%d texts are there, want %d", len(texts), writers*each)
		}
	})
}

// pieces are lines of both grammars, of which texts are put together at random.
var pieces = []string{
	"plain", "**bold** and *more*", "# one", "## two {toggle=\"true\"}", "### three {color=\"blue\"}", "- item", "- item", "1. first", "- [ ] open", "- [x] done", "> said",
	"```go", "```", "$$", "---", "<empty-block/>", "<details>", "<summary>title</summary>", "</details>", "<callout icon=\"🌲\">", "</callout>", "<columns>", "<column>", "</column>", "</columns>",
	"<table header-row=\"true\">", "<tr>", "<td>a</td>", "<td>b</td>", "</tr>", "</table>", "| a | b |", "| - | - |", "| c | d |", "![](https://example.com/a.png)", "<synced_block>", "</synced_block>",
	"<synced-block>", "</synced-block>", "<toggle>", "</toggle>", "<tabs>", "<tab>", "</tab>", "</tabs>", "<page>New</page>", "<database>New</database>", "<bookmark source=\"https://example.com\">x</bookmark>",
	"", "", "\\", "<p>x</p>", "<ul>", "<li>x</li>", "</ul>", "[^https://example.com]", "<unknown url=\"https://example.com\"/>",
}

// TestMarkdownOfAnyText writes texts put together at random, of lines of the text that is
// there and of others, further in or out. Each is written or refused, what is written comes
// back as it was answered, and writing that again changes nothing.
func TestMarkdownOfAnyText(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		count := countRows(t, db)
		random := rand.New(rand.NewPCG(1, 2))
		rounds, refused := 150, 0
		if !db.first {
			rounds = 30
		}
		text := ""
		for round := range rounds {
			version := []string{"v1", "v2"}[random.IntN(2)]
			target := "/v1/pages/" + s.page + "/markdown"
			if read := s.get(target + "?markdown_version=" + version); read.status == 200 {
				text = read.field("markdown")
			}
			write := func(text string) *answer {
				body := jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue("replace_content")), jsonx.M("markdown_version", jsonx.StringValue(version)),
					jsonx.M("replace_content", jsonx.ObjectValue(jsonx.M("new_str", jsonx.StringValue(text)), jsonx.M("allow_deleting_content", jsonx.BoolValue(true)))))
				return s.do("PATCH", target, s.headers(), body.Append(nil))
			}
			changed := shaken(random, text)
			a := write(changed)
			if a.status == 400 || a.status == 404 {
				refused++
				continue
			}
			if a.status != 200 {
				t.Fatalf("round %d: %d %s for\n%s\nin place of\n%s", round, a.status, a.body, changed, text)
			}
			written := a.field("markdown")
			if read := s.get(target + "?markdown_version=" + version).field("markdown"); read != written {
				t.Fatalf("round %d: answered\n%s\nand read\n%s", round, written, read)
			}
			count()
			if again := write(written); again.status != 200 || again.field("markdown") != written || count() != 0 {
				t.Fatalf("round %d: written again\n%s\nis %d %s", round, written, again.status, again.body)
			}
		}
		if refused > rounds/2 {
			t.Errorf("%d of %d texts were refused", refused, rounds)
		}
	})
}

// shaken returns a text with some lines gone, some elsewhere, some further in or out, and
// some new ones.
func shaken(random *rand.Rand, text string) string {
	lines := strings.Split(text, "\n")
	for range 1 + random.IntN(8) {
		at := random.IntN(len(lines))
		switch random.IntN(6) {
		case 0:
			lines = slices.Delete(lines, at, at+1)
		case 1:
			lines[at] = "\t" + lines[at]
		case 2:
			lines[at] = strings.TrimPrefix(lines[at], "\t")
		case 3:
			to := random.IntN(len(lines))
			lines[at], lines[to] = lines[to], lines[at]
		default:
			lines = slices.Insert(lines, at, pieces[random.IntN(len(pieces))])
		}
		if len(lines) == 0 {
			lines = []string{""}
		}
	}
	return strings.Join(lines, "\n")
}
