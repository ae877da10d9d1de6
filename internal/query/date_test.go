package query

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"octavo/internal/jsonx"
	"octavo/internal/property"
)

// zones are places where days begin at all kinds of moments, or twice, or not at midnight.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Apia", "America/Sao_Paulo",
	"Africa/Monrovia", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Atlantic/Azores",
}

// asks are conditions that name days, as a plain question about two calendar days: that of
// the value and that of the query.
var asks = []struct {
	condition, operand string
	holds              func(day, today time.Time) bool
}{
	{"equals", `"today"`, func(d, t time.Time) bool { return d.Equal(t) }},
	{"before", `"today"`, func(d, t time.Time) bool { return d.Before(t) }},
	{"after", `"today"`, func(d, t time.Time) bool { return d.After(t) }},
	{"on_or_before", `"today"`, func(d, t time.Time) bool { return !d.After(t) }},
	{"on_or_after", `"today"`, func(d, t time.Time) bool { return !d.Before(t) }},
	{"equals", `"tomorrow"`, func(d, t time.Time) bool { return d.AddDate(0, 0, -1).Equal(t) }},
	{"equals", `"yesterday"`, func(d, t time.Time) bool { return d.AddDate(0, 0, 1).Equal(t) }},
	{"equals", `"one_week_ago"`, func(d, t time.Time) bool { return d.AddDate(0, 0, 7).Equal(t) }},
	{"equals", `"one_week_from_now"`, func(d, t time.Time) bool { return d.AddDate(0, 0, -7).Equal(t) }},
	{"equals", `"one_month_ago"`, func(d, t time.Time) bool { return d.Equal(monthsOn(t, -1)) }},
	{"equals", `"one_month_from_now"`, func(d, t time.Time) bool { return d.Equal(monthsOn(t, 1)) }},
	{"past_week", `{}`, func(d, t time.Time) bool { return !d.After(t) && !d.Before(t.AddDate(0, 0, -7)) }},
	{"next_week", `{}`, func(d, t time.Time) bool { return !d.Before(t) && !d.After(t.AddDate(0, 0, 7)) }},
	{"past_month", `{}`, func(d, t time.Time) bool { return !d.After(t) && !d.Before(monthsOn(t, -1)) }},
	{"next_month", `{}`, func(d, t time.Time) bool { return !d.Before(t) && !d.After(monthsOn(t, 1)) }},
	{"past_year", `{}`, func(d, t time.Time) bool { return !d.After(t) && !d.Before(monthsOn(t, -12)) }},
	{"next_year", `{}`, func(d, t time.Time) bool { return !d.Before(t) && !d.After(monthsOn(t, 12)) }},
	{"this_week", `{}`, func(d, t time.Time) bool { return sunday(d).Equal(sunday(t)) }},
}

func sunday(day time.Time) time.Time {
	for day.Weekday() != time.Sunday {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// monthsOn counts months on the calendar, and days back from where there is no such day.
func monthsOn(day time.Time, months int) time.Time {
	index := day.Year()*12 + int(day.Month()) - 1 + months
	for d := day.Day(); ; d-- {
		if t := time.Date(index/12, time.Month(index%12+1), d, 0, 0, 0, 0, time.UTC); t.Day() == d {
			return t
		}
	}
}

func calendarDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// TestDaysOfZones compares conditions that name days with the calendar of a zone.
func TestDaysOfZones(t *testing.T) {
	schema := schemaOf(t, `{"Name":{"title":{}},"D":{"date":{}}}`)
	prop := schema.Find("D")
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(-3e9, 4e9).Draw(t, "now"), 0).UTC()
		ask := rapid.SampledFrom(asks).Draw(t, "ask")
		// Near the ends of what the condition names, where it matters.
		today := calendarDay(now.In(zone))
		near := rapid.SampledFrom([]time.Time{
			today, today.AddDate(0, 0, 7), today.AddDate(0, 0, -7), monthsOn(today, 1), monthsOn(today, -1), monthsOn(today, 12), monthsOn(today, -12),
		}).Draw(t, "near")
		value := near.Add(time.Duration(rapid.IntRange(-60*60, 60*60).Draw(t, "minutes")) * time.Minute)
		whole := rapid.Bool().Draw(t, "whole day")

		p := parser{Env: &Env{Schema: schema, Now: now, Zone: zone}}
		operand, err := jsonx.Parse([]byte(`{"` + ask.condition + `":` + ask.operand + `}`))
		if err != nil {
			t.Fatal(err)
		}
		c, of := condition(operand, property.DateFamily)
		n, err := p.date(c, of, "body.filter.date", timeOf(prop))
		if err != nil {
			t.Fatal(err)
		}
		day := calendarDay(value.In(zone))
		if whole {
			value = calendarDay(value)
			day = value
		}
		from := value.UnixMicro()
		got := holds(n, []property.Cell{{From: &from, Day: whole}})
		if want := ask.holds(day, today); got != want {
			t.Fatalf("in %s at %s: %s (whole day: %v) %s %s: %v", zone, now, value, whole, ask.condition, ask.operand, got)
		}
	})
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		day    string
		months int
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2024-01-31", 1, "2024-02-29"}, {"2026-03-31", -1, "2026-02-28"}, {"2026-01-15", -1, "2025-12-15"},
		{"2026-12-31", 1, "2027-01-31"}, {"2024-02-29", 12, "2025-02-28"}, {"2024-02-29", -12, "2023-02-28"}, {"2026-05-31", 1, "2026-06-30"},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := addMonths(day, c.months).Format(time.DateOnly); got != c.want {
			t.Errorf("%s and %d months: %s, want %s", c.day, c.months, got, c.want)
		}
	}
}
