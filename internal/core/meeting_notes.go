package core

import (
	"slices"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// meetingProperties are what meeting notes are filtered and sorted by, and the operators of
// each (services.md §5.2).
var meetingProperties = []struct {
	name      string
	operators []string
}{
	{"title", meetingTexts},
	{"created_time", meetingDates},
	{"last_edited_time", meetingDates},
	{"created_by", meetingPeople},
	{"last_edited_by", meetingPeople},
	{"attendees", meetingPeople},
}

var (
	meetingTexts = []string{
		"string_is", "string_is_not", "string_contains", "string_does_not_contain", "string_starts_with", "string_ends_with", "is_empty", "is_not_empty",
	}
	meetingDates = []string{
		"date_is", "date_is_before", "date_is_after", "date_is_on_or_before", "date_is_on_or_after", "date_is_within", "date_is_relative_to",
		"is_empty", "is_not_empty",
	}
	meetingPeople = []string{"person_contains", "person_does_not_contain", "is_empty", "is_not_empty"}
)

// MeetingProperties are the names of what meeting notes are filtered and sorted by.
func MeetingProperties() []string {
	names := make([]string, len(meetingProperties))
	for i, p := range meetingProperties {
		names[i] = p.name
	}
	return names
}

// MeetingNotes lists the meeting notes that a filter holds for. There are none, in any
// workspace: what writes them is a transcriber of recordings, which this server is not, and
// no request can write such a block. The filter is looked at all the same, so that one that
// means nothing is refused.
func (c *Core) MeetingNotes(filter jsonx.Value) (notion.Object, error) {
	if err := checkMeetingFilter(filter); err != nil {
		return nil, err
	}
	return &notion.List{Type: "block"}, nil
}

func checkMeetingFilter(filter jsonx.Value) error {
	for _, part := range filter.Get("filters").Items() {
		if err := checkMeetingFilter(part); err != nil {
			return err
		}
	}
	name := filter.Get("property")
	if !name.Defined() {
		return nil
	}
	for _, p := range meetingProperties {
		if p.name != name.Text() {
			continue
		}
		operator := filter.Get("filter").Get("operator").Text()
		if !slices.Contains(p.operators, operator) {
			return invalid("The operator %q is none of the property %q, which has: %s.", operator, p.name, strings.Join(p.operators, ", "))
		}
		hasValue, needs := filter.Get("filter").Has("value"), !strings.HasPrefix(operator, "is_")
		if hasValue != needs {
			return invalid("The operator %q of the property %q takes %s.", operator, p.name, map[bool]string{true: "a value", false: "no value"}[needs])
		}
		return nil
	}
	return invalid("Meeting notes cannot be filtered by %q, but by: %s.", name.Text(), strings.Join(MeetingProperties(), ", "))
}
