package formula

import (
	"testing"
	"time"
)

// want is a formula and its value.
type want struct{ text, value string }

func checkAll(t *testing.T, r *Run, cases []want) {
	t.Helper()
	for _, c := range cases {
		if got := evaluate(t, r, c.text).String(); got != c.value {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.value)
		}
	}
}

// TestBlank holds the rules measured on the hosted service (databases.md §4.4).
func TestBlank(t *testing.T) {
	checkAll(t, &Run{}, []want{
		// What is empty.
		{`empty()`, `blank`}, {`empty() + 1`, `1`}, {`empty(empty())`, `true`}, {`empty(0)`, `true`}, {`empty("")`, `true`}, {`empty([])`, `true`},
		{`empty(false)`, `true`}, {`empty(1)`, `false`}, {`empty(" ")`, `false`}, {`empty([empty()])`, `false`},
		{`empty(true)`, `false`}, {`empty(prop("Due"))`, `false`}, {`empty(prop("No date"))`, `true`},
		// Arithmetic takes blank for 0, text for "".
		{`prop("Nothing") + 1`, `1`}, {`1 - prop("Nothing")`, `1`}, {`prop("Nothing") * 2`, `0`}, {`-prop("Nothing")`, `0`},
		{`prop("Nothing") / 2`, `0`}, {`2 / prop("Nothing")`, `blank`}, {`prop("Nothing") + prop("Nothing")`, `0`},
		{`prop("No text") + "a"`, `"a"`}, {`"a" + prop("Nothing")`, `"a"`}, {`prop("No text") + prop("No text")`, `""`},
		{`"a" + prop("No date") + "b"`, `"ab"`},
		// Equality converts nothing.
		{`prop("Nothing") == 0`, `false`}, {`prop("No text") == ""`, `false`}, {`prop("Nothing") == prop("No text")`, `true`},
		{`prop("Nothing") != 0`, `true`}, {`unique([prop("Nothing"), 0])`, `[blank, 0]`}, {`1 == "1"`, `false`}, {`1 == true`, `false`},
		// An order with nothing does not hold.
		{`prop("Nothing") < 1`, `false`}, {`prop("Nothing") >= 0`, `false`}, {`prop("No date") < prop("Due")`, `false`},
		{`prop("No text") <= "a"`, `false`},
		{`format(prop("Nothing"))`, `""`}, {`format(empty() == 1)`, `"false"`},
		// Lists keep blank items but for sort.
		{`length([1, prop("Nothing"), 2])`, `3`}, {`[1, prop("Nothing"), 2].map(current)`, `[1, blank, 2]`},
		{`join([1, prop("Nothing"), 2], ",")`, `"1,,2"`}, {`flat([[1], [prop("Nothing")]])`, `[1, blank]`},
		{`sort([2, prop("Nothing"), 1])`, `[1, 2]`}, {`length([1, empty(), 2])`, `3`},
		// A list that is blank.
		{`if(false, [1], empty()).map(current)`, `blank`}, {`if(false, [1], empty()).join(",")`, `blank`},
		{`if(false, [1], empty()).length()`, `blank`}, {`if(false, [1], empty()).length`, `blank`},
		{`length(if(false, [1], empty()))`, `0`}, {`if(false, [1], empty()).empty()`, `true`},
		{`if(false, [1], empty()).format()`, `""`}, {`concat(if(false, [1], empty()), [2])`, `[2]`},
		// Totals pass blank items over.
		{`sum([1, prop("Nothing"), 2])`, `3`}, {`mean([1, prop("Nothing"), 2])`, `1.5`}, {`median([1, prop("Nothing"), 2])`, `1.5`},
		{`min([1, prop("Nothing"), 2])`, `1`}, {`max(prop("Nothing"), -2)`, `-2`},
		{`sum(prop("Nothing"))`, `0`}, {`mean([prop("Nothing")])`, `blank`}, {`median(prop("Nothing"))`, `blank`},
		{`min([prop("Nothing")])`, `blank`}, {`max(if(false, [1], empty()))`, `blank`}, {`sum(if(false, [1], empty()))`, `0`},
		// Functions of nothing.
		{`timestamp(prop("No date"))`, `blank`}, {`formatDate(prop("No date"), "YYYY")`, `blank`},
		{`repeat("a", prop("Nothing"))`, `blank`}, {`repeat(prop("No text"), 2)`, `blank`}, {`abs(prop("Nothing"))`, `blank`},
		{`upper(prop("No text"))`, `blank`}, {`dateAdd(prop("No date"), 1, "days")`, `blank`}, {`year(prop("No date"))`, `blank`},
		{`dateBetween(prop("No date"), prop("Due"), "days")`, `blank`}, {`toNumber(prop("No text"))`, `blank`},
		{`contains(prop("No text"), "a")`, `false`}, {`test(prop("No text"), "a")`, `false`}, {`contains("a", prop("No text"))`, `false`},
		{`test("a", prop("No text"))`, `false`}, {`length(prop("No text"))`, `0`},
		{`prop("No text").length()`, `0`},
		// Numbers that are not finite.
		{`1 / 0`, `blank`}, {`0 / 0`, `blank`}, {`empty(1 / 0)`, `true`}, {`format(1 / 0)`, `""`}, {`1e999`, `blank`},
		{`1e308 * 10`, `blank`}, {`sqrt(-1)`, `blank`}, {`ln(0)`, `blank`}, {`(-8) ^ 0.5`, `blank`}, {`1 ^ (1 / 0)`, `1`},
		{`format(-0)`, `"0"`}, {`format(0 * -1)`, `"0"`},
		{`parseDate("not-a-date")`, `blank`}, {`empty(parseDate("not-a-date"))`, `true`}, {`format(parseDate("x"))`, `""`},
	})
}

