package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"octavo/internal/block"
	"octavo/internal/notion"
)

// paragraphs is a page of so many paragraphs.
func paragraphs(t testing.TB, n int) []*Block {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "Line %d of the page says something about item %d\n", i, i*7)
	}
	return page(t, V1, text.String())
}

func ids(blocks []*Block) []notion.ID {
	var list []notion.ID
	for _, b := range blocks {
		list = append(list, b.ID)
	}
	return list
}

// after applies what replaces the text of blocks by another and returns the blocks then.
func after(t testing.TB, blocks []*Block, text string) ([]*Block, *Change) {
	t.Helper()
	c, err := Render(blocks, options(V1)).Replace(text, true)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, clone(blocks))
	s.next = 100_000
	s.apply(c)
	if got := Render(s.roots, options(V1)).Text; got != strings.TrimSuffix(text, "\n") {
		t.Fatalf("got\n%s\nwant\n%s", got, text)
	}
	return s.roots, c
}

func TestAnEditedLineKeepsItsBlock(t *testing.T) {
	for _, n := range []int{1, 10, 1000} {
		blocks := paragraphs(t, n)
		text := Render(blocks, options(V1)).Text
		edited := strings.Replace(text, "says something", "said nothing", 1)
		now, c := after(t, blocks, edited)
		if c.Writes() != 1 || !slices.Equal(ids(now), ids(blocks)) {
			t.Errorf("%d lines: %d writes", n, c.Writes())
		}
	}
}

func TestTheSameTextWritesNothing(t *testing.T) {
	blocks := paragraphs(t, 1000)
	if _, c := after(t, blocks, Render(blocks, options(V1)).Text); len(c.Edits) != 0 {
		t.Error(c.Edits)
	}
}

// lines are changes to the lines of a page of 40, the fewest writes there are, and whether
// the blocks that are left keep their ids.
var lines = []struct {
	name   string
	change func(lines []string) []string
	writes int
}{
	{"insert at the start", func(l []string) []string { return append([]string{"new"}, l...) }, 1},
	{"insert in the middle", func(l []string) []string { return slices.Insert(l, 20, "new") }, 1},
	{"delete one", func(l []string) []string { return slices.Delete(l, 20, 21) }, 1},
	{"delete many", func(l []string) []string { return l[:10] }, 30},
	{"insert beside an edited line", func(l []string) []string {
		l[20] += " at the moment"
		return slices.Insert(l, 20, "Something else entirely, without a word in common")
	}, 2},
	{"swap two", func(l []string) []string { l[3], l[30] = l[30], l[3]; return l }, 2},
	{"move one to the end", func(l []string) []string { return append(slices.Delete(slices.Clone(l), 5, 6), l[5]) }, 1},
	{"edit every line", func(l []string) []string {
		for i := range l {
			l[i] = strings.Replace(l[i], "says", "said", 1)
		}
		return l
	}, 40},
	{"replace every line", func(l []string) []string {
		for i := range l {
			l[i] = fmt.Sprintf("%d", i)
		}
		return l
	}, 40},
	{"copy a line", func(l []string) []string { return slices.Insert(l, 10, l[10]) }, 1},
	{"turn one into a heading", func(l []string) []string { l[7] = "# " + l[7]; return l }, 2},
	{"wrap one in a toggle", func(l []string) []string {
		l[7] = "<details>\n<summary>t</summary>\n\t" + l[7] + "\n</details>"
		return l
	}, 2},
	{"indent one", func(l []string) []string { l[7] = "\t" + l[7]; return l }, 1},
}

func TestFewestWrites(t *testing.T) {
	for _, c := range lines {
		t.Run(c.name, func(t *testing.T) {
			blocks := paragraphs(t, 40)
			text := Render(blocks, options(V1)).Text
			_, change := after(t, blocks, strings.Join(c.change(strings.Split(text, "\n")), "\n"))
			if change.Writes() != c.writes {
				t.Errorf("%d writes, want %d: %+v", change.Writes(), c.writes, change.Edits)
			}
		})
	}
}

func TestBlocksThatWereEditedKeepTheirIDs(t *testing.T) {
	blocks := page(t, V1, "Buy milk and bread\nCall the dentist about Tuesday\nWrite the report for Ada")
	now, _ := after(t, blocks, "A new first line\nBuy milk, bread and butter\nWrite the long report for Ada\nCall the dentist about Wednesday")
	for i, want := range map[int]notion.ID{1: blocks[0].ID, 2: blocks[2].ID} {
		if now[i].ID != want {
			t.Errorf("line %d has another block", i)
		}
	}
}

func TestWhatTheTextLeavesOutStays(t *testing.T) {
	code := &Block{ID: someID(1), Type: "code", Payload: stored(t, "code", `{"rich_text":[{"text":{"content":"a"}}],"caption":[{"text":{"content":"kept"}}],"language":"go"}`)}
	now, c := after(t, []*Block{code}, "```python\na\n```")
	if want := `{"language":"python"}`; c.Edits[0].Patch.String() != want {
		t.Errorf("got %s", c.Edits[0].Patch)
	}
	if !strings.Contains(string(now[0].Payload), "kept") || !strings.Contains(string(now[0].Payload), "python") {
		t.Errorf("%s", now[0].Payload)
	}
	// An icon cannot be taken away, so a text without one leaves it.
	callout := &Block{ID: someID(2), Type: "callout", Payload: stored(t, "callout", `{"rich_text":[]}`)}
	change, err := Render([]*Block{callout}, options(V1)).Replace("<callout>\n</callout>", false)
	if err != nil || len(change.Edits) != 0 {
		t.Error(change, err)
	}
}

