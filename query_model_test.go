package octavo_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What follows says what a query answers, written from databases.md §3 in the plainest way:
// every row is looked at, every condition is a few lines on the JSON that the API shows. It
// shares nothing with the server.

// modelRow is a row as the API showed it last.
type modelRow struct {
	id string
	// values holds, by name of property, what is under the key named like the type.
	values            map[string]any
	born              int // how many rows were made before
	created, edited   time.Time
	maker, toucher    string
	trashed, archived bool
	template          bool // of the data source
}

// model knows a data source.
type model struct {
	rows []*modelRow
	// kinds holds the types of properties by name.
	kinds map[string]string
	// options are the names of options in their order, by property.
	options map[string][]string
	// groups are the options of the groups of the status.
	groups map[string][]string
	// people are the names of users by id, titles those of pages that can be related to.
	people, titles map[string]string
	now            time.Time
}

type object = map[string]any

// answer returns the ids of the rows that pass the filter, nil for all, in order.
func (m *model) answer(filter any, sorts []any, trashed, archived bool) []string {
	var rows []*modelRow
	for _, r := range m.rows {
		if r.trashed == trashed && r.archived == archived && !r.template && (filter == nil || m.passes(r, filter.(object))) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *modelRow) int {
		for _, s := range sorts {
			if n := m.compare(a, b, s.(object)); n != 0 {
				return n
			}
		}
		return cmp.Compare(b.born, a.born) // the newest first
	})
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

func (m *model) passes(r *modelRow, filter object) bool {
	if list, ok := filter["and"]; ok {
		for _, f := range list.([]any) {
			if !m.passes(r, f.(object)) {
				return false
			}
		}
		return true
	}
	if list, ok := filter["or"]; ok {
		for _, f := range list.([]any) {
			if m.passes(r, f.(object)) {
				return true
			}
		}
		return len(list.([]any)) == 0 // a list that says nothing asks for nothing
	}
	if t, ok := filter["timestamp"]; ok {
		return m.dateHolds(r.time(t.(string)), filter[t.(string)].(object))
	}
	property := filter["property"].(string)
	for kind, condition := range filter {
		if c, ok := condition.(object); ok {
			return m.holds(r, property, kind, c)
		}
	}
	panic("no condition")
}

func (r *modelRow) time(name string) any {
	t := r.created
	if name == "last_edited_time" {
		t = r.edited
	}
	return object{"start": t.Format("2006-01-02T15:04:05Z")}
}

// holds is one condition of one property.
func (m *model) holds(r *modelRow, property, kind string, c object) bool {
	v := r.values[property]
	switch m.kinds[property] {
	case "title", "rich_text", "url", "email", "phone_number":
		return textHolds(plainText(v), c)
	case "number":
		return numberHolds(v, c)
	case "unique_id":
		return numberHolds(v.(object)["number"], c)
	case "checkbox":
		if want, ok := c["equals"]; ok {
			return v == want
		}
		return v != c["does_not_equal"]
	case "select", "status":
		var have []string
		if v != nil {
			have = []string{v.(object)["name"].(string)}
		}
		return m.optionHolds(property, have, c, "equals", "does_not_equal")
	case "multi_select":
		return m.optionHolds(property, namesOf(v), c, "contains", "does_not_contain")
	case "people":
		return listHolds(idsOf(v), c)
	case "relation":
		return listHolds(idsOf(v), c)
	case "files":
		return listHolds(make([]string, len(v.([]any))), c)
	case "created_by":
		return listHolds([]string{r.maker}, c)
	case "last_edited_by":
		return listHolds([]string{r.toucher}, c)
	case "created_time", "last_edited_time":
		return m.dateHolds(r.time(m.kinds[property]), c)
	case "date":
		return m.dateHolds(v, c)
	}
	panic(kind)
}

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		text := ""
		for _, it := range v {
			text += it.(object)["plain_text"].(string)
		}
		return text
	}
	return ""
}

func textHolds(have string, c object) bool {
	empty := strings.TrimSpace(have) == ""
	if empty {
		have = "" // blank is empty
	}
	have = strings.ToLower(have)
	for name, operand := range c {
		text, _ := operand.(string)
		text = strings.ToLower(text)
		blank := strings.TrimSpace(text) == ""
		switch name {
		case "equals":
			return have == text || empty && blank
		case "does_not_equal":
			return !(have == text || empty && blank)
		case "contains":
			return strings.Contains(have, text)
		case "does_not_contain":
			return !strings.Contains(have, text)
		case "starts_with":
			return strings.HasPrefix(have, text)
		case "ends_with":
			return strings.HasSuffix(have, text)
		case "is_empty":
			return empty
		case "is_not_empty":
			return !empty
		}
	}
	panic("no text condition")
}