// TestFailure holds what becomes of a value that cannot be computed: not an ordinary blank
// (databases.md §4.4).
func TestFailure(t *testing.T) {
	const bad = `test("a", "(")`
	checkAll(t, &Run{}, []want{
		{bad, `blank`}, {`empty(` + bad + `)`, `blank`}, {`format(` + bad + `)`, `blank`}, {bad + ` == empty()`, `blank`},
		{bad + ` or true`, `blank`}, {`true or ` + bad, `true`}, {`false and ` + bad, `false`}, {`not ` + bad, `blank`},
		{`if(` + bad + `, 1, 2)`, `blank`}, {`ifs(` + bad + `, 1, 2)`, `blank`}, {bad + ` ? 1 : 2`, `blank`},
		{`if(true, 1, ` + bad + `)`, `1`}, {`if(false, ` + bad + `, 2)`, `2`}, {`ifs(true, 1, ` + bad + `, 2)`, `1`},
		{`"a" + ` + bad, `blank`}, {`let(x, ` + bad + `, 1)`, `1`}, {`let(x, ` + bad + `, x)`, `blank`},
		{`map(["(", "a"], match("a", current)).join("-")`, `"-a"`},
		{`length(map(["(", "a"], match("a", current)))`, `2`},
		{`first(map(["(", "a"], match("a", current)))`, `blank`}, {`empty(first(map(["(", "a"], match("a", current))))`, `blank`},
		{`filter(["(", "a"], test("a", current))`, `["a"]`}, {`some(["("], test("a", current))`, `false`},
		{`replace("a", "(", "b")`, `blank`}, {`match("a", "[")`, `blank`}, {`-toNumber(` + bad + `)`, `blank`},
		{`1 + toNumber(` + bad + `)`, `blank`}, {`(1 < toNumber(` + bad + `))`, `blank`},
	})
}

func TestTruth(t *testing.T) {
	checkAll(t, &Run{}, []want{
		{`if(1, "yes", "no")`, `"yes"`}, {`if("true", "yes", "no")`, `"yes"`}, {`if(42, "yes", "no")`, `"yes"`},
		{`if(prop("Due"), "yes", "no")`, `"yes"`}, {`[0] ? "yes" : "no"`, `"yes"`}, {`if(prop("Created by"), "yes", "no")`, `"yes"`},
		{`if(prop("Projects").first(), "yes", "no")`, `"yes"`},
		{`if(0, "yes", "no")`, `"no"`}, {`if("", "yes", "no")`, `"no"`}, {`[] ? "yes" : "no"`, `"no"`},
		{`if(prop("No date"), "yes", "no")`, `"no"`}, {`if(empty(), 1, 2)`, `2`},
		{`1 and "a"`, `true`}, {`0 or ""`, `false`}, {`not 0`, `true`}, {`!"a"`, `false`}, {`and(1, 2, 0)`, `false`}, {`or(0, 2)`, `true`},
		{`true.not()`, `false`}, {`true.and(false)`, `false`},
		{`ifs(0, 1, 1, 2, 3)`, `2`}, {`ifs(0, 1)`, `blank`}, {`ifs(1, 1)`, `1`}, {`ifs(0, 1, 2)`, `2`}, {`ifs(0, 1, 0, 2)`, `blank`},
	})
}

