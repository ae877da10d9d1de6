package property_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"octavo/internal/jsonx"
	"octavo/internal/property"
)

// show writes a cell down; the sort key only says that there is one.
func show(c property.Cell) string {
	var parts []string
	if c.Position > 0 {
		parts = append(parts, fmt.Sprintf("at=%d", c.Position))
	}
	if c.Text != "" {
		parts = append(parts, fmt.Sprintf("text=%q", c.Text))
	}
	if c.Sort != nil {
		parts = append(parts, "sort")
	}
	if c.Number != nil {
		parts = append(parts, fmt.Sprintf("number=%v", *c.Number))
	}
	if c.From != nil {
		parts = append(parts, fmt.Sprintf("from=%d", *c.From))
	}
	if c.To != nil {
		parts = append(parts, fmt.Sprintf("to=%d", *c.To))
	}
	if c.Day {
		parts = append(parts, "day")
	}
	if c.Ref != "" {
		parts = append(parts, "ref="+c.Ref)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func showAll(cells []property.Cell) string {
	var all []string
	for _, c := range cells {
		all = append(all, show(c))
	}
	return strings.Join(all, " ")
}

func TestCells(t *testing.T) {
	cases := []struct{ key, sent, want string }{
		{"title", `[{"text":{"content":"Hello "}},{"text":{"content":"ＡBC"},"annotations":{"bold":true}}]`, `{text="hello abc" sort}`},
		{"rich_text", `[{"text":{"content":"  \n"}}]`, ``},
		{"url", `"HTTPS://X"`, `{text="https://x" sort}`},
		{"email", `"Ada@X"`, `{text="ada@x" sort}`},
		{"phone_number", `"+1"`, `{text="+1" sort}`},
		{"number", `-0.5`, `{number=-0.5}`},
		{"number", `0`, `{number=0}`},
		{"select", `{"name":"High"}`, `{ref=opt1}`},
		{"multi_select", `[{"name":"Two"},{"name":"One"}]`, `{ref=opt2} {at=1 ref=opt1}`},
		{"status", `{"name":"Done"}`, `{ref=done}`},
		{"date", `{"start":"1970-01-02"}`, `{from=86400000000 day}`},
		{"date", `{"start":"1970-01-01T01:01:30+01:00","end":"1970-01-01T02:00:00+01:00"}`, `{from=60000000 to=3600000000}`},
		{"people", `[{"id":"` + ada + `"},{"id":"` + bob + `"}]`, `{ref=` + ada + `} {at=1 ref=` + bob + `}`},
		{"relation", `[{"id":"` + page1 + `"}]`, `{ref=` + page1 + `}`},
		{"files", `[{"name":"a","external":{"url":"https://example.com"}},{"name":"b","external":{"url":"https://example.com"}}]`, `{}`},
		{"checkbox", `true`, `{number=1}`},
		{"checkbox", `false`, ``},
		{"place", `{"lat":1,"lon":2,"name":"Here","address":"There"}`, `{text="here" sort}`},
		{"place", `{"lat":1,"lon":2,"address":"There"}`, `{text="there" sort}`},
		{"verification", `{"state":"verified","date":{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:01:00Z"}}`, `{to=60000000 ref=verified}`},
	}
	for _, c := range cases {
		d := must[*property.Decoded](t)(write(everyType(t), writer(), `{"`+c.key+`":{"`+c.key+`":`+c.sent+`}}`))
		if got := showAll(d.Values[0].Property.Cells(d.Values[0].Stored)); got != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.key, c.sent, got, c.want)
		}
	}
	s := everyType(t)
	n := jsonx.NumberValue(7)
	for _, c := range []struct {
		key   string
		value jsonx.Value
		want  string
	}{
		{"unique_id", n, `{number=7}`},
		{"formula", property.Result{Kind: property.NumberResult, Value: n}.Formula(), `{number=7}`},
		{"formula", property.Result{Kind: property.NumberResult}.Formula(), ``},
		{"formula", property.Result{Kind: property.StringResult, Value: jsonx.StringValue("X")}.Formula(), `{text="x" sort}`},
		{"formula", property.Result{Kind: property.StringResult}.Formula(), ``},
		{"formula", property.Result{Kind: property.BooleanResult, Value: jsonx.BoolValue(true)}.Formula(), `{number=1}`},
		{"formula", property.Result{Kind: property.UnsupportedResult}.Formula(), ``},
		{"rollup", property.Result{Kind: property.NumberResult, Value: n}.Rollup("sum"), `{number=7}`},
		{"rollup", property.Result{Kind: property.DateResult}.Rollup("latest_date"), ``},
		{"rollup", property.Result{Kind: property.ArrayResult}.Rollup("show_original"), ``},
		{"button", jsonx.ObjectValue(), ``},
	} {
		if got := showAll(s.Find(c.key).Cells(c.value)); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.key, c.value, got, c.want)
		}
	}
}

