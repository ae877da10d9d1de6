package richtext

import (
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Filling is what the placeholders of a template become when it is used.
type Filling struct {
	// Now is the moment of the use, in the time zone that it is to be shown in.
	Now time.Time
	// Me is the user who uses the template.
	Me notion.ID
}

// Fill replaces, in place, the placeholders @now, @today and @me of stored rich text anywhere
// in v (pages-blocks.md §5.4).
func Fill(v jsonx.Value, with Filling) {
	v.Walk(func(item jsonx.Value) {
		placeholder := item.Get("mention").Get("template_mention")
		if item.Get("type").Text() != "mention" || placeholder.Kind() != jsonx.Object {
			return
		}
		if placeholder.Has("template_mention_user") {
			item.Set("mention", tagged("user", reference(UserMention, with.Me)))
			item.Set("plain_text", jsonx.StringValue(""))
			return
		}
		date := with.date(placeholder.Get("template_mention_date").Text() == "now")
		item.Set("mention", tagged("date", date.Value()))
		item.Set("plain_text", jsonx.StringValue(date.Plain()))
	})
}

func (f Filling) date(moment bool) Date {
	if moment {
		return Date{Start: f.Now.Truncate(time.Minute), HasTime: true}
	}
	year, month, day := f.Now.Date()
	return Date{Start: time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}
