package octavo_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"octavo/internal/jsonx"
)

func (s *testServer) patch(target, body string) *answer {
	s.t.Helper()
	return s.do("PATCH", target, s.headers("Content-Type", "application/json"), []byte(body))
}

func (s *testServer) append(parent, children string) *answer {
	s.t.Helper()
	return s.patch("/v1/blocks/"+parent+"/children", `{"children":`+children+`}`)
}

// list returns a list answer: the ids of its results and its next_cursor, "" for null.
func (s *testServer) list(a *answer) (ids []string, next string) {
	s.t.Helper()
	body, err := jsonx.Parse(a.body)
	if err != nil || a.status != http.StatusOK || body.Get("object").Text() != "list" {
		s.t.Fatalf("%s: got %d %s", a.request, a.status, a.body)
	}
	for _, o := range body.Get("results").Items() {
		ids = append(ids, o.Get("id").Text())
	}
	next = body.Get("next_cursor").Text()
	if body.Get("has_more").True() != (next != "") || next == "" && !body.Get("next_cursor").IsNull() {
		s.t.Errorf("%s: has_more is %s and next_cursor %s", a.request, body.Get("has_more"), body.Get("next_cursor"))
	}
	return ids, next
}

// walk lists the children of a block from a cursor on, page by page.
func (s *testServer) walk(parent, cursor string, size int) []string {
	s.t.Helper()
	var all []string
	for {
		target := fmt.Sprintf("/v1/blocks/%s/children?page_size=%d", parent, size)
		if cursor != "" {
			target += "&start_cursor=" + cursor
		}
		ids, next := s.list(s.get(target))
		if cursor != "" && len(all) > 0 && (len(ids) == 0 || ids[0] != cursor) {
			s.t.Fatalf("%s does not begin with its cursor", target)
		}
		all = append(all, ids...)
		if next == "" {
			return all
		}
		if len(ids) != size {
			s.t.Fatalf("%s has %d results and more to come", target, len(ids))
		}
		cursor = next
	}
}

// times returns s n times with commas between.
func times(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }

func toggleOf(children string) string {
	return `{"toggle":{"rich_text":[],"children":[` + children + `]}}`
}

func paragraphOf(items string) string { return `{"paragraph":{"rich_text":[` + items + `]}}` }

func textOf(s string) string { return `{"text":{"content":"` + s + `"}}` }