func TestNamedBlocksMove(t *testing.T) {
	blocks := references(false)
	lines := strings.Split(strings.ReplaceAll(Render(blocks, options(V1)).Text, "\t", ""), "\n")
	// The toggle goes, what is named in it does not.
	now, c := after(t, blocks, strings.Join([]string{lines[len(lines)-1], lines[4], lines[3], lines[0]}, "\n"))
	if want := []notion.ID{someID(0x25), someID(0x24), someID(0x23), someID(0x21)}; !slices.Equal(ids(now), want) {
		t.Error(ids(now))
	}
	if len(c.Warnings) > 0 || c.Writes() != 4 {
		t.Error(c.Writes(), c.Warnings)
	}
}

func TestAPageFromElsewhere(t *testing.T) {
	blocks := page(t, V1, "a")
	c, err := Render(blocks, options(V1)).Replace("a\n<page url=\"https://octavo.test/"+someID(0x31).Compact()+"\">x</page>\n<page>New</page>\n<database data-source-url=\"collection://"+
		someID(0x32).String()+"\" inline=\"true\">View</database>", false)
	if err != nil || len(c.Edits) != 1 || c.Writes() != 3 {
		t.Fatal(c, err)
	}
	nodes := c.Edits[0].Nodes
	if n := nodes[0]; n.Type != block.ChildPage || n.Existing != someID(0x31) {
		t.Error(n)
	}
	if n := nodes[1]; n.Type != block.ChildPage || !n.Existing.IsZero() || n.PlainTitle() != "New" || n.Title().String() != `[{"text":{"content":"New"}}]` {
		t.Error(n)
	}
	if n := nodes[2]; n.Type != block.ChildDatabase || !n.Inline || n.DataSource != someID(0x32) {
		t.Error(n)
	}
}

func TestTagsThatStandForNothing(t *testing.T) {
	blocks := references(false)
	o := options(V1)
	d := Render(blocks, o)
	unknown := func(id notion.ID) string {
		return `<unknown url="` + o.blockAddress(o.Page, id) + `" alt="x"/>` + "\n"
	}
	for _, c := range []struct {
		more    string
		warning string
		writes  int
	}{
		{unknown(someID(0x25)), "A block was named twice; the second tag was left out.", 0},
		{unknown(someID(0x41)), "A tag names a block that is not on this page; it was left out.", 0},
		{`<synced_block url="https://octavo.test/x#` + someID(0x41).Compact() + `">` + "\n\ta\n</synced_block>", "A synced block that is not on this page was made anew.", 2},
		{`<database url="https://octavo.test/` + someID(0x21).Compact() + `">x</database>`, "A block was named twice; the second tag was left out.", 0},
	} {
		change, err := d.Replace(d.Text+"\n"+c.more, false)
		if err != nil || len(change.Warnings) != 1 || change.Warnings[0].Message != c.warning || change.Warnings[0].Line != 8 || change.Writes() != c.writes {
			t.Errorf("%s: %+v %v", c.more, change, err)
		}
	}
	if _, err := d.Replace(strings.Replace(d.Text, "<page", "<database", 1), true); err != nil {
		t.Error(err)
	}
}

func TestABlockNamedByTheOtherGrammarStays(t *testing.T) {
	bookmark := &Block{ID: someID(1), Type: "bookmark", Payload: stored(t, "bookmark", `{"url":"https://e.com"}`)}
	blocks := []*Block{bookmark, {ID: someID(2), Type: "divider", Payload: []byte(`{}`)}}
	first := Render(blocks, options(V1)).Text
	c, err := Render(blocks, options(V2)).Replace(strings.ReplaceAll(first, "\n", "\n\n"), false)
	if err != nil || len(c.Edits) > 0 {
		t.Error(c, err)
	}
}

func TestCopiesOfSyncedBlocks(t *testing.T) {
	copied := []*Block{{ID: someID(1), Type: block.Synced, Payload: stored(t, block.Synced, `{"synced_from":{"block_id":"`+someID(2).String()+`"}}`),
		Children: page(t, V1, "shown")}}
	d := Render(copied, options(V1))
	c, err := d.Replace(strings.Replace(d.Text, "shown", "changed", 1), false)
	if err != nil || len(c.Edits) > 0 || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Message, "belongs to its original") {
		t.Error(c, err)
	}
	c, err = Render(nil, options(V1)).Replace(d.Text, false)
	if err != nil || c.Writes() != 1 {
		t.Fatal(c, err)
	}
	made, err := c.Edits[0].Nodes[0].New()
	if err != nil || string(made.Payload) != `{"synced_from":{"type":"block_id","block_id":"`+someID(2).String()+`"}}` {
		t.Error(made, err)
	}
}

func TestReversedLists(t *testing.T) {
	blocks := paragraphs(t, 2000)
	lines := strings.Split(Render(blocks, options(V1)).Text, "\n")
	slices.Reverse(lines)
	_, c := after(t, blocks, strings.Join(lines, "\n"))
	if c.Writes() >= 4000 {
		t.Error(c.Writes())
	}
}
