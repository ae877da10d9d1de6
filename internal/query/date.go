package query

import (
	"slices"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/property"
	"octavo/internal/schema"
)

// instant makes the node that asks whether a time is in a range; days says whether the
// range is one of calendar days.
type instant func(r span) node

// span is a range of time, open at an end that is nil. Its ends in microseconds since 1970
// depend on whether a value is a whole day, which begins at midnight UTC, or a moment: the
// days of moments begin at midnight in the zone of the query.
type span struct{ moments, days bounds }

type bounds struct{ low, high *int64 } // high is not in the range

// pageTime is about a time of the page itself.
func pageTime(c column) instant {
	return func(s span) node { return within{c, s.moments.low, s.moments.high} }
}

// timeOf is about the values of a property.
func timeOf(prop *property.Property) instant {
	if own := column(prop.Type.Name); own == createdTime || own == lastEditedTime {
		return pageTime(own)
	}
	return func(s span) node {
		if s.moments.same(s.days) {
			return cellOf(prop, s.moments.test(nil))
		}
		yes, no := true, false
		return group{any: true, of: []node{
			cellOf(prop, s.days.test(&yes)),
			cellOf(prop, s.moments.test(&no)),
		}}
	}
}

func (b bounds) same(other bounds) bool { return equal(b.low, other.low) && equal(b.high, other.high) }

func equal(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

func (b bounds) test(day *bool) test {
	t := test{day: day}
	if b.low != nil {
		t.low = TimeKey(*b.low)
	}
	if b.high != nil {
		t.high = TimeKey(*b.high)
	}
	return t
}

// date reads a condition on a time (databases.md §3.5). Of a range, the start counts.
func (p *parser) date(c property.Condition, operand jsonx.Value, path string, of instant) (node, error) {
	switch c.Operand {
	case property.NoOperand:
		return negate(c.Negative, of(span{})), nil
	case property.PeriodOperand:
		first, last := p.period(c.Name)
		return of(p.days(&first, &last)), nil
	}
	path += "." + c.Name
	first, next, err := p.moment(operand, path)
	if err != nil {
		return nil, err
	}
	switch c.Name {
	case "equals":
		return of(between(first, next)), nil
	case "before":
		return of(between(span{}, first)), nil
	case "after":
		return of(between(next, span{})), nil
	case "on_or_before":
		return of(between(span{}, next)), nil
	default: // on_or_after
		return of(between(first, span{})), nil
	}
}

// between is from the beginning of one span to the beginning of another; one without a
// beginning leaves that end open.
func between(from, to span) span {
	return span{
		moments: bounds{from.moments.low, to.moments.low},
		days:    bounds{from.days.low, to.days.low},
	}
}

// moment reads a day or a minute, and returns it and the next one as spans of which only
// the beginning is set.
func (p *parser) moment(operand jsonx.Value, path string) (this, next span, err error) {
	if day, ok := p.relative(operand.Text()); ok {
		this, next = p.dayAndNext(day)
		return this, next, nil
	}
	text, ok := schema.ParseDate(operand.Text())
	if !ok {
		return this, next, errBadDate(path, operand)
	}
	if !text.HasTime { // a day of UTC, as every date without an offset
		return from(text.Time), from(text.Time.AddDate(0, 0, 1)), nil
	}
	start := text.Time.UTC().Truncate(time.Minute)
	return from(start), from(start.Add(time.Minute)), nil
}

// from is a span that begins at a moment, for whole days too: they begin at midnight UTC.
func from(t time.Time) span {
	at := t.UnixMicro()
	return span{moments: bounds{low: &at}, days: bounds{low: &at}}
}

// today is the calendar day of the query, as midnight UTC.
func (p *parser) today() time.Time {
	p.timed = true
	now := p.Now.In(p.zone())
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
}

func (p *parser) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// beginning is the span that begins with a day, given as midnight UTC.
func (p *parser) beginning(day time.Time) span {
	inZone := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.zone()).UnixMicro()
	atUTC := day.UnixMicro()
	return span{moments: bounds{low: &inZone}, days: bounds{low: &atUTC}}
}

func (p *parser) dayAndNext(day time.Time) (this, next span) {
	return p.beginning(day), p.beginning(day.AddDate(0, 0, 1))
}

// days is the span from the first to the last of some days.
func (p *parser) days(first, last *time.Time) span {
	_, next := p.dayAndNext(*last)
	return between(p.beginning(*first), next)
}

// relative returns the day that a word of [property.RelativeDates] means.
func (p *parser) relative(word string) (time.Time, bool) {
	if !slices.Contains(property.RelativeDates, word) {
		return time.Time{}, false
	}
	today := p.today()
	switch word {
	case "today":
		return today, true
	case "tomorrow":
		return today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), true
	case "one_week_ago":
		return today.AddDate(0, 0, -7), true
	case "one_week_from_now":
		return today.AddDate(0, 0, 7), true
	case "one_month_ago":
		return addMonths(today, -1), true
	default: // one_month_from_now
		return addMonths(today, 1), true
	}
}

// period returns the first and the last day of a condition that names a period. The past
// and next ones are rolling and have both the day of the query and the day at their other
// end; a week begins on Sunday.
func (p *parser) period(name string) (first, last time.Time) {
	today := p.today()
	switch name {
	case "past_week":
		return today.AddDate(0, 0, -7), today
	case "past_month":
		return addMonths(today, -1), today
	case "past_year":
		return addMonths(today, -12), today
	case "next_week":
		return today, today.AddDate(0, 0, 7)
	case "next_month":
		return today, addMonths(today, 1)
	case "next_year":
		return today, addMonths(today, 12)
	default: // this_week
		first = today.AddDate(0, 0, -int(today.Weekday()))
		return first, first.AddDate(0, 0, 6)
	}
}

// addMonths moves a day by months. Where the month is too short it is the last of the month.
func addMonths(day time.Time, months int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}
