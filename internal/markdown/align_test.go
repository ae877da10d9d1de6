package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// site applies changes to blocks as a store would.
type site struct {
	t     testing.TB
	roots []*Block
	next  int
	up    map[notion.ID]*Block // parents; nil for those at the top
	byID  map[notion.ID]*Block
}

func newSite(t testing.TB, roots []*Block) *site {
	s := &site{t: t, roots: roots, up: map[notion.ID]*Block{}, byID: map[notion.ID]*Block{}}
	s.know(roots, nil)
	return s
}

func (s *site) know(blocks []*Block, parent *Block) {
	for _, b := range blocks {
		s.up[b.ID], s.byID[b.ID] = parent, b
		s.know(b.Children, b)
	}
}

func (s *site) list(parent *Block) *[]*Block {
	if parent == nil {
		return &s.roots
	}
	return &parent.Children
}

func (s *site) detach(id notion.ID) *Block {
	b := s.byID[id]
	if b == nil {
		s.t.Fatalf("there is no block %s", id)
	}
	list := s.list(s.up[id])
	*list = slices.DeleteFunc(slices.Clone(*list), func(o *Block) bool { return o == b })
	return b
}

func (s *site) apply(c *Change) {
	s.t.Helper()
	for _, e := range c.Edits {
		switch e.Op {
		case Update:
			b := s.byID[e.Block]
			made, err := block.Update(e.Type, b.Payload, e.Patch, len(b.Children) > 0)
			if err != nil {
				s.t.Fatalf("%s %s: %v", e.Type, e.Patch, err)
			}
			b.Payload = made.Payload
		case Place:
			s.place(e)
		case Delete:
			s.detach(e.Block)
		}
	}
}

func (s *site) place(e Edit) {
	parent := s.byID[e.Block]
	if parent == nil && !e.Block.IsZero() {
		s.t.Fatalf("there is no parent %s", e.Block)
	}
	var blocks []*Block
	for _, n := range e.Nodes {
		blocks = append(blocks, s.make(n, parent))
	}
	list := s.list(parent)
	at := 0
	if !e.After.IsZero() {
		if at = 1 + slices.IndexFunc(*list, func(b *Block) bool { return b.ID == e.After }); at == 0 {
			s.t.Fatalf("%s is no child of %s", e.After, e.Block)
		}
	}
	*list = slices.Insert(slices.Clone(*list), at, blocks...)
	s.know(blocks, parent)
}

func (s *site) make(n *Node, parent *Block) *Block {
	b := &Block{}
	switch {
	case !n.Existing.IsZero() && s.byID[n.Existing] != nil:
		b = s.detach(n.Existing)
	case !n.Existing.IsZero():
		b = &Block{ID: n.Existing, Type: n.Type, Payload: block.TitlePayload(n.PlainTitle())}
	case n.isBlock():
		made, err := n.New()
		if err != nil {
			s.t.Fatal(err)
		}
		b = &Block{Type: made.Type, Payload: made.Payload}
	default:
		b = &Block{Type: n.Type, Payload: block.TitlePayload(n.PlainTitle())}
	}
	if parent != nil {
		if err := block.CanHold(parent.Type, parent.Payload, b.Type); err != nil && b.Type != "unsupported" && b.Type != "child_page" {
			s.t.Fatalf("%s below %s: %v", b.Type, parent.Type, err)
		}
	}
	if b.ID.IsZero() {
		s.next++
		b.ID = notion.ID{0xbb, byte(s.next >> 8), byte(s.next), 0, 0, 0, 0x80, 0, 0x80}
	}
	s.byID[b.ID] = b
	if n.Existing.IsZero() {
		for _, child := range n.Children {
			made := s.make(child, b)
			b.Children = append(b.Children, made)
			s.up[made.ID] = b
		}
	}
	return b
}

// clone copies a tree of blocks.
func clone(blocks []*Block) []*Block {
	out := make([]*Block, len(blocks))
	for i, b := range blocks {
		copied := *b
		copied.Children = clone(b.Children)
		out[i] = &copied
	}
	return out
}

// isFree reports whether a text can say a block, and all below it, more than once.
func isFree(v Version, b *Block) bool {
	return readers[b.Type] != nil && v.hasWords(b.Type) && !b.Unloaded && !(&Node{Type: b.Type}).isReference() &&
		!slices.ContainsFunc(b.Children, func(b *Block) bool { return !isFree(v, b) })
}