// numberHolds: what is empty is unequal to every number, and neither less nor greater.
func numberHolds(v any, c object) bool {
	have, known := v.(float64)
	for name, operand := range c {
		want, _ := operand.(float64)
		switch name {
		case "equals":
			return known && have == want
		case "does_not_equal":
			return !known || have != want
		case "greater_than":
			return known && have > want
		case "less_than":
			return known && have < want
		case "greater_than_or_equal_to":
			return known && have >= want
		case "less_than_or_equal_to":
			return known && have <= want
		case "is_empty":
			return !known
		case "is_not_empty":
			return known
		}
	}
	panic("no number condition")
}

func (m *model) optionHolds(property string, have []string, c object, positive, negative string) bool {
	for name, operand := range c {
		switch name {
		case positive, negative:
			hit := false
			for _, want := range m.optionsMeant(property, operand) {
				hit = hit || slices.Contains(have, want)
			}
			return hit == (name == positive)
		case "is_empty":
			return len(have) == 0
		case "is_not_empty":
			return len(have) > 0
		}
	}
	panic("no option condition")
}

func (m *model) optionsMeant(property string, operand any) []string {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	var meant []string
	for _, it := range list {
		if options, isGroup := m.groups[it.(string)]; isGroup && !slices.Contains(m.options[property], it.(string)) {
			meant = append(meant, options...)
			continue
		}
		for _, o := range m.options[property] {
			if strings.EqualFold(o, it.(string)) {
				meant = append(meant, o)
			}
		}
	}
	return meant
}

func listHolds(have []string, c object) bool {
	for name, operand := range c {
		switch name {
		case "contains":
			return slices.Contains(have, operand.(string))
		case "does_not_contain":
			return !slices.Contains(have, operand.(string))
		case "is_empty":
			return len(have) == 0
		case "is_not_empty":
			return len(have) > 0
		}
	}
	panic("no list condition")
}

func idsOf(v any) []string {
	var ids []string
	for _, it := range v.([]any) {
		ids = append(ids, it.(object)["id"].(string))
	}
	return ids
}

func namesOf(v any) []string {
	var names []string
	for _, it := range v.([]any) {
		names = append(names, it.(object)["name"].(string))
	}
	return names
}

// dateHolds compares days when the operand is a day and minutes when it is a moment. Of a
// range, the start counts; a day without a time is midnight UTC.
func (m *model) dateHolds(v any, c object) bool {
	for name, operand := range c {
		switch name {
		case "is_empty":
			return v == nil
		case "is_not_empty":
			return v != nil
		}
		if v == nil {
			return false
		}
		have, _ := parseModelTime(v.(object)["start"].(string))
		if _, isPeriod := operand.(object); isPeriod {
			first, last := m.period(name)
			day := dayOf(have)
			return !day.Before(first) && !day.After(last)
		}
		want, isDay := m.moment(operand.(string))
		if isDay {
			have = dayOf(have)
		} else {
			have, want = have.Truncate(time.Minute), want.Truncate(time.Minute)
		}
		switch name {
		case "equals":
			return have.Equal(want)
		case "before":
			return have.Before(want)
		case "after":
			return have.After(want)
		case "on_or_before":
			return !have.After(want)
		case "on_or_after":
			return !have.Before(want)
		}
	}
	panic("no date condition")
}

func dayOf(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func parseModelTime(s string) (t time.Time, isDay bool) {
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return t, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, false
		}
	}
	panic("no time: " + s)
}

func (m *model) moment(s string) (t time.Time, isDay bool) {
	today := dayOf(m.now)
	days := map[string]int{"today": 0, "tomorrow": 1, "yesterday": -1, "one_week_ago": -7, "one_week_from_now": 7}
	if n, ok := days[s]; ok {
		return today.AddDate(0, 0, n), true
	}
	switch s {
	case "one_month_ago":
		return sameDayOfMonth(today, -1), true
	case "one_month_from_now":
		return sameDayOfMonth(today, 1), true
	}
	return parseModelTime(s)
}

// sameDayOfMonth is the same day some months on, or the last one of a month that is shorter.
func sameDayOfMonth(day time.Time, months int) time.Time {
	month := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0).Month()
	t := day.AddDate(0, months, 0)
	for t.Month() != month {
		t = t.AddDate(0, 0, -1)
	}
	return t
}