// TestContentLimits goes to every limit of what one request may create, and one beyond
// (contract.md §7, pages-blocks.md §3.2). What is refused leaves nothing.
func TestContentLimits(t *testing.T) {
	const divider = `{"divider":{}}`
	address := func(n int) string { return "https://example.com/" + strings.Repeat("x", n-len("https://example.com/")) }
	tooLong := func(path string, limit, n int) string {
		return fmt.Sprintf("body failed validation: body.%s.length should be ≤ `%d`, instead was `%d`.", path, limit, n)
	}
	cases := []struct {
		name     string
		limit    int
		children func(n int) string
		want     string
	}{
		{"children", 100, func(n int) string { return times(divider, n) }, tooLong("children", 100, 101)},
		{"children of a child", 100, func(n int) string { return toggleOf(times(divider, n)) },
			tooLong("children[0].toggle.children", 100, 101)},
		{"children in the third tier", 100, func(n int) string { return toggleOf(toggleOf(times(divider, n))) },
			tooLong("children[0].toggle.children[0].toggle.children", 100, 101)},
		{"blocks", 1000, func(n int) string {
			return times(toggleOf(times(divider, 99)), 10) + strings.Repeat(","+divider, n-1000)
		}, "One request can create at most 1000 blocks."},
		{"rows", 100, func(n int) string {
			return `{"table":{"table_width":1,"children":[` + times(`{"table_row":{"cells":[[]]}}`, n) + `]}}`
		}, tooLong("children[0].table.children", 100, 101)},
		{"columns", 100, func(n int) string {
			return `{"column_list":{"children":[` + times(`{"column":{"children":[]}}`, n) + `]}}`
		}, tooLong("children[0].column_list.children", 100, 101)},
		{"cells", 100, func(n int) string {
			return fmt.Sprintf(`{"table":{"table_width":%d,"children":[{"table_row":{"cells":[%s]}}]}}`, n, times(`[]`, n))
		}, "body failed validation: body.children[0].table.table_width should be ≤ `100`, instead was `101`."},
		{"text", 2000, func(n int) string { return paragraphOf(textOf(strings.Repeat("x", n))) },
			tooLong("children[0].paragraph.rich_text[0].text.content", 2000, 2001)},
		{"text beyond the basic plane", 1000, func(n int) string { return paragraphOf(textOf(strings.Repeat("😀", n))) },
			tooLong("children[0].paragraph.rich_text[0].text.content", 2000, 2002)},
		{"text in a caption", 2000, func(n int) string {
			return `{"bookmark":{"url":"https://example.com","caption":[` + textOf(strings.Repeat("é", n)) + `]}}`
		}, tooLong("children[0].bookmark.caption[0].text.content", 2000, 2001)},
		{"items", 100, func(n int) string { return paragraphOf(times(textOf("x"), n)) },
			tooLong("children[0].paragraph.rich_text", 100, 101)},
		{"equation", 1000, func(n int) string { return `{"equation":{"expression":"` + strings.Repeat("x", n) + `"}}` },
			tooLong("children[0].equation.expression", 1000, 1001)},
		{"equation in text", 1000, func(n int) string {
			return paragraphOf(`{"equation":{"expression":"` + strings.Repeat("x", n) + `"}}`)
		}, tooLong("children[0].paragraph.rich_text[0].equation.expression", 1000, 1001)},
		{"link", 2000, func(n int) string {
			return paragraphOf(`{"text":{"content":"x","link":{"url":"` + address(n) + `"}}}`)
		}, tooLong("children[0].paragraph.rich_text[0].text.link.url", 2000, 2001)},
		{"bookmark", 2000, func(n int) string { return `{"bookmark":{"url":"` + address(n) + `"}}` },
			tooLong("children[0].bookmark.url", 2000, 2001)},
		{"image", 2000, func(n int) string { return `{"image":{"external":{"url":"` + address(n) + `"}}}` },
			tooLong("children[0].image.external.url", 2000, 2001)},
	}
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		for _, c := range cases {
			if a := s.append(s.page, "["+c.children(c.limit)+"]"); a.status != http.StatusOK {
				t.Errorf("%s at the limit: %d %.300s", c.name, a.status, a.body)
			}
			before := s.walk(s.page, "", 100)
			a := s.append(s.page, "["+c.children(c.limit+1)+"]")
			if a.status != http.StatusBadRequest || a.field("message") != c.want {
				t.Errorf("%s beyond the limit: got %d %.500s, want %s", c.name, a.status, a.field("message"), c.want)
			}
			if after := s.walk(s.page, "", 100); !slices.Equal(before, after) {
				t.Errorf("%s: the refused request left %d blocks", c.name, len(after)-len(before))
			}
		}
	})
}

// TestMergedText reads back more text in one item than may be written in one
// (pages-blocks.md §4.2).
func TestMergedText(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		long := strings.Repeat("ä", 2000)
		ids, _ := s.list(s.append(s.page, "["+paragraphOf(textOf(long)+","+textOf("b"))+"]"))
		v, err := jsonx.Parse(s.get("/v1/blocks/" + ids[0]).body)
		if err != nil {
			t.Fatal(err)
		}
		items := v.Get("paragraph").Get("rich_text").Items()
		if len(items) != 1 || items[0].Get("text").Get("content").Text() != long+"b" || items[0].Get("plain_text").Text() != long+"b" {
			t.Errorf("%d items: %.100s", len(items), v.Get("paragraph"))
		}
	})
}

