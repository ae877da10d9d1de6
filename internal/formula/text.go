package formula

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Places and lengths in texts are counted in UTF-16 units, as JavaScript does.

// units returns the length of s.
func units(s string) int {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 0xF0:
			n += 2
		case c < 0x80 || c >= 0xC0:
			n++
		}
	}
	return n
}

// cut returns the units of s from one to before the other, both within s. Half of what
// takes two units becomes U+FFFD.
func cut(s string, from, to int) string {
	if from >= to {
		return ""
	}
	start, half := seek(s, from)
	lead := ""
	if half {
		lead, start = "\ufffd", min(start+4, len(s))
	}
	end, split := seek(s, to)
	if split {
		return lead + s[start:end] + "\ufffd"
	}
	return lead + s[start:end]
}

// seek returns the byte at which the unit with index n begins. When it is the second half
// of a character, it is where the character begins.
func seek(s string, n int) (at int, half bool) {
	for at < len(s) && n > 0 {
		c := s[at]
		switch {
		case c < 0x80:
			at++
		case c < 0xE0:
			at += 2
		case c < 0xF0:
			at += 3
		case n == 1:
			return at, true
		default:
			at += 4
			n--
		}
		n--
	}
	return min(at, len(s)), false
}

// place returns a place in a sequence of n for JavaScript's slice: counted from the end
// when negative, and cut to what there is.
func place(f float64, n int) int {
	f = math.Trunc(f)
	if f < 0 {
		f += float64(n)
	}
	return int(max(0, min(f, float64(n))))
}

// bounds returns the two places given by the arguments from index 1 on.
func bounds(args []Value, n int) (from, to int) {
	from, to = place(args[1].Number(), n), n
	if len(args) > 2 {
		to = place(args[2].Number(), n)
	}
	return from, max(from, to)
}

func substring(r *Run, args []Value) Value {
	s := args[0].Text()
	if !r.spendText(len(s)) {
		return failure
	}
	from, to := bounds(args, units(s))
	return TextValue(cut(s, from, to))
}

// contains finds the empty text everywhere, and a blank one nowhere.
func contains(r *Run, text, search Value) Value {
	if search.IsBlank() {
		return BoolValue(false)
	}
	if !r.spendText(len(text.Text())) {
		return failure
	}
	return BoolValue(strings.Contains(text.Text(), search.Text()))
}

func lower(r *Run, v Value) Value { return r.newText(strings.ToLower(v.Text())) }

// upper is JavaScript's: of the characters that become several, only ß is in common use.
func upper(r *Run, v Value) Value {
	return r.newText(strings.ReplaceAll(strings.ToUpper(v.Text()), "ß", "SS"))
}

func trim(r *Run, v Value) Value {
	if !r.spendText(len(v.Text())) {
		return failure
	}
	return TextValue(strings.TrimFunc(v.Text(), isSpace))
}

// isSpace reports whether JavaScript's trim removes r.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\v', '\f', '\r', 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return r >= 0x2000 && r <= 0x200A
}

func repeat(r *Run, text, times Value) Value {
	s := text.Text()
	n := int(min(maxRepeat, max(0, math.Ceil(times.Number()))))
	if n*len(s) > MaxText {
		return r.fail(ErrText)
	}
	return r.newText(strings.Repeat(s, n))
}

func padStart(r *Run, args []Value) Value {
	s, pad := r.padding(args)
	return r.newText(pad + s)
}

func padEnd(r *Run, args []Value) Value {
	s, pad := r.padding(args)
	return r.newText(s + pad)
}

// padding returns the text, and what is missing of it to the wanted length.
func (r *Run) padding(args []Value) (s, pad string) {
	s, pad = format(r, args[0]).Text(), " "
	if len(args) > 2 {
		pad = args[2].Text()
	}
	length := units(pad)
	missing := min(math.Trunc(args[1].Number()), MaxText+1) - float64(units(s))
	if missing <= 0 || length == 0 {
		return s, ""
	}
	n := int(missing)
	return s, cut(strings.Repeat(pad, n/length+1), 0, n)
}

// link returns the label: the API shows texts without their links.
func link(_ *Run, label, _ Value) Value { return label }

// style returns the text: the API shows texts without their styles.
func style(_ *Run, args []Value) Value { return args[0] }

func split(r *Run, args []Value) Value {
	s, separator := format(r, args[0]).Text(), " "
	if len(args) > 1 {
		separator = format(r, args[1]).Text()
	}
	n := strings.Count(s, separator) + 1
	if separator == "" {
		n = utf8.RuneCountInString(s)
	}
	list, ok := r.newList(n)
	if !ok || !r.spendText(len(s)) {
		return failure
	}
	for i := range list {
		part, rest, _ := strings.Cut(s, separator)
		if separator == "" {
			_, size := utf8.DecodeRuneInString(s)
			part, rest = s[:size], s[size:]
		}
		list[i], s = TextValue(part), rest
	}
	return ListValue(list)
}

func join(r *Run, list, separator Value) Value {
	mark := len(r.text)
	r.appendJoined(list.Items(), separator.Text())
	return r.cutText(mark)
}
