package formula

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateWriter appends one part of a formatted date.
type dateWriter func(dst []byte, t time.Time) []byte

// layoutSteps is what a byte of a layout costs: it can be a whole token.
const layoutSteps = 8

// formatDate shows a date by the tokens of Moment (databases.md §4.5), in the zone of the
// run or in one that is given.
func formatDate(r *Run, args []Value) Value {
	t := r.local(args[0])
	if len(args) > 2 && args[2].Text() != "" {
		zone := r.zones.get(args[2].Text(), loadZone)
		if zone == nil {
			return Value{}
		}
		if !args[0].dayOnly {
			t = t.In(zone)
		}
	}
	layout := args[1].Text()
	if !r.spend(1 + layoutSteps*len(layout)) {
		return failure
	}
	mark := len(r.text)
	for _, write := range r.layouts.get(layout, readLayout) {
		r.text = write(r.text, t)
		if len(r.text)-mark > MaxText {
			break
		}
	}
	return r.cutText(mark)
}

// loadZone returns nil when there is no zone of that name.
func loadZone(name string) *time.Location {
	if name == "Local" { // that would be the zone of the machine
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// readLayout cuts a layout into its parts. What is no token stands for itself, and so does
// what is between square brackets or after a backslash.
func readLayout(layout string) []dateWriter {
	var parts []dateWriter
	var plain []byte
	flush := func() {
		if len(plain) > 0 {
			text := string(plain)
			parts = append(parts, func(dst []byte, _ time.Time) []byte { return append(dst, text...) })
			plain = nil
		}
	}
	for layout != "" {
		if layout[0] == '[' {
			if end := strings.IndexByte(layout, ']'); end > 0 {
				plain = append(plain, layout[1:end]...)
				layout = layout[end+1:]
				continue
			}
		}
		escaped := layout[0] == '\\' && len(layout) > 1
		if escaped {
			layout = layout[1:]
		}
		token := longestToken(layout)
		switch {
		case token == nil:
			plain = append(plain, layout[0])
			layout = layout[1:]
			continue
		case escaped:
			plain = append(plain, token.text...)
		case token.long != "":
			flush()
			parts = append(parts, readLayout(token.long)...)
		default:
			flush()
			parts = append(parts, token.write)
		}
		layout = layout[len(token.text):]
	}
	flush()
	return parts
}

// dateToken is a token: written by a function, or short for a longer layout.
type dateToken struct {
	text  string
	write dateWriter
	long  string
}

// longestToken returns the longest token s begins with, or nil.
func longestToken(s string) *dateToken {
	for _, t := range tokensByLetter[s[0]] {
		if strings.HasPrefix(s, t.text) {
			return t
		}
	}
	return nil
}

// tokensByLetter has the tokens that begin with a letter, longest first.
var tokensByLetter = func() (byLetter [256][]*dateToken) {
	for i := range dateTokens {
		letter := dateTokens[i].text[0]
		byLetter[letter] = append(byLetter[letter], &dateTokens[i])
	}
	for _, tokens := range byLetter {
		slices.SortFunc(tokens, func(a, b *dateToken) int { return len(b.text) - len(a.text) })
	}
	return byLetter
}()

// The functions below make writers: of a layout of Go's, and of a number with at least so
// many digits or with its ordinal ending.

func goLayout(layout string) dateWriter {
	return func(dst []byte, t time.Time) []byte { return t.AppendFormat(dst, layout) }
}

func digitsOf(number func(time.Time) int, least int) dateWriter {
	return func(dst []byte, t time.Time) []byte { return appendPadded(dst, number(t), least) }
}

func ordinalOf(number func(time.Time) int) dateWriter {
	return func(dst []byte, t time.Time) []byte {
		n := number(t)
		return append(strconv.AppendInt(dst, int64(n), 10), ordinalEnding(n)...)
	}
}

func appendPadded(dst []byte, n, least int) []byte {
	text := strconv.Itoa(n)
	for range least - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}

func ordinalEnding(n int) string {
	if n%100/10 == 1 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

func quarterOf(t time.Time) int { return (int(t.Month())-1)/3 + 1 }
func monthOf(t time.Time) int   { return int(t.Month()) }
func weekdayOf(t time.Time) int { return int(t.Weekday()) }

func isoWeekOf(t time.Time) int { _, week := t.ISOWeek(); return week }
func isoYearOf(t time.Time) int { year, _ := t.ISOWeek(); return year }

// usWeek numbers weeks as the United States do: they begin on Sunday, and the first is the
// one with the first of January.
func usWeek(t time.Time) (year, week int) {
	saturday := t.AddDate(0, 0, 6-int(t.Weekday()))
	return saturday.Year(), (saturday.YearDay()-1)/7 + 1
}

func usWeekOf(t time.Time) int { _, week := usWeek(t); return week }
func usYearOf(t time.Time) int { year, _ := usWeek(t); return year }

func hour12(t time.Time) int { return (t.Hour()+11)%12 + 1 }
func hour24(t time.Time) int { return (t.Hour()+23)%24 + 1 }

func shortYear(year func(time.Time) int) dateWriter {
	return digitsOf(func(t time.Time) int { return year(t) % 100 }, 2)
}

func twoLetters(dst []byte, t time.Time) []byte { return append(dst, t.Weekday().String()[:2]...) }

func fraction(figures int) dateWriter {
	return func(dst []byte, t time.Time) []byte {
		nanos := appendPadded(nil, t.Nanosecond(), 9)
		return append(dst, nanos[:figures]...)
	}
}

func unixSeconds(dst []byte, t time.Time) []byte { return strconv.AppendInt(dst, t.Unix(), 10) }
func unixMillis(dst []byte, t time.Time) []byte  { return strconv.AppendInt(dst, t.UnixMilli(), 10) }

var dateTokens = []dateToken{
	{text: "Y", write: digitsOf(time.Time.Year, 1)}, {text: "YY", write: shortYear(time.Time.Year)},
	{text: "YYYY", write: digitsOf(time.Time.Year, 4)},
	{text: "Q", write: digitsOf(quarterOf, 1)}, {text: "Qo", write: ordinalOf(quarterOf)},
	{text: "M", write: digitsOf(monthOf, 1)}, {text: "Mo", write: ordinalOf(monthOf)},
	{text: "MM", write: digitsOf(monthOf, 2)}, {text: "MMM", write: goLayout("Jan")}, {text: "MMMM", write: goLayout("January")},
	{text: "D", write: digitsOf(time.Time.Day, 1)}, {text: "Do", write: ordinalOf(time.Time.Day)},
	{text: "DD", write: digitsOf(time.Time.Day, 2)},
	{text: "DDD", write: digitsOf(time.Time.YearDay, 1)}, {text: "DDDo", write: ordinalOf(time.Time.YearDay)},
	{text: "DDDD", write: digitsOf(time.Time.YearDay, 3)},
	{text: "d", write: digitsOf(weekdayOf, 1)}, {text: "do", write: ordinalOf(weekdayOf)}, {text: "dd", write: twoLetters},
	{text: "ddd", write: goLayout("Mon")}, {text: "dddd", write: goLayout("Monday")},
	{text: "e", write: digitsOf(weekdayOf, 1)}, {text: "E", write: digitsOf(isoWeekday, 1)},
	{text: "w", write: digitsOf(usWeekOf, 1)}, {text: "wo", write: ordinalOf(usWeekOf)}, {text: "ww", write: digitsOf(usWeekOf, 2)},
	{text: "W", write: digitsOf(isoWeekOf, 1)}, {text: "Wo", write: ordinalOf(isoWeekOf)}, {text: "WW", write: digitsOf(isoWeekOf, 2)},
	{text: "gg", write: shortYear(usYearOf)}, {text: "gggg", write: digitsOf(usYearOf, 4)},
	{text: "GG", write: shortYear(isoYearOf)}, {text: "GGGG", write: digitsOf(isoYearOf, 4)},
	{text: "H", write: digitsOf(time.Time.Hour, 1)}, {text: "HH", write: digitsOf(time.Time.Hour, 2)},
	{text: "h", write: digitsOf(hour12, 1)}, {text: "hh", write: digitsOf(hour12, 2)},
	{text: "k", write: digitsOf(hour24, 1)}, {text: "kk", write: digitsOf(hour24, 2)},
	{text: "m", write: digitsOf(time.Time.Minute, 1)}, {text: "mm", write: digitsOf(time.Time.Minute, 2)},
	{text: "s", write: digitsOf(time.Time.Second, 1)}, {text: "ss", write: digitsOf(time.Time.Second, 2)},
	{text: "S", write: fraction(1)}, {text: "SS", write: fraction(2)}, {text: "SSS", write: fraction(3)},
	{text: "A", write: goLayout("PM")}, {text: "a", write: goLayout("pm")},
	{text: "Z", write: goLayout("-07:00")}, {text: "ZZ", write: goLayout("-0700")},
	{text: "z", write: goLayout("MST")}, {text: "zz", write: goLayout("MST")},
	{text: "X", write: unixSeconds}, {text: "x", write: unixMillis},
	{text: "LT", long: "h:mm A"}, {text: "LTS", long: "h:mm:ss A"},
	{text: "L", long: "MM/DD/YYYY"}, {text: "LL", long: "MMMM D, YYYY"},
	{text: "LLL", long: "MMMM D, YYYY h:mm A"}, {text: "LLLL", long: "dddd, MMMM D, YYYY h:mm A"},
	{text: "l", long: "M/D/YYYY"}, {text: "ll", long: "MMM D, YYYY"},
	{text: "lll", long: "MMM D, YYYY h:mm A"}, {text: "llll", long: "ddd, MMM D, YYYY h:mm A"},
}