// TestPaging walks 250 children with pages of several sizes, while they come and go.
func TestPaging(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		var all []string
		for _, n := range []int{100, 100, 50} {
			ids, next := s.list(s.append(s.page, "["+times(paragraphOf(textOf("x")), n)+"]"))
			if len(ids) != n || next != "" {
				t.Fatalf("appending %d answered %d, cursor %q", n, len(ids), next)
			}
			all = append(all, ids...)
		}
		same := func(what string, got, want []string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %d blocks, want %d, or in another order", what, len(got), len(want))
			}
		}
		for _, size := range []int{7, 50, 99, 100} {
			same(fmt.Sprint("pages of ", size), s.walk(s.page, "", size), all)
		}
		ids, next := s.list(s.get("/v1/blocks/" + s.page + "/children"))
		same("a page of no given size", ids, all[:100])
		if next != all[100] {
			t.Errorf("the cursor is %s, not the first block to come, %s", next, all[100])
		}
		same("a cursor without dashes", s.walk(s.page, strings.ReplaceAll(next, "-", ""), 100), all[100:])

		// The block of the cursor goes to the trash, and still marks the place.
		s.want(s.do("DELETE", "/v1/blocks/"+next, s.headers(), nil), http.StatusOK, "")
		same("from a cursor in the trash", s.walk(s.page, next, 100), all[101:])
		// What is added before the cursor is not seen, what is added behind it is.
		s.list(s.patch("/v1/blocks/"+s.page+"/children", `{"children":[{"divider":{}}],"position":{"type":"start"}}`))
		added, more := s.list(s.patch("/v1/blocks/"+s.page+"/children",
			`{"children":[{"divider":{}}],"position":{"type":"after_block","after_block":{"id":"`+all[149]+`"}}}`))
		same("the answer to an insertion", added[1:], all[150:249])
		same("the rest of that answer", s.walk(s.page, more, 100), all[249:])
		same("from the cursor after insertions", s.walk(s.page, next, 30),
			slices.Concat(all[101:150], added[:1], all[150:]))
		for _, id := range all[200:] {
			s.want(s.do("DELETE", "/v1/blocks/"+id, s.headers(), nil), http.StatusOK, "")
		}
		same("from a cursor with nothing but trash behind it", s.walk(s.page, all[220], 100), nil)
		same("the last page", s.walk(s.page, all[199], 100), all[199:200])

		parent := all[0]
		child, _ := s.list(s.append(parent, `[{"divider":{}}]`))
		for _, c := range []struct{ of, cursor string }{
			{s.page, child[0]},
			{s.page, s.page},
			{parent, all[1]},
			{s.page, "11111111-1111-4111-8111-111111111111"},
		} {
			a := s.get("/v1/blocks/" + c.of + "/children?start_cursor=" + c.cursor)
			if want := "The start_cursor provided is invalid: " + c.cursor; a.status != http.StatusBadRequest || a.field("message") != want {
				t.Errorf("%s: got %d %s, want %s", a.request, a.status, a.body, want)
			}
		}
	})
}

// TestOrder adds, trashes and restores at random places, and compares with a slice. Blocks
// in the trash keep their places.
func TestOrder(t *testing.T) {
	type block struct {
		id      string
		trashed bool
	}
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		// Everything happens near the front, where places get scarce.
		random := rand.New(rand.NewPCG(3, 14))
		var model []block
		for range 200 {
			at := len(model) // where the new block goes
			position := `{"type":"end"}`
			switch action := random.IntN(8); {
			case action < 2 && len(model) > 0:
				b := &model[random.IntN(min(4, len(model)))]
				b.trashed = !b.trashed
				s.want(s.patch("/v1/blocks/"+b.id, fmt.Sprintf(`{"in_trash":%t}`, b.trashed)), http.StatusOK, "")
				continue
			case action < 4:
				at, position = 0, `{"type":"start"}`
			case action < 7 && len(model) > 0:
				i := random.IntN(min(4, len(model)))
				at, position = i+1, `{"type":"after_block","after_block":{"id":"`+model[i].id+`"}}`
			}
			ids, _ := s.list(s.patch("/v1/blocks/"+s.page+"/children", `{"children":[{"divider":{}}],"position":`+position+`}`))
			model = slices.Insert(model, at, block{id: ids[0]})
		}
		var want []string
		for _, b := range model {
			if !b.trashed {
				want = append(want, b.id)
			}
		}
		if got := s.walk(s.page, "", 100); !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}
