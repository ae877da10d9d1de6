package property

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// Convert returns what a stored value becomes when the type of its property changes, in the
// stored form of the new type; Undefined for no value. It is asked for every page, those
// without a value too: a box that was never ticked becomes the text No (databases.md §2.5).
//
// Options are never made: a value becomes one that the new property declares or none.
func Convert(from, to *Property, stored jsonx.Value) jsonx.Value {
	if slices.Contains(lost[from.Type.Name], to.Type.Name) {
		return jsonx.Value{}
	}
	converted := convert(from, to, stored)
	if converted.Kind() == jsonx.Array && len(converted.Items()) == 0 || converted.Kind() == jsonx.String && converted.Text() == "" {
		return jsonx.Value{}
	}
	return converted
}

// lost are the pairs of types between which nothing survives although the one has a text
// that the other could read.
var lost = map[string][]string{
	"number":   {"date"},
	"date":     {"number", "url", "email", "phone_number", "select", "multi_select", "status"},
	"checkbox": {"number", "date"},
	"status":   {"number", "date"},
}

func convert(from, to *Property, stored jsonx.Value) jsonx.Value {
	if from.Type.Name == "people" && to.Type.Name == "rich_text" {
		return mentions(stored)
	}
	texts := from.texts(stored)
	if len(texts) == 0 {
		return jsonx.Value{}
	}
	switch to.Type.Name {
	case "rich_text":
		return richtext.FromPlain(strings.Join(texts, ",")).Value
	case "url", "email", "phone_number":
		return jsonx.StringValue(strings.Join(texts, ","))
	case "number":
		return sole(texts, leadingNumber)
	case "date":
		if from.Type.Name == "rich_text" {
			return sole(texts, anyDate)
		}
		return sole(texts, isoDate)
	case "select", "status":
		if isLine(from) && to.Type.Name == "select" {
			texts[0], _, _ = strings.Cut(texts[0], ",")
		}
		return to.declared(texts[0])
	case "multi_select":
		if isLine(from) {
			texts = strings.Split(texts[0], ",")
		}
		return to.allDeclared(texts)
	}
	return jsonx.Value{}
}

// isLine reports whether values of the type are one line of text that may list several.
func isLine(p *Property) bool {
	switch p.Type.Name {
	case "rich_text", "url", "email", "phone_number":
		return true
	}
	return false
}

// texts returns a stored value as texts, one for each item of a value that has several; none
// for a value that has no text.
func (p *Property) texts(stored jsonx.Value) []string {
	switch {
	case p.Type.Name == "checkbox":
		return []string{checkboxText(stored)}
	case p.Type.text == nil || !stored.Defined():
		return nil
	case p.Type.Name == "multi_select":
		var names []string
		for _, it := range stored.Items() {
			names = append(names, optionText(it))
		}
		return names
	}
	return []string{p.Type.text(stored)}
}

// Text returns a stored value as plain text, "" for types that have none.
func (p *Property) Text(stored jsonx.Value) string {
	if p.Type.text == nil {
		return ""
	}
	return p.Type.text(stored)
}

// mentions returns people as rich text that mentions them.
func mentions(stored jsonx.Value) jsonx.Value {
	var items []jsonx.Value
	for _, it := range stored.Items() {
		if it.Get("object").Text() != "user" {
			continue
		}
		items = append(items, jsonx.ObjectValue(jsonx.M("mention", jsonx.ObjectValue(jsonx.M("user", it)))))
	}
	// A mention of a user cannot be refused.
	t, err := richtext.Decode(jsonx.ArrayValue(items...))
	if err != nil {
		return jsonx.Value{}
	}
	return t.Value
}

// sole reads the only text; several say nothing.
func sole(texts []string, read func(string) jsonx.Value) jsonx.Value {
	if len(texts) != 1 {
		return jsonx.Value{}
	}
	return read(strings.TrimSpace(texts[0]))
}

// leadingNumber reads the number that a text begins with, as JavaScript's parseFloat does.
func leadingNumber(s string) jsonx.Value {
	end := 0
	digits := func() bool {
		start := end
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		return end > start
	}
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	any := digits()
	if end < len(s) && s[end] == '.' {
		dot := end
		end++
		if digits() {
			any = true
		} else {
			end = dot
		}
	}
	if !any {
		return jsonx.Value{}
	}
	if mantissa := end; end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		end++
		if end < len(s) && (s[end] == '+' || s[end] == '-') {
			end++
		}
		if !digits() {
			end = mantissa
		}
	}
	f, err := strconv.ParseFloat(s[:end], 64)
	if err != nil { // beyond float64
		return jsonx.Value{}
	}
	return jsonx.NumberValue(f)
}

func isoDate(s string) jsonx.Value {
	if _, ok := schema.ParseDate(s); !ok {
		return jsonx.Value{}
	}
	d, err := richtext.DecodeDate(jsonx.ObjectValue(jsonx.M("start", jsonx.StringValue(s))))
	if err != nil {
		return jsonx.Value{}
	}
	return d.Value()
}

// anyDate also reads days as they are written in most of Europe.
func anyDate(s string) jsonx.Value {
	if t, err := time.Parse("2/1/2006", s); err == nil {
		return isoDate(t.Format(time.DateOnly))
	}
	return isoDate(s)
}

// declared returns the option of that name as a value.
func (p *Property) declared(name string) jsonx.Value {
	o := optionByName(p.options, strings.TrimSpace(name))
	if o == nil {
		return jsonx.Value{}
	}
	return o.value()
}

func (p *Property) allDeclared(names []string) jsonx.Value {
	var chosen []Option
	for _, name := range names {
		o := optionByName(p.options, strings.TrimSpace(name))
		if o != nil && optionByID(chosen, o.ID) == nil {
			chosen = append(chosen, *o)
		}
	}
	return optionValues(chosen)
}
