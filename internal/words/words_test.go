package words

import (
	"slices"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	cases := []struct{ title, want string }{
		{"", ""},
		{" \t…!? -- ", ""},
		{"Wiki DB", "wiki db"},
		{"Tests", "test"},
		{"Testing Environment", "test environ"},
		{"Markdown SubPage Test", "markdown subpag test"},
		{"TestDB_for_id", "testdb_for_id"},
		{"___ a_ _b", "a_ _b"},
		{"Embed/Inline/Linked & Unfurl", "emb inlin link unfurl"},
		{"test TEST Tests tested", "test"},
		{"to-do: e-mails", "to do e mail"},
		{"Ada’s O'Reilly 'quoted' dogs'", "ada o'reilly quot dog"},
		{"don't 5'9", "don't 5 9"},
		{"v1.2, 3.14 1,000 example.com a.b 7.", "v1.2 3.14 1,000 exampl com a b 7"},
		{"Ｆｕｌｌ STRAẞE Ünï Café", "full strass ünï café"},
		{"u\u0308ber über", "über"},
		{"\u0308x", "x"},
		{"soft\u00adware zero\u200bwidth", "softwar zerowidth"},
		{"Octavo™ 🎉party 👍🏽", "octavo tm 🎉 parti 👍"},
		{"富士山", "富 士 富士 山 士山"},
		{"山", "山"},
		{"Tokyo東京2024", "tokyo 東 京 東京 2024"},
		{"ｽｰﾊﾟｰ", "ス ー スー パ ーパ パー"},
		{"회의록", "회 의 회의 록 의록"},
		{"ที่นี่", "ที่ นี่ ที่นี่"},
		{"हिन्दी में", "हिन्दी में"},
	}
	for _, c := range cases {
		got := strings.Join(Of(c.title), " ")
		if got != c.want {
			t.Errorf("Of(%q) = %q, want %q", c.title, got, c.want)
		}
	}
}

func TestAskedForPairs(t *testing.T) {
	for query, want := range map[string]string{"富士山": "富士 士山", "山": "山", "The TESTS": "the test", "東京 タワー": "東京 タワ ワー"} {
		if got := strings.Join(Asked(query), " "); got != want {
			t.Errorf("Asked(%q) = %q, want %q", query, got, want)
		}
	}
}

// TestLongWords: what is too long for an index is still told apart.
func TestLongWords(t *testing.T) {
	longest := strings.Repeat("a", maxLength)
	if got := Of(longest); !slices.Equal(got, []string{longest}) {
		t.Errorf("%q", got)
	}
	got := Of(longest + "a " + longest + "b " + longest + "a")
	if len(got) != 2 || len(got[0]) > maxLength || len(got[1]) > maxLength {
		t.Errorf("two longer words: %q", got)
	}
}

func TestManyWords(t *testing.T) {
	var title strings.Builder
	for i := range 3000 {
		title.WriteString(strings.Repeat("x", i%100+1))
		title.WriteByte(' ')
	}
	if got := Of(title.String()); len(got) != 100 {
		t.Errorf("%d words of 100 different ones", len(got))
	}
}

func TestStem(t *testing.T) {
	cases := map[string]string{
		// plurals
		"caresses": "caress", "ties": "tie", "cries": "cri", "gas": "gas", "this": "this", "gaps": "gap", "kiwis": "kiwi", "bus": "bus", "glass": "glass",
		// verbs
		"agreed": "agre", "feed": "feed", "plastered": "plaster", "bled": "bled", "motoring": "motor", "sing": "sing", "luxuriated": "luxuri",
		"hopping": "hop", "hoped": "hope", "falling": "fall", "troubled": "troubl", "sized": "size", "exceedingly": "exceed",
		// y
		"cry": "cri", "by": "by", "say": "say", "youth": "youth", "enjoyed": "enjoy",
		// suffixes of nouns and adjectives
		"relational": "relat", "conditional": "condit", "vietnamization": "vietnam", "operator": "oper", "feudalism": "feudal",
		"hopefulness": "hope", "callousness": "callous", "formality": "formal", "sensibility": "sensibl", "analogy": "analog", "quickly": "quick", "apply": "appli",
		"triplicate": "triplic", "formative": "format", "electrical": "electr", "goodness": "good", "palmistry": "palmistri",
		"revival": "reviv", "allowance": "allow", "airliner": "airlin", "adjustable": "adjust", "replacement": "replac", "adoption": "adopt", "communism": "communism",
		"activate": "activ", "effective": "effect",
		// e and l
		"probate": "probat", "rate": "rate", "cease": "ceas", "controll": "control", "roll": "roll",
		// what the rules would get wrong
		"skies": "sky", "dying": "die", "news": "news", "only": "onli", "inning": "inning", "innings": "inning", "proceeds": "proceed",
		"general": "general", "generous": "generous", "communal": "communal", "arsenal": "arsenal",
		// left alone
		"db": "db", "naïves": "naïves", "items2": "items2", "": "",
	}
	for word, want := range cases {
		if got := stem(word); got != want {
			t.Errorf("stem(%q) = %q, want %q", word, got, want)
		}
	}
}

// FuzzWords: whatever a title is, it is found by itself, and its words fit into an index.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"Wiki DB", "富士山へ", "Ada’s 3.14", "ﷺ½™ﾞ", "\xff\u0308", strings.Repeat("ing", 60)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		found := Of(title)
		for _, asked := range Asked(title) {
			if !slices.Contains(found, asked) {
				t.Errorf("%q asks for %q and is found by %q", title, asked, found)
			}
		}
		for i, word := range found {
			if word == "" || len(word) > maxLength || strings.ContainsAny(word, "\x00 ") || slices.Contains(found[:i], word) {
				t.Errorf("%q: %q", title, found)
			}
		}
		if upper := Of(strings.ToUpper(title)); title == strings.ToLower(title) && isASCII(title) && !slices.Equal(upper, found) {
			t.Errorf("%q: %q in capitals, %q without", title, upper, found)
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > '~' }) < 0
}

func BenchmarkOf(b *testing.B) {
	for b.Loop() {
		Of("alpha river stone 4711")
	}
}
