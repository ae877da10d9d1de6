package core_test

import (
	"slices"
	"testing"
	"time"

	"octavo/internal/core"
	"octavo/internal/notion"
)

// TestForgottenReadings: a reading that a restart has made forget what came goes on by its
// place alone. What came before the restart does not come again at the end.
func TestForgottenReadings(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		source := b.newSource(t, p, `{"Name":{"title":{}},"N":{"number":{}}}`)
		var rows []notion.ID
		for i := range 7 {
			b.clock.Advance(time.Second)
			o, err := b.CreatePage(b.ctx, p, core.NewPage{
				Parent: parse(t, `{"data_source_id":"%s"}`, source), Properties: parse(t, `{"Name":{"title":[{"text":{"content":"row"}}]},"N":{"number":%d}}`, i),
			})
			rows = append(rows, idIn(shown(t, o, err).Get("id")))
		}
		for name, read := range map[string]func(cursor string) (notion.Object, error){
			"query": func(cursor string) (notion.Object, error) {
				return b.Query(b.ctx, p, source, core.RowQuery{
					Sorts: parse(t, `[{"property":"N","direction":"ascending"}]`), PageOf: core.PageOf{Size: 2, Cursor: cursor},
				})
			},
			"search": func(cursor string) (notion.Object, error) {
				return b.Search(b.ctx, p, core.Search{Query: "row", PageOf: core.PageOf{Size: 2, Cursor: cursor}})
			},
		} {
			var seen []string
			cursor := ""
			for page := 0; page == 0 || cursor != ""; page++ {
				o, err := read(cursor)
				list := shown(t, o, err)
				for _, r := range list.Get("results").Items() {
					seen = append(seen, r.Get("id").Text())
				}
				cursor = list.Get("next_cursor").Text()
				if page == 0 {
					b.start(core.BootstrapOptions{})
				}
				o, err = b.UpdatePage(b.ctx, p, b.first.Page, core.PageChange{Icon: parse(t, "null")})
				shown(t, o, err)
			}
			once := slices.Compact(slices.Sorted(slices.Values(seen)))
			if len(seen) != len(rows) || len(once) != len(rows) {
				t.Errorf("%s: %d rows came, %d of %d different ones", name, len(seen), len(once), len(rows))
			}
		}
	})
}