// anywhere returns the lists of siblings in a tree in which anything may hang.
func anywhere(roots *[]*Block) []*[]*Block {
	lists := []*[]*Block{roots}
	for _, b := range *roots {
		switch n := (&Node{Type: b.Type, toggleable: strings.Contains(string(b.Payload), `"is_toggleable":true`)}); {
		case n.Type == block.Synced && strings.Contains(string(b.Payload), "block_id"):
		case n.Type == "table":
			lists = append(lists, anywhere(&b.Children)[1:]...)
		case n.Type == "column_list" || n.Type == "tab":
			for _, part := range b.Children {
				lists = append(lists, anywhere(&part.Children)...)
			}
		case n.canHold():
			lists = append(lists, anywhere(&b.Children)...)
		}
	}
	return lists
}

// edit changes a tree as a writer of its text could.
func edit(t *rapid.T, tb testing.TB, v Version, g *trees, roots []*Block) []*Block {
	roots = clone(roots)
	for range rapid.IntRange(0, 5).Draw(t, "edits") {
		list := rapid.SampledFrom(anywhere(&roots)).Draw(t, "list")
		at := rapid.IntRange(0, len(*list)).Draw(t, "at")
		switch rapid.IntRange(0, 5).Draw(t, "edit") {
		case 0:
			if b := g.holder(t, tb, 1); isFree(v, b) {
				*list = slices.Insert(slices.Clone(*list), at, b)
			}
		case 1:
			if at < len(*list) {
				*list = slices.Delete(slices.Clone(*list), at, at+1)
			}
		case 2: // move
			if at < len(*list) {
				moved := (*list)[at]
				*list = slices.Delete(slices.Clone(*list), at, at+1)
				to := rapid.SampledFrom(anywhere(&roots)).Draw(t, "to")
				*to = append(slices.Clone(*to), moved)
			}
		case 3: // another text
			if at < len(*list) {
				b := (*list)[at]
				if v, err := jsonx.Parse(b.Payload); err == nil && v.Has("rich_text") && b.Type != "template" {
					patch, _ := jsonx.Parse([]byte(`{"rich_text":` + drawText(t) + `}`))
					made, err := block.Update(b.Type, b.Payload, patch, len(b.Children) > 0)
					if err != nil {
						tb.Fatal(err)
					}
					b.Payload = made.Payload
				}
			}
		case 4: // wrap
			if at < len(*list) {
				wrapper := g.block(t, tb, "toggle", `{"rich_text":[{"text":{"content":"wrapped"}}]}`, []*Block{(*list)[at]})
				*list = slices.Clone(*list)
				(*list)[at] = wrapper
			}
		case 5: // copy
			if at < len(*list) && isFree(v, (*list)[at]) {
				*list = slices.Insert(slices.Clone(*list), at, clone((*list)[at : at+1])[0])
			}
		}
	}
	return roots
}

// TestReplaceMakesThePageSayTheText draws a page and a text that somebody could have made
// of its text, and holds that the change makes the one the other.
func TestReplaceMakesThePageSayTheText(t *testing.T) {
	for _, v := range []Version{V1, V2} {
		t.Run(fmt.Sprintf("v%d", v), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				g := &trees{}
				blocks := g.list(rt, t, 3, 1)
				o := options(v)
				wanted := Render(edit(rt, t, v, g, blocks), o)
				d := Render(blocks, o)
				c, err := d.Replace(wanted.Text, true)
				if err != nil {
					if strings.Contains(err.Error(), "was not loaded") {
						return
					}
					rt.Fatalf("%v\n%s", err, wanted.Text)
				}
				if d.Text == wanted.Text && len(c.Edits) > 0 {
					rt.Fatalf("%d edits to change nothing:\n%s", len(c.Edits), d.Text)
				}
				s := newSite(t, clone(blocks))
				s.apply(c)
				if got := Render(s.roots, o); outline(got.nodes) != outline(wanted.nodes) {
					rt.Fatalf("%d edits made of\n%s\nthis:\n%s\nnot this:\n%s", len(c.Edits), outline(d.nodes), outline(got.nodes), outline(wanted.nodes))
				}
			})
		})
	}
}