func TestRanks(t *testing.T) {
	s := everyType(t)
	for key, want := range map[string][]string{"select": {"opt1", "opt2"}, "status": {"todo", "busy", "done"}, "number": nil} {
		if got := s.Find(key).Ranks(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	same := [][]string{
		{"abc", "ABC", "aBc", "ＡＢＣ"},
		{"straße", "STRASSE", "Straße"},
		{"é", "e\u0301", "É", "E\u0301"},
		{"ﬁn", "FIN"},
		{"σς", "ΣΣ"},
		{"\u13a0\u13f5", "\uab70\u13fd"},
	}
	for _, words := range same {
		for _, w := range words {
			if property.Fold(w) != property.Fold(words[0]) {
				t.Errorf("%q is not %q: %q and %q", w, words[0], property.Fold(w), property.Fold(words[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"a", "b"}, {"e", "é"}, {"a", "a "}, {"i", "ı"}} {
		if property.Fold(pair[0]) == property.Fold(pair[1]) {
			t.Errorf("%q and %q are the same", pair[0], pair[1])
		}
	}
}

// TestFoldIsDoneOnce sees that what is folded stays as it is, and that characters that
// differ in case alone fold to the same.
func TestFoldIsDoneOnce(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		folded := property.Fold(string(r))
		if again := property.Fold(folded); again != folded {
			t.Errorf("%U folds to %+q and that to %+q", r, folded, again)
		}
		if other := unicode.SimpleFold(r); other != r && property.Fold(string(other)) != folded {
			t.Errorf("%U folds to %+q and %U to %+q", r, folded, other, property.Fold(string(other)))
		}
	}
}

func TestSortKeys(t *testing.T) {
	for _, ordered := range [][]string{
		{"Article 1", "article 4", "Article 7", "Article 10", "article 13", "Article 16"},
		{"2", "10", "9999999999999999999999", "10000000000000000000000", "a", "Á", "b", "Ç", "d", "z", "日"},
		{"ab", "abc", "b"},
		{"v1.2", "v1.10", "v2.1"},
		{strings.Repeat("x", 63) + "9", strings.Repeat("x", 63) + "123"},
		{"0", "0a", "1", "1a", "a0", "a0b", "a1"},
		{"x٣", "x4", "x１２", "x𝟗𝟗"}, // digits of other scripts
		{"-", "1", "a"},
	} {
		for i := range len(ordered) - 1 {
			if bytes.Compare(property.SortKey(ordered[i]), property.SortKey(ordered[i+1])) >= 0 {
				t.Errorf("%q does not come before %q", ordered[i], ordered[i+1])
			}
		}
	}
	for _, pair := range [][2]string{{"abc", "ABC"}, {"007", "7"}, {"00", "0"}, {"x٣y", "x3y"}} {
		if !bytes.Equal(property.SortKey(pair[0]), property.SortKey(pair[1])) {
			t.Errorf("%q and %q do not tie", pair[0], pair[1])
		}
	}
	if a, b := strings.Repeat("x", 64), strings.Repeat("x", 64)+"y"; !bytes.Equal(property.SortKey(a), property.SortKey(b)) {
		t.Error("more than 64 characters count")
	}
}

// Keys agree with an order that is written down the slow way: words of letters, compared
// without case, and numbers of any length, compared as numbers, which come first.
func TestSortKeysAgreeWithASlowComparison(t *testing.T) {
	part := rapid.OneOf(rapid.StringMatching(`[a-zA-Z]{1,4}`), rapid.StringMatching(`[0-9]{1,12}`))
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(part, 1, 5).Draw(t, "parts"), "") })
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if got, want := bytes.Compare(property.SortKey(a), property.SortKey(b)), slowly(a, b); got != want {
			t.Fatalf("%q and %q: keys say %d, slowly it is %d", a, b, got, want)
		}
	})
}

func slowly(a, b string) int {
	return slices.CompareFunc(tokens(a), tokens(b), func(x, y string) int {
		m, xIsNumber := new(big.Int).SetString(x, 10)
		n, yIsNumber := new(big.Int).SetString(y, 10)
		switch {
		case xIsNumber && yIsNumber:
			return m.Cmp(n)
		case xIsNumber:
			return -1
		case yIsNumber:
			return 1
		}
		return cmp.Compare(x, y)
	})
}

// tokens splits a text into lower-case letters and whole numbers.
func tokens(s string) []string {
	var out []string
	for _, r := range strings.ToLower(s) {
		digit := r >= '0' && r <= '9'
		if last := len(out) - 1; digit && last >= 0 && out[last][0] <= '9' {
			out[last] += string(r)
			continue
		}
		out = append(out, string(r))
	}
	return out
}
