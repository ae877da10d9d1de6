package core_test

import (
	"strings"
	"testing"

	"octavo/internal/core"
	"octavo/internal/markdown"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// addMeeting writes notes of a meeting below the first page, which no request can, and returns
// them and their transcript.
func (b *bench) addMeeting(p *core.Principal) (meeting, transcript notion.ID) {
	b.t.Helper()
	const empty = `{"rich_text":[],"icon":null,"color":"default"}`
	sections := map[string]notion.ID{}
	err := b.store.Update(b.ctx, b.first.Workspace, func(tx *store.Tx) error {
		row := func(parent notion.ID, ord, typ string) store.Block {
			return store.Block{
				ID: b.ids.New(tx.Now()), Type: typ, ParentID: parent, PageID: b.first.Page, Ord: ord,
				CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot, Payload: []byte(empty),
			}
		}
		top := row(b.first.Page, "a", "meeting_notes")
		rows := []store.Block{top}
		children := ""
		for i, name := range []string{"summary", "notes", "transcript"} {
			rows = append(rows, row(top.ID, string(rune('a'+i)), "paragraph"))
			sections[name] = rows[i+1].ID
			children += `,"` + name + `_block_id":"` + rows[i+1].ID.String() + `"`
		}
		meeting = top.ID
		rows[0].Payload = []byte(`{"title":[],"status":"notes_ready","children":{` + children[1:] + `}}`)
		return tx.InsertBlocks(rows)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for name, id := range sections {
		o, err := b.AppendChildren(b.ctx, p, id, parse(b.t, `[{"paragraph":{"rich_text":[{"text":{"content":"what the %s says"}}]}}]`, name), core.Position{})
		shown(b.t, o, err)
	}
	return meeting, sections["transcript"]
}

// TestTranscripts: the transcript of a meeting is in the text of a page, or of its block, only
// for who asks for it, and no edit by text can see or change it.
func TestTranscripts(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		meeting, transcript := b.addMeeting(p)
		const said = "what the transcript says"
		for _, v := range []markdown.Version{markdown.V1, markdown.V2} {
			for _, id := range []notion.ID{b.first.Page, meeting} {
				for _, asked := range []bool{true, false} {
					o, err := b.PageMarkdown(b.ctx, p, id, v, asked)
					text := shown(t, o, err).Get("markdown").Text()
					notice := "Transcript omitted. Read it at http://octavo.test/" + b.first.Page.Compact() + "#" + transcript.Compact()
					if !strings.Contains(text, "what the notes says") || strings.Contains(text, said) != asked || strings.Contains(text, notice) == asked {
						t.Errorf("grammar %d, asked for: %v\n%s", v, asked, text)
					}
				}
			}
			edit := func(from, to string) error {
				_, err := b.UpdatePageMarkdown(b.ctx, p, b.first.Page, v, parse(t, `{"type":"update_content","update_content":{"content_updates":[{"old_str":"%s","new_str":"%s"}]}}`, from, to))
				return err
			}
			if err := edit(said, "nothing"); err == nil || !strings.Contains(err.Error(), "No matches found") {
				t.Errorf("grammar %d: an edit of the transcript: %v", v, err)
			}
			for _, change := range [][2]string{{"the notes says", "the notes say"}, {"the notes say", "the notes says"}} {
				if err := edit(change[0], change[1]); err != nil {
					t.Errorf("grammar %d: %v", v, err)
				}
			}
			o, err := b.PageMarkdown(b.ctx, p, b.first.Page, v, true)
			if text := shown(t, o, err).Get("markdown").Text(); !strings.Contains(text, said) {
				t.Errorf("grammar %d: after edits\n%s", v, text)
			}
		}
	})
}
