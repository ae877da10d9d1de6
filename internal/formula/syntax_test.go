package formula

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestCanonical holds formulas and how they are printed.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// Spaces, comments and brackets (databases.md §4.1).
		{`1+2`, `1 + 2`},
		{"\n 1\t+ /* one */ 2 // two", `1 + 2`},
		{`if( true,1 ,2 )`, `if(true, 1, 2)`},
		{`((1))`, `1`},
		{`(1 + 2) + 3`, `1 + 2 + 3`},
		{`1 + (2 + 3)`, `1 + (2 + 3)`},
		{`(1 * 2) + 3`, `1 * 2 + 3`},
		{`1 * (2 + 3)`, `1 * (2 + 3)`},
		{`{{notion:block_property:nu%3Bm:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}* 2`,
			`{{notion:block_property:nu%3Bm:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}} * 2`},
		// Literals (§4.2).
		{`1e3 + 3.14 + 1E-3`, `1e3 + 3.14 + 1E-3`},
		{`3.round()`, `3.round()`},
		{`3.5.round()`, `3.5.round()`},
		{`"a\"b\\c\nd\te"`, `"a\"b\\c\nd\te"`},
		{`"\d"`, `"\\d"`},
		{"\"two\nlines\"", `"two\nlines"`},
		{`[ ]`, `[]`},
		{`[1,"a",[true]]`, `[1, "a", [true]]`},
		{`let(größe_2, 1, größe_2)`, `let(größe_2, 1, größe_2)`},
		// Aliases.
		{`1 === 1 && 2 !== 3`, `1 == 1 && 2 != 3`},
		{`true and false or true`, `true and false or true`},
		{`and(true, false)`, `and(true, false)`},
		{`not(true)`, `not true`},
		{`not (true and false)`, `not (true and false)`},
		{`!true`, `!true`},
		{`not [1, 2].includes(3)`, `not [1, 2].includes(3)`},
		{`not(length([1, 2]) == 2)`, `not (length([1, 2]) == 2)`},
		// Precedence and grouping (§4.3), loosest first.
		{`true ? 1 : false ? 2 : 3`, `true ? 1 : false ? 2 : 3`},
		{`(true ? false : true) ? 1 : 2`, `(true ? false : true) ? 1 : 2`},
		{`true ? (false ? 1 : 2) : 3`, `true ? false ? 1 : 2 : 3`},
		{`(true or false) ? 1 : 2`, `true or false ? 1 : 2`},
		{`true or (false and true)`, `true or false and true`},
		{`(true or false) and true`, `(true or false) and true`},
		{`true and (1 == 2)`, `true and 1 == 2`},
		{`(true and false) == true`, `(true and false) == true`},
		{`1 == (2 > 3)`, `1 == 2 > 3`},
		{`(1 == 2) > false`, `(1 == 2) > false`},
		{`1 < (2 + 3)`, `1 < 2 + 3`},
		{`(1 < 2) < 3`, `1 < 2 < 3`},
		{`1 < (2 < 3)`, `1 < (2 < 3)`},
		{`1 - (2 - 3)`, `1 - (2 - 3)`},
		{`(1 - 2) - 3`, `1 - 2 - 3`},
		{`2 * (3 % 4)`, `2 * (3 % 4)`},
		{`(-2) * 3`, `-2 * 3`},
		{`-(2 * 3)`, `-(2 * 3)`},
		{`--1`, `--1`},
		{`-(2 ^ 2)`, `-2 ^ 2`},
		{`(-2) ^ 2`, `(-2) ^ 2`},
		{`2 ^ (3 ^ 2)`, `2 ^ 3 ^ 2`},
		{`(2 ^ 3) ^ 2`, `(2 ^ 3) ^ 2`},
		{`2 ^ (-1)`, `2 ^ -1`},
		{`(1 + 2).format()`, `(1 + 2).format()`},
		{`(-1).abs()`, `(-1).abs()`},
		{`-1.abs()`, `-1.abs()`},
		{`(2 ^ 3).format()`, `(2 ^ 3).format()`},
		// Calls with a dot.
		{`"a" . length`, `"a".length`},
		{`"a".upper( ).lower()`, `"a".upper().lower()`},
		{`prop( "Projects" ).map(current . prop("Name"))`, `prop("Projects").map(current.prop("Name"))`},
		{`prop("Projects").map(current.Name)`, `prop("Projects").map(current.Name)`},
	} {
		x, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got := x.Text(nil)
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
		again, err := Parse(got)
		if err != nil || !sameTree(x.root, again.root) {
			t.Errorf("%s is read back as another tree (%v)", got, err)
		}
	}
}

