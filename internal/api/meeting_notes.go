package api

import (
	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

// createMeetingNotes refuses: nothing here can transcribe a recording. The hosted API says
// the same, once the body is right, in a workspace that does not pay for it
// (pages-blocks.md §2.6).
func createMeetingNotes(*API, *call) (notion.Object, error) {
	return nil, apierr.Errorf(apierr.ValidationError, "This endpoint requires a plan with AI meeting notes enabled")
}

func queryMeetingNotes(a *API, c *call) (notion.Object, error) {
	return a.core.MeetingNotes(c.body.Get("filter"))
}

// meetingLanguages are those that a recording can be in.
var meetingLanguages = []string{
	"auto", "en", "zh-CN", "zh-TW", "es", "fr", "de", "ja", "ko", "pt", "ru", "th", "vi", "id", "da", "fi", "no", "nl", "it", "sv", "ar", "he", "pl",
}

// defineMeetingNotes adds what requests for meeting notes hold (services.md §5.2).
func defineMeetingNotes(set *schema.Set) {
	set.Define("create_meeting_notes", schema.Union(
		newMeetingNotes("file_upload",
			schema.Req("parent", schema.Object(schema.Req("page_id", schema.UUID()), schema.Req("type", schema.Literal("page_id"))))),
		newMeetingNotes("block"),
	))
	filters := schema.Array(schema.Ref("meeting_filter"), 100)
	combined := func(items schema.Type) *schema.ObjectType {
		return schema.Object(schema.Req("operator", schema.Literal("and", "or")), schema.Req("filters", items))
	}
	set.Define("meeting_filter", schema.Object(schema.Req("property", schema.String()), schema.Req("filter", meetingCondition())))
	set.Define("meeting_filter.inner", schema.Union(combined(filters), schema.Ref("meeting_filter")))
	set.Define("meeting_filter.outer", schema.Union(
		combined(schema.Array(schema.Ref("meeting_filter.inner"), 100)), schema.Ref("meeting_filter"),
	))
	set.Define("query_meeting_notes", schema.Object(
		schema.Opt("filter", schema.Object(
			schema.Req("operator", schema.Literal("and", "or")),
			schema.Opt("filters", schema.Array(schema.Ref("meeting_filter.outer"), 100)),
		)),
		schema.Opt("sort", schema.Array(schema.Object(
			schema.Req("property", schema.Literal(core.MeetingProperties()...)),
			schema.Req("direction", schema.Literal("ascending", "descending")),
		), 100)),
		schema.Opt("limit", schema.Number().Min(1).Max(100)),
	))
}

// newMeetingNotes is a request for notes of a recording, an upload or a block.
func newMeetingNotes(source string, more ...schema.Field) schema.Type {
	return schema.Object(append([]schema.Field{
		schema.Req("source", schema.Object(
			schema.Req("type", schema.Literal(source)), schema.Req(source+"_id", schema.UUID()),
		)),
		schema.Opt("title", schema.String()),
		schema.Opt("language", schema.Literal(meetingLanguages...)),
		schema.Opt("options", schema.Object(schema.Opt("kickoff_summary", schema.Bool()))),
	}, more...)...)
}

// meetingCondition is an operator with what it compares with: a text, a date, a period or
// people.
func meetingCondition() schema.Type {
	kind := schema.Req("type", schema.Literal("relative", "exact"))
	day := schema.Opt("start_time", schema.String())
	person := schema.Object(schema.Req("type", schema.Literal("exact")), schema.Req("value", schema.Object(
		schema.Req("table", schema.Literal("notion_user")), schema.Req("id", schema.UUID()),
	)))
	return schema.Object(
		schema.Req("operator", schema.String()),
		schema.Opt("value", schema.Union(
			schema.Object(kind, schema.Req("value", schema.Union(schema.String(), schema.Object(
				schema.Req("type", schema.Literal("date", "datetime")), schema.Req("start_date", schema.Date()), day,
				schema.Opt("time_zone", schema.String()),
			)))),
			schema.Object(kind, schema.Req("value", schema.Union(schema.String(), schema.Object(
				schema.Req("type", schema.Literal("daterange")), schema.Req("start_date", schema.Date()), schema.Opt("end_date", schema.Date()),
			))),
				schema.Opt("direction", schema.Literal("past", "future")),
				schema.Opt("unit", schema.Literal("day", "week", "month", "year")),
				schema.Opt("count", schema.Number().Min(0)),
			),
			person,
			schema.Array(person, 100),
		)),
	)
}
