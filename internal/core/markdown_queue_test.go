package core_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"octavo/internal/core"
	"octavo/internal/markdown"
	"octavo/internal/notion"
)

// TestPlansHold: a change planned from the text of a page is made as planned unless something
// has been written to what the text shows.
func TestPlansHold(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		newPage := func(parent notion.ID) notion.ID {
			o, err := b.CreatePage(b.ctx, p, core.NewPage{Parent: parse(t, `{"page_id":"%s"}`, parent)})
			return idIn(shown(t, o, err).Get("id"))
		}
		add := func(to notion.ID, child string) notion.ID {
			o, err := b.AppendChildren(b.ctx, p, to, parse(t, "[%s]", child), core.Position{})
			return idIn(shown(t, o, err).Get("results").Items()[0].Get("id"))
		}
		ok := func(_ notion.Object, err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		const text = `{"paragraph":{"rich_text":[{"text":{"content":"x"}}]}}`
		parent := newPage(b.first.Page)
		page, other, far := newPage(parent), newPage(b.first.Page), newPage(b.first.Page)
		sub, para := newPage(page), add(page, text)
		original := add(far, `{"synced_block":{"synced_from":null,"children":[`+text+`]}}`)
		add(page, fmt.Sprintf(`{"synced_block":{"synced_from":{"block_id":"%s"}}}`, original))
		toggle := add(page, `{"toggle":{"rich_text":[],"children":[`+text+`]}}`)
		command := parse(t, `{"type":"insert_content","insert_content":{"content":"new"}}`)

		for _, c := range []struct {
			name string
			want bool
			do   func()
		}{
			{"nothing", true, func() {}},
			{"another page", true, func() { add(other, text) }},
			{"a page on another page", true, func() { newPage(other) }},
			{"the page around it", true, func() { add(parent, text) }},
			{"a new block", false, func() { add(page, text) }},
			{"a nested block", false, func() { add(toggle, text) }},
			{"a block", false, func() {
				ok(b.UpdateBlock(b.ctx, p, para, parse(t, `{"paragraph":{"rich_text":[]}}`)))
			}},
			{"the page that a copy comes from", false, func() { add(original, text) }},
			{"a page on it, moved", false, func() {
				ok(b.MovePage(b.ctx, p, sub, parse(t, `{"page_id":"%s"}`, other)))
			}},
			{"a block in the trash", false, func() { ok(b.DeleteBlock(b.ctx, p, para)) }},
			{"a block from the trash", false, func() {
				if _, err := b.RestoreFromTrash(b.ctx, b.first.Workspace, para, notion.ID{}); err != nil {
					t.Fatal(err)
				}
			}},
			{"a text", false, func() { ok(b.UpdatePageMarkdown(b.ctx, p, page, markdown.V1, command)) }},
			{"many other changes", false, func() {
				for range 100 {
					newPage(other)
				}
			}},
		} {
			holds, err := b.PlanHolds(b.ctx, p, page, command, c.do)
			if err != nil || holds != c.want {
				t.Errorf("%s: %v, %v", c.name, holds, err)
			}
		}
		if _, err := b.PlanHolds(b.ctx, p, page, command, func() { ok(b.DeleteBlock(b.ctx, p, parent)) }); err == nil {
			t.Error("a page in the trash can be written to")
		}
	})
}

// TestManyWritersOfOnePage: what each of them adds is there, and each is told of its own.
func TestManyWritersOfOnePage(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		const writers = 8
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				line := fmt.Sprintf("line %d", i)
				body := parse(t, `{"type":"insert_content","insert_content":{"content":"%s"}}`, line)
				o, err := b.UpdatePageMarkdown(b.ctx, p, b.first.Page, markdown.V1, body)
				if err != nil || !containsLine(field(t, o, "markdown"), line) {
					t.Errorf("%s: %v", line, err)
				}
			})
		}
		wg.Wait()
		o, err := b.PageMarkdown(b.ctx, p, b.first.Page, markdown.V1, false)
		text := shown(t, o, err).Get("markdown").Text()
		for i := range writers {
			if !containsLine(text, fmt.Sprintf("line %d", i)) {
				t.Errorf("line %d is not in %q", i, text)
			}
		}
		if waiting := b.TextsWaiting(); waiting != 0 {
			t.Errorf("%d pages have a queue", waiting)
		}
		ended, cancel := context.WithCancel(b.ctx)
		cancel()
		if err := b.TextTurn(b.ctx, b.first.Workspace, b.first.Page, func() {
			if err := b.TextTurn(ended, b.first.Workspace, b.first.Page, func() {}); err == nil {
				t.Error("two have the turn at one page")
			}
		}); err != nil {
			t.Error(err)
		}
	})
}

func containsLine(text, line string) bool {
	return slices.Contains(strings.Split(text, "\n"), line)
}