func sameTree(a, b *node) bool {
	if a.kind != b.kind || a.text != b.text || a.dotted != b.dotted || a.bare != b.bare || len(a.args) != len(b.args) {
		return false
	}
	if a.ref != nil && *a.ref != *b.ref {
		return false
	}
	for i := range a.args {
		if !sameTree(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}

// TestPrecedence evaluates what the grammar of databases.md §4.3 decides.
func TestPrecedence(t *testing.T) {
	for text, want := range map[string]string{
		`2 ^ 3 ^ 2`:                     `512`,
		`-2 ^ 2`:                        `-4`,
		`(-2) ^ 2`:                      `4`,
		`2 ^ -1`:                        `0.5`,
		`-3.abs()`:                      `-3`,
		`10 - 4 - 3`:                    `3`,
		`100 / 10 / 5`:                  `2`,
		`7 % 4 % 2`:                     `1`,
		`2 + 3 * 4`:                     `14`,
		`1 + 2 > 2`:                     `true`,
		`1 > 2 == false`:                `true`,
		`true or true and false`:        `true`,
		`not true == false`:             `true`,
		`!true or true`:                 `true`,
		`false ? 1 : true ? 2 : 3`:      `2`,
		`true or false ? 1 : 2`:         `1`,
		`"a" + 1 + 2`:                   `"a12"`,
		`1 + 2 + "a"`:                   `"3a"`,
		`not (1 == 2) and true`:         `true`,
		`[1, 2].map(current + 1).last`:  `3`,
		`3.round().format().length`:     `1`,
		`1 != 2 == true`:                `true`,
		`true && false || true`:         `true`,
		`-2 * -3`:                       `6`,
		`2 * 3 ^ 2`:                     `18`,
		`true ? false ? 1 : 2 : 3`:      `2`,
		`"a" == "a" and "b" != "a"`:     `true`,
		`1 < 2 == true`:                 `true`,
		`length("ab" + "c") * 2`:        `6`,
		`let(a, 1, let(b, 2, a - b))`:   `-1`,
		`let(a, 1, let(a, 2, a))`:       `2`,
		`lets(a, 1, b, a + 1, a, b, a)`: `2`,
	} {
		if got := evaluate(t, &Run{}, text).String(); got != want {
			t.Errorf("%s = %s, want %s", text, got, want)
		}
	}
}

// TestParseErrors holds refusals with the place shown to people.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, message, snippet string }{
		{``, `Expected a value, found the end.`, "\n^"},
		{`1 +`, `Expected a value, found the end.`, "1 +\n   ^"},
		{`1 2`, `Expected an operator or the end, found “2”.`, "1 2\n  ^"},
		{`(1`, `Expected “)”, found the end.`, "(1\n  ^"},
		{`1)`, `Expected an operator or the end, found “)”.`, "1)\n ^"},
		{`ifs(true,)`, `Expected a value, found “)”.`, "ifs(true,)\n         ^"},
		{`[1, ]`, `Expected a value, found “]”.`, "[1, ]\n    ^"},
		{`[1 2]`, `Expected “,” or “]”, found “2”.`, "[1 2]\n   ^"},
		{`true ? 1`, `Expected “:”, found the end.`, "true ? 1\n        ^"},
		{`"abc`, `The text has no end: a double quote is missing.`, "\"abc\n^"},
		{`/* abc`, `The comment has no end: “*/” is missing.`, "/* abc\n^^"},
		{`{{abc`, `The property has no end: “}}” is missing.`, "{{abc\n^^"},
		{`{{notion:block:a:b:c}}`, `The placeholder does not name a property.`, "{{notion:block:a:b:c}}\n^^^^^^^^^^^^^^^^^^^^^^"},
		{`1 = 1`, `Two values are compared with “==”.`, "1 = 1\n  ^"},
		{`'a'`, `Text goes between double quotes.`, "'a'\n^"},
		{`1 # 2`, `“#” has no meaning here.`, "1 # 2\n  ^"},
		{`1 & 2`, `Conditions are joined with “and” or “&&”.`, "1 & 2\n  ^"},
		{`"a".1`, `Expected a function or a property, found “1”.`, "\"a\".1\n    ^"},
		{`+1`, `Expected a value, found “+”.`, "+1\n^"},
		{`.5`, `Expected a value, found “.”.`, ".5\n^"},
		{`1 and and 2`, `Expected a value, found “and”.`, "1 and and 2\n      ^^^"},
		{"1 +\n\t2 3", `Expected an operator or the end, found “3”.`, "\t2 3\n\t  ^"},
		{`"ä" "b"`, `Expected an operator or the end, found a text.`, "\"ä\" \"b\"\n    ^^^"},
		{"\"\xff\"", `The formula is not valid UTF-8.`, "\"\ufffd\"\n ^"},
		{strings.Repeat("1 + ", 40) + "& 2", `Conditions are joined with “and” or “&&”.`,
			"…" + strings.Repeat("1 + ", 15) + "& 2\n" + strings.Repeat(" ", 61) + "^"},
	} {
		_, err := Parse(c.text)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q is accepted", c.text)
			continue
		}
		if e.Class != ParseError || e.Wire() != "Parse error with formula" {
			t.Errorf("%q is refused as %s", c.text, e.Wire())
		}
		if e.Message != c.message || e.Snippet() != c.snippet {
			t.Errorf("%q\n got %s\n%s\nwant %s\n%s", c.text, e.Message, e.Snippet(), c.message, c.snippet)
		}
	}
}