func (m *model) period(name string) (first, last time.Time) {
	today := dayOf(m.now)
	switch name {
	case "past_week":
		return today.AddDate(0, 0, -7), today
	case "past_month":
		return sameDayOfMonth(today, -1), today
	case "past_year":
		return sameDayOfMonth(today, -12), today
	case "next_week":
		return today, today.AddDate(0, 0, 7)
	case "next_month":
		return today, sameDayOfMonth(today, 1)
	case "next_year":
		return today, sameDayOfMonth(today, 12)
	}
	first = today
	for first.Weekday() != time.Sunday {
		first = first.AddDate(0, 0, -1)
	}
	return first, first.AddDate(0, 0, 6)
}

// compare orders two rows by one sort. Rows without a value are last in both directions.
func (m *model) compare(a, b *modelRow, sort object) int {
	x, y := m.sortValue(a, sort), m.sortValue(b, sort)
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	}
	n := 0
	switch x := x.(type) {
	case float64:
		n = cmp.Compare(x, y.(float64))
	case string:
		n = compareNatural(x, y.(string))
	case []int:
		n = slices.Compare(x, y.([]int))
	case time.Time:
		n = x.Compare(y.(time.Time))
	}
	if sort["direction"] == "descending" {
		return -n
	}
	return n
}

func (m *model) sortValue(r *modelRow, sort object) any {
	property, _ := sort["property"].(string)
	kind := m.kinds[property]
	if t, ok := sort["timestamp"]; ok {
		kind = t.(string)
	}
	v := r.values[property]
	switch kind {
	case "created_time":
		return float64(r.born) // the order in which they were made, whatever the clock said
	case "last_edited_time":
		return r.edited
	case "title", "rich_text", "url", "email", "phone_number":
		return textOrNil(plainText(v))
	case "place":
		if v == nil {
			return nil
		}
		for _, key := range []string{"name", "address"} {
			if s, _ := v.(object)[key].(string); s != "" {
				return textOrNil(s)
			}
		}
		return nil
	case "number":
		return v
	case "unique_id":
		return v.(object)["number"]
	case "checkbox":
		if v == true {
			return 1.0
		}
		return 0.0
	case "select", "status":
		if v == nil {
			return nil
		}
		return []int{m.rank(property, v.(object)["name"].(string))}
	case "multi_select":
		var ranks []int
		for _, name := range namesOf(v) {
			ranks = append(ranks, m.rank(property, name))
		}
		if ranks == nil {
			return nil
		}
		return ranks
	case "date":
		if v == nil {
			return nil
		}
		t, _ := parseModelTime(v.(object)["start"].(string))
		return t
	case "people":
		return m.firstNamed(idsOf(v), m.people)
	case "relation":
		return m.firstNamed(idsOf(v), m.titles)
	case "created_by":
		return textOrNil(m.people[r.maker])
	case "last_edited_by":
		return textOrNil(m.people[r.toucher])
	}
	panic(kind)
}

// rank is the place of an option: for a status first that of its group.
func (m *model) rank(property, name string) int {
	place := slices.Index(m.options[property], name)
	if m.kinds[property] == "status" {
		for i, g := range []string{"To-do", "In progress", "Complete"} {
			if slices.Contains(m.groups[g], name) {
				place = 1000*i + slices.Index(m.groups[g], name)
			}
		}
	}
	return place
}

func (m *model) firstNamed(ids []string, names map[string]string) any {
	if len(ids) == 0 {
		return nil
	}
	return textOrNil(names[ids[0]])
}

func textOrNil(s string) any {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return s
}

// compareNatural compares texts of spaces, full stops, digits and letters as people do:
// letters in either case alike, numbers as numbers.
func compareNatural(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	for a != "" && b != "" {
		x, restA := leadingNumber(a)
		y, restB := leadingNumber(b)
		if x >= 0 && y >= 0 {
			if x != y {
				return cmp.Compare(x, y)
			}
			a, b = restA, restB
			continue
		}
		const order = " .0123456789abcdefghijklmnopqrstuvwxyz"
		if n := cmp.Compare(strings.IndexByte(order, a[0]), strings.IndexByte(order, b[0])); n != 0 {
			return n
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingNumber(s string) (int, string) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == 0 {
		return -1, s
	}
	n, _ := strconv.Atoi(s[:end])
	return n, s[end:]
}
