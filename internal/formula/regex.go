package formula

import (
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// compileRegex returns nil for what is no regular expression of ECMAScript.
func compileRegex(pattern string) (re *regexp2.Regexp) {
	if len(pattern) > maxPattern {
		return nil
	}
	// The library is large, and the pattern is whatever someone wrote: should it ever panic,
	// the pattern is one that cannot be used.
	defer func() {
		if recover() != nil {
			re = nil
		}
	}()
	re, err := regexp2.Compile(pattern, regexp2.ECMAScript, regexp2.OptionMaxBacktrackingStackSize(maxRegexStack))
	if err != nil {
		return nil
	}
	return re
}

// search lets use search for a pattern in s, within the bounds of a row. When it reports
// false, the value cannot be computed.
func (r *Run) search(pattern, s string, use func(*regexp2.Regexp) error) (ok bool) {
	if !r.spendText(len(s)+16*len(pattern)) || r.regexLeft <= 0 {
		return false
	}
	re := r.regexes.get(pattern, compileRegex)
	if re == nil {
		return false
	}
	// This is about work, not about dates, so it is not the clock of the run.
	began := time.Now()
	defer func() {
		if r.regexLeft -= time.Since(began); r.regexLeft <= 0 {
			r.Fail(ErrRegex)
		}
		if recover() != nil { // see compileRegex
			ok = false
		}
	}()
	re.MatchTimeout = MaxRegexTime
	if err := use(re); err != nil {
		r.Fail(ErrRegex)
	}
	return r.err == nil
}

// matchSteps is what a match costs beside its text.
const matchSteps = 24

// eachMatch calls found for each place where the pattern occurs in s, until it reports
// false.
func (r *Run) eachMatch(pattern, s string, found func(*regexp2.Match) bool) bool {
	return r.search(pattern, s, func(re *regexp2.Regexp) error {
		m, err := re.FindStringMatch(s)
		for m != nil && err == nil && r.spend(matchSteps) && found(m) {
			m, err = re.FindNextMatch(m)
		}
		return err
	})
}

func test(r *Run, text, pattern Value) Value {
	if pattern.IsBlank() {
		return BoolValue(false)
	}
	var found bool
	ok := r.search(pattern.Text(), text.Text(), func(re *regexp2.Regexp) (err error) {
		found, err = re.MatchString(text.Text())
		return err
	})
	if !ok {
		return failure
	}
	return BoolValue(found)
}

// match returns all occurrences. Their number is bounded by the steps they cost.
func match(r *Run, text, pattern Value) Value {
	var list []Value
	ok := r.eachMatch(pattern.Text(), text.Text(), func(m *regexp2.Match) bool {
		from, to := span(&m.Group)
		list = append(list, TextValue(text.Text()[from:to]))
		return true
	})
	if !ok {
		return failure
	}
	return ListValue(list)
}

// span returns the bytes a group covers.
func span(g *regexp2.Group) (from, to int) {
	from, size := g.ByteRange()
	return from, from + size
}

func replace(r *Run, args []Value) Value    { return r.replace(args, false) }
func replaceAll(r *Run, args []Value) Value { return r.replace(args, true) }

func (r *Run) replace(args []Value, all bool) Value {
	s, template := args[0].Text(), args[2].Text()
	mark, done := len(r.text), 0
	ok := r.eachMatch(args[1].Text(), s, func(m *regexp2.Match) bool {
		from, to := span(&m.Group)
		r.text = append(r.text, s[done:from]...)
		r.substitute(template, s, m, mark)
		done = to
		return all && len(r.text)-mark <= MaxText
	})
	r.text = append(r.text, s[done:]...)
	v := r.cutText(mark)
	if !ok {
		return failure
	}
	return v
}

// substitute adds the replacement of a match to r.text, as ECMAScript's GetSubstitution
// makes it.
func (r *Run) substitute(template, s string, m *regexp2.Match, mark int) {
	from, to := span(&m.Group)
	for len(r.text)-mark <= MaxText {
		before, rest, isSign := strings.Cut(template, "$")
		r.text = append(r.text, before...)
		if !isSign {
			return
		}
		template = rest
		if rest == "" {
			r.text = append(r.text, '$')
			return
		}
		size := 1
		switch c := rest[0]; {
		case c == '$':
			r.text = append(r.text, '$')
		case c == '&':
			r.text = append(r.text, s[from:to]...)
		case c == '`':
			r.text = append(r.text, s[:from]...)
		case c == '\'':
			r.text = append(r.text, s[to:]...)
		case isDigit(c):
			size = r.substituteNumber(rest, s, m)
		case c == '<':
			size = r.substituteName(rest, s, m)
		default:
			r.text = append(r.text, '$')
			size = 0
		}
		template = rest[size:]
	}
}

// substituteNumber handles $1 to $99 and returns how many bytes after the sign it took.
func (r *Run) substituteNumber(rest, s string, m *regexp2.Match) int {
	groups := m.Groups()
	number, size := int(rest[0]-'0'), 1
	if len(rest) > 1 && isDigit(rest[1]) {
		if two := number*10 + int(rest[1]-'0'); two < len(groups) {
			number, size = two, 2
		}
	}
	if number == 0 || number >= len(groups) {
		r.text = append(r.text, '$')
		return 0
	}
	r.appendGroup(s, &groups[number])
	return size
}

// substituteName handles $<name>; in a pattern without names it stands for itself.
func (r *Run) substituteName(rest, s string, m *regexp2.Match) int {
	end := strings.IndexByte(rest, '>')
	if end < 0 || !hasNames(m) {
		r.text = append(r.text, '$')
		return 0
	}
	if g := m.GroupByName(rest[1:end]); g != nil {
		r.appendGroup(s, g)
	}
	return end + 1
}

func hasNames(m *regexp2.Match) bool {
	for _, g := range m.Groups() {
		if g.Name != "" && !isDigit(g.Name[0]) {
			return true
		}
	}
	return false
}

func (r *Run) appendGroup(s string, g *regexp2.Group) {
	if len(g.Captures) == 0 {
		return
	}
	from, to := span(g)
	r.text = append(r.text, s[from:to]...)
}