func TestPosition(t *testing.T) {
	_, err := Parse("1 +\n  \"ü\" ?")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal("accepted")
	}
	if line, column := e.Position(); line != 2 || column != 8 {
		t.Errorf("the error is at %d:%d, want 2:8", line, column)
	}
	if e.Expected != "a value" || e.Found != "the end" {
		t.Errorf("expected %q, found %q", e.Expected, e.Found)
	}
}

// TestCheckIsQuick checks formulas whose types would be huge if they were written out.
func TestCheckIsQuick(t *testing.T) {
	for name, step := range map[string]string{
		"lists":     "[@]",
		"join":      "concat(@, [@])",
		"branches":  "[if(1, @, [@])]",
		"branches2": "if(1, @, [@, 1])",
	} {
		text := "lets(x0, [1]"
		for i := 1; i < 600; i++ {
			text += fmt.Sprintf(", x%d, %s", i, strings.ReplaceAll(step, "@", fmt.Sprintf("x%d", i-1)))
		}
		x, err := Parse(text + ", x599)")
		if err != nil {
			t.Fatal(err)
		}
		// Without a bound of their depth, the joined types take more memory than there is time.
		made := testing.AllocsPerRun(1, func() {
			if _, err := x.Check(tasks, scope); err != nil {
				t.Fatal(err)
			}
		})
		if made > 30_000 {
			t.Errorf("%s: the check makes %v things", name, made)
		}
	}
}

func TestBoundsOfSyntax(t *testing.T) {
	for name, c := range map[string]struct{ sound, refused string }{
		"length":   {`"` + strings.Repeat("a", MaxLength-2) + `"`, `"` + strings.Repeat("a", MaxLength-1) + `"`},
		"brackets": {strings.Repeat("(", 199) + "1" + strings.Repeat(")", 199), strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200)},
		"minus":    {strings.Repeat("-", 199) + "1", strings.Repeat("-", 200) + "1"},
		"lists":    {strings.Repeat("[", 199) + "1" + strings.Repeat("]", 199), strings.Repeat("[", 200) + "1" + strings.Repeat("]", 200)},
		"powers":   {strings.Repeat("1^", 199) + "1", strings.Repeat("1^", 200) + "1"},
		"choices":  {strings.Repeat("1?1:", 199) + "1", strings.Repeat("1?1:", 200) + "1"},
		"calls":    {strings.Repeat("abs(", 199) + "1" + strings.Repeat(")", 199), strings.Repeat("abs(", 200) + "1" + strings.Repeat(")", 200)},
		"parts":    {"1" + strings.Repeat("+1", 4999), "1" + strings.Repeat("+1", 5000)},
		"dots":     {"1" + strings.Repeat(".abs", 9999), "1" + strings.Repeat(".abs", 10000)},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := Parse(c.sound)
			if err != nil {
				t.Fatal(err)
			}
			p, err := x.Check(tasks, scope)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Eval(&Run{}, task); err != nil {
				t.Fatal(err)
			}
			if _, err := Parse(x.Text(nil)); err != nil && len(x.Text(nil)) <= MaxLength {
				t.Fatal(err)
			}
			if _, err := Parse(c.refused); err == nil {
				t.Error("beyond the bound it is accepted")
			}
		})
	}
}