func TestOperators(t *testing.T) {
	checkAll(t, &Run{}, []want{
		{`5 + 10`, `15`}, {`4 - 5`, `-1`}, {`2 * 10`, `20`}, {`12 / 8`, `1.5`}, {`7 % 5`, `2`}, {`-7 % 5`, `-2`}, {`7 % -5`, `2`},
		{`5.5 % 2`, `1.5`}, {`1 % 0`, `blank`}, {`2 ^ 10`, `1024`}, {`2 ^ 0.5`, `1.4142135623730951`}, {`0 ^ 0`, `1`},
		{`true + 1`, `2`}, {`true + true`, `2`}, {`-true`, `-1`}, {`true * 3`, `3`}, {`add(1, true)`, `2`}, {`mod(7, 4)`, `3`},
		{`subtract(1, 2)`, `-1`}, {`multiply(3, 4)`, `12`}, {`divide(1, 4)`, `0.25`}, {`pow(2, 3)`, `8`}, {`2.add(3)`, `5`},
		{`0.1 + 0.2`, `0.30000000000000004`},
		// Text on one side.
		{`"a" + "b"`, `"ab"`}, {`"a" + 1.5`, `"a1.5"`}, {`1 + "a"`, `"1a"`}, {`"a" + true`, `"atrue"`}, {`true + "a"`, `"truea"`},
		{`"Due: " + prop("Due")`, `"Due: September 28, 2026 14:08"`}, {`prop("Due") + "!"`, `"September 28, 2026 14:08!"`},
		{`"a" + [1, [2, "b"]]`, `"a1,2,b"`}, {`"by " + prop("Created by")`, `"by Ada"`}, {`"in " + prop("Projects").first()`, `"in Garden"`},
		{`"a" + ("b" + "c") + "d"`, `"abcd"`}, {`"a" + 1e21 + 1e-7`, `"a1e+211e-7"`},
		// Operands of which it is known only when they are there.
		{`prop("Mixed") + 1`, `"m1"`}, {`1 + prop("Mixed")`, `"1m"`}, {`if(true, 1, "a") + 1`, `2`}, {`if(false, 1, "a") + 1`, `"a1"`},
		{`if(true, 1, "a") + if(false, 1, "a")`, `"1a"`}, {`if(true, prop("Nothing"), "a") + 1`, `1`},
		{`if(true, "a", [1]) + empty()`, `"a"`}, {`if(false, "a", [1]) + empty()`, `"1"`},
		{`if(true, "a", 1) + true`, `"atrue"`}, {`if(false, "a", 1) + true`, `2`},
		// Equality.
		{`1 == 1.0`, `true`}, {`"a" == "A"`, `false`}, {`[1, [2]] == [1, [2]]`, `true`}, {`[1, 2] == [2, 1]`, `false`}, {`[1] == [1, 1]`, `false`},
		{`prop("Due") == prop("Due")`, `true`}, {`parseDate("2024-01-01") == parseDate("2024-01-01T00:00Z")`, `true`},
		{`parseDate("2024-01-01T01:00+01:00") == parseDate("2024-01-01")`, `true`},
		{`dateRange(parseDate("2024-01-01"), parseDate("2024-01-02")) == parseDate("2024-01-01")`, `false`},
		{`prop("Created by") == prop("Created by")`, `true`}, {`prop("Projects").first() == prop("Projects").last()`, `false`},
		{`prop("Projects").first() == prop("Projects").at(0)`, `true`}, {`true != false`, `true`},
		{`equal([1], [1])`, `true`}, {`1.unequal(2)`, `true`},
		// Order.
		{`1 < 2`, `true`}, {`2 <= 2`, `true`}, {`1 > 2`, `false`}, {`2 >= 3`, `false`}, {`"a" < "b"`, `true`}, {`"B" < "a"`, `true`},
		{`"a" < "aa"`, `true`}, {`"ab" >= "b"`, `false`}, {`false < true`, `true`}, {`true <= false`, `false`},
		{`parseDate("2024-01-01") > parseDate("2023-01-01")`, `true`}, {`parseDate("2024-01-01T10:00Z") < parseDate("2024-01-01T11:30+02:00")`, `false`},
		{`"\` + "uff5e" + `" < "a"`, `true`}, {`"～" > "😀"`, `true`}, {`"z" < "😀"`, `true`}, {`if(true, 1, "a") < 2`, `true`},
		{`if(false, 1, "a") < 2`, `false`},
	})
}

func TestText(t *testing.T) {
	checkAll(t, &Run{}, []want{
		{`substring("Notion", 0, 3)`, `"Not"`}, {`substring("Notion", 3)`, `"ion"`}, {`substring("Notion", -3)`, `"ion"`},
		{`substring("Notion", 1, -1)`, `"otio"`}, {`substring("Notion", 4, 2)`, `""`}, {`substring("Notion", 9)`, `""`},
		{`substring("Notion", 1.9, 3.9)`, `"ot"`}, {`substring("aé語😀b", 1, 3)`, `"é語"`}, {`substring("a😀b", 1, 3)`, `"😀"`},
		{`substring("a😀b", 1, 2)`, "\"\ufffd\""}, {`substring("a😀b", 2)`, "\"\ufffdb\""}, {`substring("😀😀", 1, 3)`, "\"\ufffd\ufffd\""},
		{`length("aé語😀")`, `5`}, {`length("")`, `0`}, {`length([1, 2, 3])`, `3`}, {`"abc".length`, `3`},
		{`contains("Notion", "ot")`, `true`}, {`contains("Notion", "OT")`, `false`}, {`contains("a.c", ".")`, `true`}, {`contains("abc", ".")`, `false`},
		{`contains("abc", "")`, `true`},
		{`lower("NOTION É")`, `"notion é"`}, {`upper("straße é")`, `"STRASSE É"`}, {"trim(\" \t\u00a0a b\ufeff\")", `"a b"`},
		{`repeat("ab", 2.1)`, `"ababab"`}, {`repeat("ab", -1)`, `""`}, {`repeat("ab", 0)`, `""`}, {`length(repeat("a", 20000))`, `10000`},
		{`padStart("5", 3, "0")`, `"005"`}, {`padStart(5, 3)`, `"  5"`}, {`padStart("abc", 2, "0")`, `"abc"`}, {`padStart("a", 6, "xyz")`, `"xyzxya"`},
		{`padStart("a", 3, "")`, `"a"`}, {`padEnd(5, 3, "0")`, `"500"`}, {`padEnd("a", 4)`, `"a   "`}, {`padEnd("a", 3, "é")`, `"aéé"`},
		{`link("Notion", "https://notion.so") + "!"`, `"Notion!"`}, {`style("a", "b", "i", "red")`, `"a"`}, {`style(prop("Name"), "c")`, `"Dig"`},
		{`unstyle("a")`, `"a"`}, {`unstyle(style("a", "b", "u"), "b")`, `"a"`}, {`length(style("abc", "b"))`, `3`},
		{`split("a,b,,c", ",")`, `["a", "b", "", "c"]`}, {`split("", ",")`, `[""]`}, {`split("aé😀", "")`, `["a", "é", "😀"]`}, {`split("", "")`, `[]`},
		{`split("One Two Three")`, `["One", "Two", "Three"]`}, {`split(13214215, 2)`, `["13", "14", "15"]`}, {`split("a.b", ".")`, `["a", "b"]`},
		{`join([1, true, "a", [2, 3]], "; ")`, `"1; true; a; 2,3"`}, {`join([], ",")`, `""`}, {`["a", "b"].join("")`, `"ab"`},
		{`concat([1], ["a"], [[2]])`, `[1, "a", [2]]`}, {`[1].concat([2])`, `[1, 2]`},
		{`format(true)`, `"true"`}, {`format([1, [2, 3], "a"])`, `"1,2,3,a"`}, {`format("a")`, `"a"`}, {`format(1e21)`, `"1e+21"`},
		{`format(123456789012345680000)`, `"123456789012345680000"`}, {`format(0.1)`, `"0.1"`}, {`format(-1.50)`, `"-1.5"`},
		{`format(prop("Created by"))`, `"Ada"`}, {`format(prop("Projects"))`, `"Garden,House"`},
		{`toNumber("42")`, `42`}, {`toNumber("42 rabbits")`, `42`}, {`toNumber("I have 42")`, `blank`}, {`toNumber(" -3.5e2x")`, `-350`},
		{`toNumber(".5")`, `0.5`}, {`toNumber("5.")`, `5`}, {`toNumber("1e")`, `1`}, {`toNumber("")`, `blank`}, {`toNumber("-")`, `blank`},
		{`toNumber("Infinity")`, `blank`}, {`toNumber(true)`, `1`}, {`toNumber(false)`, `0`}, {`toNumber([1])`, `blank`}, {`toNumber("1e999")`, `blank`},
		{`toNumber(parseDate("1970-01-02"))`, `86400000`}, {`toNumber("1,000")`, `1`}, {`toNumber("0x10")`, `0`}, {`toNumber("+7")`, `7`},
		{`id()`, `"11111111222242228222333333333333"`}, {`prop("Projects").map(id(current)).first()`, `"aa000000000000000000000000000000"`},
		{`prop("Projects").first().id()`, `"aa000000000000000000000000000000"`},
		{`prop("Created by").name()`, `"Ada"`}, {`prop("Created by").email()`, `"ada@example.com"`},
	})
}

func TestRegularExpressions(t *testing.T) {
	checkAll(t, &Run{}, []want{
		{`test("Notion 1", "\\d")`, `true`}, {`test("Notion", "\\d")`, `false`}, {`test("Notion", "^N.*n$")`, `true`}, {`test("notion", "N")`, `false`},
		{`test("a\nb", "^b")`, `false`}, {`test("a\nb", "a.b")`, `false`}, {`test("a\n", "a$")`, `false`},
		{`match("Notion 123 Notion 456", "Notion")`, `["Notion", "Notion"]`}, {`match("abc", "x")`, `[]`}, {`match("ab", "x*")`, `["", "", ""]`},
		{`match("aé😀", ".")`, `["a", "é", "😀"]`}, {`match("2024-05-06", "(\\d+)-(\\d+)")`, `["2024-05"]`},
		{`replace("aaa", "a", "b")`, `"baa"`}, {`replaceAll("aaa", "a", "b")`, `"bbb"`}, {`replaceAll("abc", "", "-")`, `"-a-b-c-"`},
		{`replaceAll("éaéa", "a", "ü")`, `"éüéü"`}, {`replace("abc", "x", "y")`, `"abc"`},
		{`replaceAll("John Smith", "(\\w+) (\\w+)", "$2, $1")`, `"Smith, John"`}, {`replace("abc", "b", "[$&]")`, `"a[b]c"`},
		{"replace(\"abc\", \"b\", \"[$`]\")", `"a[a]c"`}, {`replace("abc", "b", "[$']")`, `"a[c]c"`}, {`replace("abc", "b", "$$")`, `"a$c"`},
		{`replace("abc", "(?<x>b)", "<$<x>>")`, `"a<b>c"`}, {`replace("abc", "(?<x>b)", "<$<y>>")`, `"a<>c"`}, {`replace("abc", "(b)", "$<x>")`, `"a$<x>c"`},
		{`replace("abc", "b", "$1")`, `"a$1c"`}, {`replace("abc", "(b)", "$10")`, `"ab0c"`}, {`replace("abc", "(b)", "$01")`, `"abc"`},
		{`replace("abc", "(b)", "$00")`, `"a$00c"`}, {`replace("abc", "b", "$")`, `"a$c"`}, {`replace("abc", "b", "$x")`, `"a$xc"`},
		{`replace("abc", "(x)?b", "[$1]")`, `"a[]c"`}, {`replace("abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11")`, `"kl"`},
		// What RE2 does not have.
		{`test("abab", "^(ab)\\1$")`, `true`}, {`test("abac", "^(ab)\\1$")`, `false`}, {`match("a1b2", "[a-z](?=2)")`, `["b"]`},
		{`match("a1b2", "[a-z](?!2)")`, `["a"]`}, {`match("$5 €6", "(?<=€)\\d")`, `["6"]`}, {`match("$5 €6", "(?<!€)\\d")`, `["5"]`},
		{`replaceAll("1234567", "\\B(?=(\\d{3})+$)", ",")`, `"1,234,567"`},
		{`test("é", "\\w")`, `false`}, {`test("١", "\\d")`, `false`}, {"test(\"\u00a0\", \"\\\\s\")", `true`}, {`test("}", "}")`, `true`}, {`test("A", "\u0041")`, `true`},
	})
}

func TestNumbers(t *testing.T) {
	checkAll(t, &Run{}, []want{
		{`min(3, 1, 2)`, `1`}, {`max([1, 5], [[7]], 2)`, `7`}, {`sum(1, [2, [3]])`, `6`}, {`sum([1, 2, 3], 4, 5)`, `15`}, {`mean([1, 2, 3], 4, 5)`, `3`},
		{`median(3, 1, 2)`, `2`}, {`median([1, 2, 3, 4])`, `2.5`}, {`median(7)`, `7`}, {`sum(prop("Projects").map(current.prop("Hours")))`, `8`},
		{`abs(-10)`, `10`}, {`ceil(4.2)`, `5`}, {`ceil(-0.6)`, `0`}, {`floor(2.8)`, `2`}, {`floor(-0.6)`, `-1`}, {`sqrt(16)`, `4`}, {`cbrt(-8)`, `-2`},
		{`exp(1)`, `2.718281828459045`}, {`ln(e())`, `1`}, {`log10(1000)`, `3`}, {`log2(8)`, `3`}, {`sign(4)`, `1`}, {`sign(-4)`, `-1`}, {`sign(0)`, `0`},
		{`log2(-1)`, `blank`}, {`log10(0)`, `blank`}, {`exp(1000)`, `blank`},
		{`round(0.4)`, `0`}, {`round(-0.6)`, `-1`}, {`round(2.5)`, `3`}, {`round(-2.5)`, `-2`}, {`round(0.49999999999999994)`, `0`}, {`round(-0.2)`, `0`},
		{`round(1.25, 1)`, `1.3`}, {`round(1234, -2)`, `1200`}, {`round(1250, -2)`, `1300`}, {`round(3.14159, 3)`, `3.142`}, {`round(1.5, 400)`, `1.5`}, {`1 ^ 1e308`, `1`},
		{`round(0, 400)`, `0`}, {`round(5, -400)`, `0`}, {`round(4503599627370497.5)`, `4503599627370498`}, {`round(1e300, 10)`, `1e+300`},
		{`pi() * 2`, `6.283185307179586`},
		{`formatNumber(282536.47, "brl")`, `"R$282,536.47"`}, {`formatNumber(1000, "usd")`, `"$1,000.00"`}, {`formatNumber(1000, "USD")`, `"$1,000.00"`},
		{`formatNumber(1250.5, "usd", 2)`, `"$1,250.50"`}, {`formatNumber(1234.5, "usd", 0)`, `"$1,235"`}, {`formatNumber(-5, "dollar")`, `"-$5.00"`},
		{`formatNumber(-0.001, "usd")`, `"$0.00"`}, {`formatNumber(1.005, "usd")`, `"$1.01"`}, {`formatNumber(999.995, "usd")`, `"$1,000.00"`},
		{`formatNumber(1234.5, "jpy")`, `"¥1,235"`}, {`formatNumber(1234567.891, "commas")`, `"1,234,567.891"`}, {`formatNumber(12, "number_with_commas", 1)`, `"12.0"`},
		{`formatNumber(0.256, "percent")`, `"25.6%"`}, {`formatNumber(0.256, "percent", 0)`, `"26%"`}, {`formatNumber(1234.5, "number")`, `"1234.5"`},
		{`formatNumber(1234.5, "unknown")`, `"1234.5"`}, {`formatNumber(1, "eur", -1)`, `"€1"`}, {`formatNumber(prop("Nothing"), "eur")`, `blank`},
		{`formatNumber(0.5, "commas", 0)`, `"1"`}, {`formatNumber(9.5, "number", 0)`, `"10"`},
	})
}

func TestLists(t *testing.T) {
	checkAll(t, &Run{}, []want{
		{`at([1, 2, 3], 0)`, `1`}, {`at([1, 2, 3], 3)`, `blank`}, {`at([1, 2, 3], -1)`, `blank`}, {`at([1, 2, 3], 1.9)`, `2`}, {`[1, 2].at(1)`, `2`},
		{`first([])`, `blank`}, {`last([])`, `blank`}, {`last([1, 2])`, `2`}, {`[3].first`, `3`},
		{`slice([1, 2, 3], 1)`, `[2, 3]`}, {`slice([1, 2, 3], -2)`, `[2, 3]`}, {`slice([1, 2, 3], 0, -1)`, `[1, 2]`}, {`slice([1, 2, 3], 2, 1)`, `[]`},
		{`slice([1, 2, 3], 0, 99)`, `[1, 2, 3]`}, {`splice([1, 2, 3], 1)`, `[1, 2, 3]`}, {`splice([1, 2, 3], 1, 1)`, `[1, 3]`}, {`splice([1, 2, 3, 4, 5], -1, 1)`, `[1, 2, 3, 4]`},
		{`splice([1, 2, 3], 1, 0, "a", "b")`, `[1, "a", "b", 2, 3]`}, {`splice([1, 2, 3], 9, 9, 4)`, `[1, 2, 3, 4]`}, {`splice([1, 2], 0, -1, 0)`, `[0, 1, 2]`},
		{`sort([3, 1, 2])`, `[1, 2, 3]`}, {`sort(["b", "B", "a"])`, `["B", "a", "b"]`}, {`sort([true, false])`, `[false, true]`}, {`sort([10, 9])`, `[9, 10]`},
		{`sort(["a", 2, true, 1])`, `[1, 2, "a", true]`}, {`sort([[2], [1, 2], [1]])`, `[[1], [1, 2], [2]]`}, {`sort([1, 2, 3], -current)`, `[3, 2, 1]`},
		{`sort(["bb", "a", "cc"], length(current))`, `["a", "bb", "cc"]`}, {`sort([2, 1], if(current == 2, empty(), 1))`, `[1, 2]`},
		{`prop("Projects").sort(-current.prop("Hours")).map(current.prop("Name"))`, `["House", "Garden"]`},
		{`sort([parseDate("2024-02-01"), parseDate("2024-01-01")]).first().format()`, `"January 1, 2024"`}, {`prop("Projects").sort().format()`, `"Garden,House"`},
		{`reverse([1, 2, 3])`, `[3, 2, 1]`}, {`unique([1, 2, 1, "1", [1], [1], true, true])`, `[1, 2, "1", [1], true]`},
		{`unique([parseDate("2024-01-01"), parseDate("2024-01-01T00:00Z")])`, `[2024-01-01]`}, {`unique(concat(prop("Projects"), prop("Projects"))).length()`, `2`},
		{`unique([prop("Created by"), prop("Created by")]).length()`, `1`}, {`unique(["a", "a", "b"])`, `["a", "b"]`},
		{`includes([1, 2], 2)`, `true`}, {`includes([1, 2], "2")`, `false`}, {`includes([[1]], [1])`, `true`}, {`includes([empty()], empty())`, `true`},
		{`prop("Tags").includes("red")`, `true`},
		{`find([1, 2, 3], current > 1)`, `2`}, {`find([1], current > 1)`, `blank`}, {`findIndex([1, 2, 3], current > 1)`, `1`}, {`findIndex([1], current > 1)`, `-1`},
		{`filter([1, 2, 3], current > 1)`, `[2, 3]`}, {`filter([1, 2, 3], index > 0)`, `[2, 3]`}, {`filter(["", "a"], current)`, `["a"]`},
		{`some([1, 2], current > 1)`, `true`}, {`some([], current)`, `false`}, {`every([1, 2], current > 1)`, `false`}, {`every([], current)`, `true`},
		{`every([2, 3], current > 1)`, `true`}, {`count([1, 2, 3], current > 1)`, `2`}, {`map([1, 2], current * 2)`, `[2, 4]`}, {`map([1, 2, 3], current + index)`, `[1, 3, 5]`},
		{`map([[1, 2], [3]], map(current, current + index))`, `[[1, 3], [3]]`}, {`map([1, 2], map([10, 20], current))`, `[[10, 20], [10, 20]]`},
		{`map([1, 2], let(outer, current, map([10], current + outer)))`, `[[11], [12]]`}, {`map(["a"], index)`, `[0]`},
		{`let(current, 5, map([1], current))`, `[1]`}, {`let(current, 5, current)`, `5`},
		{`flat([[1, 2], [3, 4]])`, `[1, 2, 3, 4]`}, {`flat([[1, [2]], 3])`, `[1, [2], 3]`}, {`flat([])`, `[]`},
		{`prop("Projects").map(current.prop("Name")).join(" & ")`, `"Garden & House"`}, {`prop("Projects").filter(current.Hours > 3).map(current.Name)`, `["House"]`},
		{`prop("Projects").first().prop("Hours")`, `3`}, {`prop("Projects").at(9).prop("Hours")`, `blank`},
		{`prop("Projects").count(current.prop("Hours") > 2)`, `2`},
	})
}

func TestDates(t *testing.T) {
	checkAll(t, &Run{Now: time.Date(2026, 9, 28, 23, 59, 59, 999, time.UTC)}, []want{
		{`now()`, `2026-09-28T23:59:00.000Z`}, {`today()`, `2026-09-28`}, {`today() == now()`, `false`}, {`now() == now()`, `true`},
		{`minute(now())`, `59`}, {`hour(now())`, `23`}, {`date(now())`, `28`}, {`month(now())`, `9`}, {`year(now())`, `2026`}, {`day(now())`, `1`},
		{`day(parseDate("2023-07-09"))`, `7`}, {`day(parseDate("2023-07-15"))`, `6`}, {`week(parseDate("2023-01-01"))`, `52`}, {`week(parseDate("2020-12-31"))`, `53`},
		{`hour(today())`, `0`}, {`month(parseDate("2024-01-31"))`, `1`},
		// parseDate
		{`parseDate("2026-09-28")`, `2026-09-28`}, {`parseDate("2023")`, `2023-01-01`}, {`parseDate("2023-07")`, `2023-07-01`}, {`parseDate("20230710")`, `2023-07-10`},
		{`parseDate("2023-191")`, `2023-07-10`}, {`parseDate("2023-W28-1")`, `2023-07-10`}, {`parseDate("2023-W28")`, `2023-07-10`}, {`parseDate("2023-W53-1")`, `blank`},
		{`parseDate("2023-07-10T17:35Z")`, `2023-07-10T17:35:00.000Z`}, {`parseDate("2023-07-10T17:35")`, `2023-07-10T17:35:00.000Z`},
		{`parseDate("2023-07-10T17:35:10.250+02:00")`, `2023-07-10T15:35:10.250Z`}, {`parseDate("2023-07-10 17:35")`, `2023-07-10T17:35:00.000Z`},
		{`parseDate("2023-07-10T17:35:10,5Z")`, `2023-07-10T17:35:10.500Z`}, {`parseDate("2023-07-10T17-03")`, `2023-07-10T20:00:00.000Z`}, {`parseDate("2023-07-10t17:35z")`, `2023-07-10T17:35:00.000Z`},
		{`parseDate("2023-02-30")`, `blank`}, {`parseDate("2023-7-1")`, `blank`}, {`parseDate("")`, `blank`}, {`parseDate("0000")`, `blank`}, {`parseDate("10000-01-01")`, `blank`},
		{`parseDate("2023-07-10T")`, `blank`}, {`parseDate("2023-07-10T25:00")`, `blank`}, {`parseDate("2023-07-10T9:30")`, `blank`}, {`parseDate("July 10, 2023")`, `blank`},
		{`parseDate("0001-01-01T00:00+01:00")`, `blank`}, {`parseDate("2023-W00")`, `blank`}, {`parseDate("2023-W1")`, `blank`}, {`parseDate("2023-W28-8")`, `blank`},
		// Adding
		{`dateAdd(parseDate("2024-01-31"), 1, "months")`, `2024-02-29`}, {`dateAdd(parseDate("2023-01-31"), 1, "month")`, `2023-02-28`}, {`dateAdd(parseDate("2024-02-29"), 1, "years")`, `2025-02-28`},
		{`dateAdd(parseDate("2023-11-30"), 1, "quarters")`, `2024-02-29`}, {`dateAdd(parseDate("2023-01-01"), 2, "week")`, `2023-01-15`}, {`dateAdd(parseDate("2023-01-01"), 1, "day")`, `2023-01-02`},
		{`dateAdd(parseDate("2023-01-01"), 3, "hours")`, `2023-01-01T03:00:00.000Z`}, {`dateAdd(parseDate("2023-01-01T10:00"), 90, "minutes")`, `2023-01-01T11:30:00.000Z`},
		{`dateAdd(parseDate("2023-01-01T10:00"), 1.5, "seconds")`, `2023-01-01T10:00:01.500Z`}, {`dateAdd(parseDate("2023-01-01T10:00"), 5, "milliseconds")`, `2023-01-01T10:00:00.005Z`},
		{`dateAdd(parseDate("2023-01-01"), 1.5, "days")`, `2023-01-02T12:00:00.000Z`}, {`dateAdd(parseDate("2023-01-01"), 1.9, "months")`, `2023-02-01`}, {`dateAdd(parseDate("2023-01-01"), 0.5, "years")`, `2023-07-01`},
		{`dateSubtract(parseDate("2023-05-15"), 1, "quarters")`, `2023-02-15`}, {`dateSubtract(parseDate("2023-03-31"), 1, "months")`, `2023-02-28`}, {`dateAdd(parseDate("2023-01-01"), 1, "fortnights")`, `blank`},
		{`dateAdd(parseDate("2023-01-01"), 1e300, "days")`, `blank`}, {`dateAdd(parseDate("9999-12-31"), 1, "days")`, `blank`}, {`dateSubtract(parseDate("0001-01-01"), 1, "minutes")`, `blank`},
		{`dateAdd(parseDate("2023-01-01"), 0, "hours")`, `2023-01-01`}, {`dateAdd(dateRange(parseDate("2023-01-01"), parseDate("2023-01-05")), 1, "days")`, `2023-01-02`},
		{`parseDate("2023-01-01").dateAdd(-1, "days")`, `2022-12-31`},
		// Between
		{`dateBetween(parseDate("2023-03-31"), parseDate("2023-02-28"), "months")`, `1`}, {`dateBetween(parseDate("2023-02-28"), parseDate("2023-03-31"), "months")`, `-1`},
		{`dateBetween(parseDate("2024-01-01"), parseDate("2023-01-01"), "quarters")`, `4`}, {`dateBetween(parseDate("2023-01-15"), parseDate("2023-01-01"), "weeks")`, `2`},
		{`dateBetween(parseDate("2023-01-01T01:30"), parseDate("2023-01-01"), "minutes")`, `90`}, {`dateBetween(parseDate("2023-01-01"), parseDate("2023-01-02T12:00"), "days")`, `-1`},
		{`dateBetween(parseDate("2024-02-29"), parseDate("2023-02-28"), "years")`, `1`}, {`dateBetween(parseDate("2024-02-27"), parseDate("2023-02-28"), "years")`, `0`},
		{`dateBetween(parseDate("2023-01-30"), parseDate("2023-02-28"), "months")`, `-1`}, {`dateBetween(parseDate("2023-01-31"), parseDate("2023-02-28"), "months")`, `-1`}, {`dateBetween(parseDate("2023-01-01"), parseDate("2023-01-01"), "days")`, `0`},
		{`dateBetween(parseDate("2030-01-01"), parseDate("2023-08-30T17:55Z"), "years")`, `6`}, {`dateBetween(now(), now(), "decades")`, `blank`},
		{`dateBetween(parseDate("2023-01-01T00:00:01"), parseDate("2023-01-01"), "milliseconds")`, `1000`},
		// Ranges
		{`dateRange(parseDate("2023-01-01"), parseDate("2023-01-05"))`, `2023-01-01 → 2023-01-05`}, {`dateStart(dateRange(parseDate("2023-01-01"), parseDate("2023-01-05")))`, `2023-01-01`},
		{`dateEnd(parseDate("2023-01-01"))`, `2023-01-01`}, {`dateRange(parseDate("2023-01-01"), parseDate("2023-01-05T12:00"))`, `2023-01-01T00:00:00.000Z → 2023-01-05T12:00:00.000Z`},
		{`let(r, dateRange(parseDate("2022-09-07"), parseDate("2023-09-07")), dateBetween(dateStart(r), dateEnd(r), "days"))`, `-365`},
		{`format(dateRange(parseDate("2023-01-01T10:00"), parseDate("2023-01-02T11:30")))`, `"January 1, 2023 10:00 → January 2, 2023 11:30"`},
		{`year(dateRange(parseDate("2022-01-01"), parseDate("2023-01-01")))`, `2022`},
		{`timestamp(fromTimestamp(1689024945123))`, `1689024900000`}, {`fromTimestamp(-1)`, `1969-12-31T23:59:00.000Z`}, {`fromTimestamp(1e300)`, `blank`}, {`timestamp(parseDate("1970-01-02"))`, `86400000`},
	})
}

func TestFormatDate(t *testing.T) {
	for layout, want := range map[string]string{
		"YYYY YY Y":             "2024 24 2024",
		"Q Qo":                  "1 1st",
		"M Mo MM MMM MMMM":      "3 3rd 03 Mar March",
		"D Do DD":               "2 2nd 02",
		"DDD DDDo DDDD":         "62 62nd 062",
		"d do dd ddd dddd":      "6 6th Sa Sat Saturday",
		"e E":                   "6 6",
		"w wo ww":               "9 9th 09",
		"W Wo WW":               "9 9th 09",
		"gg gggg GG GGGG":       "24 2024 24 2024",
		"H HH h hh k kk":        "0 00 12 12 24 24",
		"m mm s ss":             "5 05 7 07",
		"S SS SSS":              "0 08 089",
		"A a":                   "AM am",
		"Z ZZ z zz":             "+00:00 +0000 UTC UTC",
		"X":                     "1709337907",
		"x":                     "1709337907089",
		"LT":                    "12:05 AM",
		"LTS":                   "12:05:07 AM",
		"L":                     "03/02/2024",
		"LL":                    "March 2, 2024",
		"LLL":                   "March 2, 2024 12:05 AM",
		"LLLL":                  "Saturday, March 2, 2024 12:05 AM",
		"l ll lll":              "3/2/2024 Mar 2, 2024 Mar 2, 2024 12:05 AM",
		"llll":                  "Sat, Mar 2, 2024 12:05 AM",
		"[Month of] MMMM, YYYY": "Month of March, 2024",
		"[] [YYYY":              " [2024",
		`\\MM \\LL`:             "MM LL",
		"é-日 YYYY/MM":           "é-日 2024/03",
		"":                      "",
	} {
		text := `formatDate(parseDate("2024-03-02T00:05:07.089Z"), "` + layout + `")`
		if got := evaluate(t, &Run{}, text).Text(); got != want {
			t.Errorf("%q gives %q, want %q", layout, got, want)
		}
	}
	checkAll(t, &Run{}, []want{
		{`formatDate(parseDate("2024-12-30"), "w gggg W GGGG")`, `"1 2025 1 2025"`}, {`formatDate(parseDate("2021-01-01"), "w gggg W GGGG")`, `"1 2021 53 2020"`},
		{`formatDate(parseDate("2023-08-11"), "Do")`, `"11th"`}, {`formatDate(parseDate("2023-08-22"), "Do")`, `"22nd"`}, {`formatDate(parseDate("2023-08-23"), "Do")`, `"23rd"`},
		{`formatDate(parseDate("2023-08-30T17:55Z"), "h:mm A")`, `"5:55 PM"`}, {`formatDate(parseDate("0033-01-01"), "YYYY Y")`, `"0033 33"`},
		{`formatDate(parseDate("2023-01-15T17:55Z"), "HH:mm z Z", "America/Chicago")`, `"11:55 CST -06:00"`}, {`formatDate(parseDate("2023-07-15T17:55Z"), "HH:mm", "Asia/Kolkata")`, `"23:25"`},
		{`formatDate(parseDate("2023-07-15"), "YYYY-MM-DD HH:mm", "Asia/Kolkata")`, `"2023-07-15 00:00"`}, {`formatDate(now(), "YYYY", "Local")`, `blank`}, {`formatDate(now(), "YYYY", "Nowhere/Land")`, `blank`},
		{`parseDate(formatDate(parseDate("2023-07-15T10:00"), "YYYY-MM-DD"))`, `2023-07-15`},
	})
}

// TestZone runs the documentation's examples where they were made.
func TestZone(t *testing.T) {
	zone := func(name string) *Run {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return &Run{Now: time.Date(2023, 8, 31, 0, 55, 0, 0, time.UTC), Zone: location}
	}
	checkAll(t, zone("America/Los_Angeles"), []want{
		{`format(now())`, `"August 30, 2023 17:55"`}, {`format(today())`, `"August 30, 2023"`}, {`timestamp(now())`, `1693443300000`},
		{`format(dateAdd(now(), 2, "months"))`, `"October 30, 2023 17:55"`}, {`format(dateSubtract(now(), 3, "years"))`, `"August 30, 2020 17:55"`},
		{`format(fromTimestamp(1689024900000))`, `"July 10, 2023 14:35"`}, {`format(parseDate("2022-01-01"))`, `"January 1, 2022"`},
		{`format(parseDate("2022-01-01T00:00Z"))`, `"December 31, 2021 16:00"`}, {`dateBetween(now(), parseDate("2022-09-07"), "days")`, `357`},
		{`dateBetween(parseDate("2030-01-01"), now(), "years")`, `6`}, {`hour(parseDate("2023-07-10T17:35Z"))`, `10`}, {`timestamp(today())`, `1693378800000`},
		{`parseDate("2023-07-10T10:35") == parseDate("2023-07-10T17:35Z")`, `true`}, {`today() < now()`, `true`},
		{`parseDate("2023-07-10") == parseDate("2023-07-10T07:00Z")`, `true`},
	})
	checkAll(t, zone("America/New_York"), []want{
		// A day that has 23 hours.
		{`format(dateAdd(parseDate("2023-03-11T12:00"), 1, "days"))`, `"March 12, 2023 12:00"`}, {`format(dateAdd(parseDate("2023-03-11T12:00"), 24, "hours"))`, `"March 12, 2023 13:00"`},
		{`dateBetween(parseDate("2023-03-12T12:00"), parseDate("2023-03-11T12:00"), "days")`, `1`}, {`dateBetween(parseDate("2023-03-12T12:00"), parseDate("2023-03-11T12:00"), "hours")`, `23`},
		{`dateAdd(parseDate("2023-03-12"), 3, "hours")`, `2023-03-12T08:00:00.000Z`},
	})
	checkAll(t, zone("Asia/Kolkata"), []want{
		{`format(now())`, `"August 31, 2023 06:25"`}, {`timestamp(today())`, `1693420200000`},
		{`dateRange(today(), now())`, `2023-08-30T18:30:00.000Z → 2023-08-31T00:55:00.000Z`},
	})
}
