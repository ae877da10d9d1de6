package formula

import (
	"math"
	"strings"
)

// function is a function of the language.
type function struct {
	// signature is the function for people, and what its calls are checked by: parameters
	// with "?" can be left out, "..." before the last one takes any number of them, T is
	// whatever the arguments are, and (T) → U is evaluated for every item of the list, with
	// the item as current and its place as index.
	signature string
	// example is a formula and its value as [Value.String] shows it.
	example, gives string
	// special is set on what is not called with the values of its arguments.
	special bool
	// loose is set on functions that are called even with blank arguments. Others are blank
	// when an argument is blank that is not taken as it is: not of type T or Any, and not
	// one of any number.
	loose bool
	// One of these is set unless special is.
	none func(*Run) Value
	one  func(*Run, Value) Value
	two  func(*Run, Value, Value) Value
	many func(*Run, []Value) Value
	each func(*Run, []Value, lambda) Value

	// The rest is read from the signature.
	name   string
	params []param
	result param
}

// param is a parameter, or a result.
type param struct {
	name   string
	wanted string // the type for people
	typ    Type
	// variable says how the type depends on T.
	variable  variable
	optional  bool
	unlimited bool
	body      bool
	// any is set where every value is taken as it is, strict where a blank one makes the
	// call blank.
	any, strict bool
	// some is set where neither empty() nor [] can be written (databases.md §4.4).
	some bool
}

type variable uint8

const (
	fixed variable = iota
	itself
	itemOf
	listOfMade // the list of what the body makes
	flattened  // the list of T without one level of lists
)

const unlimited = math.MaxInt

// table holds every function, in the order of databases.md §4.5.
var table = [...]function{
	// General
	{signature: "if(condition: Any, then: T, else: T) → T", special: true,
		example: `if(true, 1, 2)`, gives: `1`},
	{signature: "ifs(condition: Any, value: T, ...more: T) → T", special: true,
		example: `ifs(false, 1, false, 2, 3)`, gives: `3`},
	{signature: "and(...conditions: Any) → Boolean", special: true,
		example: `and(true, 1, "yes")`, gives: `true`},
	{signature: "or(...conditions: Any) → Boolean", special: true,
		example: `or(false, 0, "")`, gives: `false`},
	{signature: "not(condition: Any) → Boolean", special: true,
		example: `not true`, gives: `false`},
	{signature: "empty(value?: Any) → Boolean", one: empty, // empty() is the literal of blank
		example: `empty(0)`, gives: `true`},
	{signature: "length(value: Text | List<Any>) → Number", one: length, loose: true,
		example: `length("Notion")`, gives: `6`},
	{signature: "format(value: Any) → Text", one: format,
		example: `format(1234)`, gives: `"1234"`},
	{signature: "equal(a: Any, b: Any) → Boolean", two: equal,
		example: `equal(1, 2)`, gives: `false`},
	{signature: "unequal(a: Any, b: Any) → Boolean", two: unequal,
		example: `unequal(6, 9)`, gives: `true`},
	{signature: "let(name: Any, value: Any, body: T) → T", special: true,
		example: `let(radius, 4, round(pi() * radius ^ 2))`, gives: `50`},
	{signature: "lets(name: Any, value: Any, body: T, ...more: T) → T", special: true,
		example: `lets(base, 3, height, 8, base * height / 2)`, gives: `12`},
	{signature: "id(page?: Page) → Text", many: id,
		example: `id()`, gives: `"11111111222242228222333333333333"`},

	// Text
	{signature: "substring(text: Text, start: Number, end?: Number) → Text", many: substring,
		example: `substring("Notion", 3)`, gives: `"ion"`},
	{signature: "contains(text: Text, search: Text) → Boolean", two: contains, loose: true,
		example: `contains("Notion", "ot")`, gives: `true`},
	{signature: "test(text: Text, regex: Text) → Boolean", two: test, loose: true,
		example: `test("Notion", "\\d")`, gives: `false`},
	{signature: "match(text: Text, regex: Text) → List<Text>", two: match,
		example: `match("Notion 123 Notion 456", "\\d+")`, gives: `["123", "456"]`},
	{signature: "replace(text: Text, regex: Text, replacement: Text) → Text", many: replace,
		example: `replace("Notion Notion", "N", "M")`, gives: `"Motion Notion"`},
	{signature: "replaceAll(text: Text, regex: Text, replacement: Text) → Text", many: replaceAll,
		example: `replaceAll("Notion 123", "\\d", "")`, gives: `"Notion "`},
	{signature: "lower(text: Text) → Text", one: lower,
		example: `lower("NOTION")`, gives: `"notion"`},
	{signature: "upper(text: Text) → Text", one: upper,
		example: `upper("notion")`, gives: `"NOTION"`},
	{signature: "trim(text: Text) → Text", one: trim,
		example: `trim(" notion ")`, gives: `"notion"`},
	{signature: "repeat(text: Text, times: Number) → Text", two: repeat,
		example: `repeat("0", 4)`, gives: `"0000"`},
	{signature: "padStart(text: Text | Number, length: Number, pad?: Text) → Text", many: padStart,
		example: `padStart(7, 3, "0")`, gives: `"007"`},
	{signature: "padEnd(text: Text | Number, length: Number, pad?: Text) → Text", many: padEnd,
		example: `padEnd("ab", 4, "-")`, gives: `"ab--"`},
	{signature: "link(label: Text, url: Text) → Text", two: link,
		example: `link("Notion", "https://notion.so")`, gives: `"Notion"`},
	{signature: "style(text: Text, ...styles: Text) → Text", many: style,
		example: `style("Notion", "b", "u", "red_background")`, gives: `"Notion"`},
	{signature: "unstyle(text: Text, ...styles: Text) → Text", many: style,
		example: `unstyle(style("Notion", "b"))`, gives: `"Notion"`},
	{signature: "split(text: Text | Number, separator?: Text | Number) → List<Text>", many: split,
		example: `split("apple,pear,orange", ",")`, gives: `["apple", "pear", "orange"]`},
	{signature: "join(list: List<Any>, separator: Text) → Text", two: join,
		example: `join(["a", "b", "c"], ", ")`, gives: `"a, b, c"`},
	{signature: "concat(...lists: List<T>) → List<T>", many: concat,
		example: `concat([1, 2], [3])`, gives: `[1, 2, 3]`},
	{signature: "formatNumber(number: Number, format: Text, precision?: Number) → Text", many: formatNumber,
		example: `formatNumber(282536.47, "brl")`, gives: `"R$282,536.47"`},

	// Number
	{signature: "add(a: Number, b: Number) → Number", special: true,
		example: `add(5, 10)`, gives: `15`},
	{signature: "subtract(a: Number, b: Number) → Number", special: true,
		example: `subtract(4, 5)`, gives: `-1`},
	{signature: "multiply(a: Number, b: Number) → Number", special: true,
		example: `multiply(2, 10)`, gives: `20`},
	{signature: "divide(a: Number, b: Number) → Number", special: true,
		example: `divide(12, 3)`, gives: `4`},
	{signature: "mod(a: Number, b: Number) → Number", special: true,
		example: `mod(-7, 5)`, gives: `-2`},
	{signature: "pow(base: Number, exponent: Number) → Number", special: true,
		example: `pow(5, 3)`, gives: `125`},
	{signature: "min(...values: Number | List<Number>) → Number", many: minimum,
		example: `min(4, 1, [9, -3])`, gives: `-3`},
	{signature: "max(...values: Number | List<Number>) → Number", many: maximum,
		example: `max(5, 2, 9, 3)`, gives: `9`},
	{signature: "sum(...values: Number | List<Number>) → Number", many: sum,
		example: `sum([1, 2, 3], 4, 5)`, gives: `15`},
	{signature: "median(...values: Number | List<Number>) → Number", many: median,
		example: `median([1, 2, 3, 4])`, gives: `2.5`},
	{signature: "mean(...values: Number | List<Number>) → Number", many: mean,
		example: `mean([1, 2, 3], 4, 5)`, gives: `3`},
	{signature: "abs(number: Number) → Number", one: numeral(math.Abs),
		example: `abs(-10)`, gives: `10`},
	{signature: "round(number: Number, places?: Number) → Number", many: round,
		example: `round(-0.6)`, gives: `-1`},
	{signature: "ceil(number: Number) → Number", one: numeral(math.Ceil),
		example: `ceil(-0.6)`, gives: `0`},
	{signature: "floor(number: Number) → Number", one: numeral(math.Floor),
		example: `floor(-0.6)`, gives: `-1`},
	{signature: "sqrt(number: Number) → Number", one: numeral(math.Sqrt),
		example: `sqrt(16)`, gives: `4`},
	{signature: "cbrt(number: Number) → Number", one: numeral(math.Cbrt),
		example: `cbrt(9)`, gives: `2.080083823051904`},
	{signature: "exp(number: Number) → Number", one: numeral(math.Exp),
		example: `exp(0)`, gives: `1`},
	{signature: "ln(number: Number) → Number", one: numeral(math.Log),
		example: `ln(10)`, gives: `2.302585092994046`},
	{signature: "log10(number: Number) → Number", one: numeral(math.Log10),
		example: `log10(100000)`, gives: `5`},
	{signature: "log2(number: Number) → Number", one: numeral(math.Log2),
		example: `log2(1024)`, gives: `10`},
	{signature: "sign(number: Number) → Number", one: numeral(sign),
		example: `sign(-10)`, gives: `-1`},
	{signature: "pi() → Number", none: func(*Run) Value { return NumberValue(math.Pi) },
		example: `pi()`, gives: `3.141592653589793`},
	{signature: "e() → Number", none: func(*Run) Value { return NumberValue(math.E) },
		example: `e()`, gives: `2.718281828459045`},
	{signature: "toNumber(value: Any) → Number", one: toNumber,
		example: `toNumber("42 rabbits")`, gives: `42`},

	// Date
	{signature: "now() → Date", none: now,
		example: `format(now())`, gives: `"August 30, 2023 17:55"`},
	{signature: "today() → Date", none: today,
		example: `format(today())`, gives: `"August 30, 2023"`},
	{signature: "minute(date: Date) → Number", one: minute,
		example: `minute(parseDate("2023-07-10T17:35Z"))`, gives: `35`},
	{signature: "hour(date: Date) → Number", one: hour,
		example: `hour(parseDate("2023-07-10T17:35Z"))`, gives: `17`},
	{signature: "day(date: Date) → Number", one: day,
		example: `day(parseDate("2023-07-10T17:35Z"))`, gives: `1`},
	{signature: "date(date: Date) → Number", one: dayOfMonth,
		example: `date(parseDate("2023-07-10T17:35Z"))`, gives: `10`},
	{signature: "week(date: Date) → Number", one: week,
		example: `week(parseDate("2023-01-02"))`, gives: `1`},
	{signature: "month(date: Date) → Number", one: month,
		example: `month(parseDate("2023-07-10T17:35Z"))`, gives: `7`},
	{signature: "year(date: Date) → Number", one: year,
		example: `year(now())`, gives: `2023`},
	{signature: "dateAdd(date: Date, amount: Number, unit: Text) → Date", many: dateAdd,
		example: `format(dateAdd(now(), 1, "days"))`, gives: `"August 31, 2023 17:55"`},
	{signature: "dateSubtract(date: Date, amount: Number, unit: Text) → Date", many: dateSubtract,
		example: `format(dateSubtract(now(), 2, "months"))`, gives: `"June 30, 2023 17:55"`},
	{signature: "dateBetween(a: Date, b: Date, unit: Text) → Number", many: dateBetween,
		example: `dateBetween(now(), parseDate("2022-09-07"), "days")`, gives: `357`},
	{signature: "dateRange(start: Date, end: Date) → Date", two: dateRange,
		example: `format(dateRange(parseDate("2022-09-07"), parseDate("2023-09-07")))`,
		gives:   `"September 7, 2022 → September 7, 2023"`},
	{signature: "dateStart(date: Date) → Date", one: dateStart,
		example: `dateStart(dateRange(parseDate("2022-09-07"), parseDate("2023-09-07")))`, gives: `2022-09-07`},
	{signature: "dateEnd(date: Date) → Date", one: dateEnd,
		example: `dateEnd(dateRange(parseDate("2022-09-07"), parseDate("2023-09-07")))`, gives: `2023-09-07`},
	{signature: "timestamp(date: Date) → Number", one: timestamp,
		example: `timestamp(parseDate("2023-07-10T21:35Z"))`, gives: `1689024900000`},
	{signature: "fromTimestamp(milliseconds: Number) → Date", one: fromTimestamp,
		example: `fromTimestamp(1689024942123)`, gives: `2023-07-10T21:35:00.000Z`},
	{signature: "formatDate(date: Date, format: Text, zone?: Text) → Text", many: formatDate,
		example: `formatDate(now(), "MMMM D, Y")`, gives: `"August 30, 2023"`},
	{signature: "parseDate(text: Text) → Date", one: parseDate,
		example: `parseDate("2022-01-01T00:00Z")`, gives: `2022-01-01T00:00:00.000Z`},

	// People
	{signature: "name(person: Person) → Text", one: nameOf,
		example: `name(prop("Created by"))`, gives: `"Ada"`},
	{signature: "email(person: Person) → Text", one: emailOf,
		example: `email(prop("Created by"))`, gives: `"ada@example.com"`},

	// List
	{signature: "at(list: List<T>, index: Number) → T", two: at,
		example: `at([1, 2, 3], 1)`, gives: `2`},
	{signature: "first(list: List<T>) → T", one: first,
		example: `first([1, 2, 3])`, gives: `1`},
	{signature: "last(list: List<T>) → T", one: last,
		example: `last([1, 2, 3])`, gives: `3`},
	{signature: "slice(list: List<T>, start: Number, end?: Number) → List<T>", many: slice,
		example: `slice([1, 2, 3], 1, 2)`, gives: `[2]`},
	{signature: "splice(list: List<T>, start: Number, deleteCount?: Number, ...items: T) → List<T>", many: splice,
		example: `splice([1, 2, 3], 1, 1, 8, 9)`, gives: `[1, 8, 9, 3]`},
	{signature: "sort(list: List<T>, by?: (T) → U) → List<T>", each: sortList,
		example: `sort([3, 1, 2])`, gives: `[1, 2, 3]`},
	{signature: "reverse(list: List<T>) → List<T>", one: reverse,
		example: `reverse(["green", "eggs", "ham"])`, gives: `["ham", "eggs", "green"]`},
	{signature: "unique(list: List<T>) → List<T>", one: unique,
		example: `unique([1, 1, 2])`, gives: `[1, 2]`},
	{signature: "includes(list: List<Any>, value: Any) → Boolean", two: includes,
		example: `includes(["a", "b", "c"], "b")`, gives: `true`},
	{signature: "find(list: List<T>, matches: (T) → U) → T", each: find,
		example: `find(["a", "b", "c"], current == "b")`, gives: `"b"`},
	{signature: "findIndex(list: List<T>, matches: (T) → U) → Number", each: findIndex,
		example: `findIndex([1, 2, 3], current > 100)`, gives: `-1`},
	{signature: "filter(list: List<T>, matches: (T) → U) → List<T>", each: filter,
		example: `filter([1, 2, 3], current > 1)`, gives: `[2, 3]`},
	{signature: "some(list: List<T>, matches: (T) → U) → Boolean", each: some,
		example: `some([1, 2, 3], current == 2)`, gives: `true`},
	{signature: "every(list: List<T>, matches: (T) → U) → Boolean", each: every,
		example: `every([1, 2, 3], current > 0)`, gives: `true`},
	{signature: "map(list: List<T>, value: (T) → U) → List<U>", each: mapList,
		example: `map([1, 2, 3], current + index)`, gives: `[1, 3, 5]`},
	{signature: "count(list: List<T>, matches: (T) → U) → Number", each: count,
		example: `count([1, 2, 3], current > 1)`, gives: `2`},
	{signature: "flat(list: List<T>) → Flat<T>", one: flat,
		example: `flat([[1, 2], [3, 4]])`, gives: `[1, 2, 3, 4]`},
}

// functions is the table by name.
var functions = byName()

func byName() map[string]*function {
	index := make(map[string]*function, len(table))
	for i := range table {
		f := &table[i]
		f.readSignature()
		index[f.name] = f
	}
	return index
}

// readSignature fills what is said by the signature.
func (f *function) readSignature() {
	open := strings.IndexByte(f.signature, '(')
	arrow := strings.LastIndex(f.signature, ") → ")
	f.name = f.signature[:open]
	f.result = readType(f.signature[arrow+len(") → "):])
	inside := f.signature[open+1 : arrow]
	if inside == "" {
		return
	}
	for _, text := range strings.Split(inside, ", ") {
		name, typ, _ := strings.Cut(text, ": ")
		p := readType(typ)
		name, p.unlimited = strings.CutPrefix(name, "...")
		p.name, p.optional = strings.CutSuffix(name, "?")
		p.strict = !f.loose && !p.unlimited && !p.any
		f.params = append(f.params, p)
	}
}

// typeNames are the types a signature can be made of.
var typeNames = map[string]param{
	"Number": {typ: TypeOf(KindNumber)}, "Text": {typ: TypeOf(KindText)}, "Boolean": {typ: TypeOf(KindBoolean)},
	"Date": {typ: TypeOf(KindDate)}, "Person": {typ: TypeOf(KindPerson)}, "Page": {typ: TypeOf(KindPage)},
	"Any": {typ: AnyType(), any: true}, "List<Any>": {typ: ListOf(AnyType())}, "List<Text>": {typ: ListOf(TypeOf(KindText))},
	"T": {typ: AnyType(), any: true, variable: itself}, "List<T>": {typ: ListOf(AnyType()), variable: itemOf},
	"List<U>": {variable: listOfMade}, "(T) → U": {body: true},
	"Flat<T>": {variable: flattened}, "List<Number>": {typ: *numbers, some: true},
}

// numbers is the type of numbers and lists of numbers, of any depth.
var numbers = func() *Type {
	t := &Type{kinds: setOf(KindNumber, KindList), first: KindNumber}
	t.item = t
	return t
}()

func readType(text string) param {
	var p param
	for i, name := range strings.Split(text, " | ") {
		one := typeNames[name]
		if i == 0 {
			p = one
		}
		p.typ, p.some = p.typ.or(one.typ), p.some || one.some
	}
	switch {
	case p.some:
		p.wanted = "Number or List of Number"
	case p.variable == itemOf || text == "List<Any>":
		p.wanted = "List"
	default:
		p.wanted = p.typ.String()
	}
	return p
}

// arity returns the least and the largest number of arguments.
func (f *function) arity() (least, most int) {
	for i, p := range f.params {
		switch {
		case p.unlimited:
			most = unlimited
			if i == 0 {
				least = 1
			}
			return least, most
		case !p.optional:
			least++
		}
	}
	return least, len(f.params)
}

// param returns the parameter that takes the argument with index i.
func (f *function) param(i int) *param {
	return &f.params[min(i, len(f.params)-1)]
}

// resultType returns the type of a call, from T and the type of its body.
func (f *function) resultType(item, body Type) Type {
	switch f.result.variable {
	case itself:
		return item
	case itemOf:
		return ListOf(item)
	case listOfMade:
		return ListOf(body)
	case flattened:
		return ListOf(item.withoutList().or(item.Item()))
	}
	return f.result.typ
}

// build returns the code of a call. Arguments whose bit is set in strict make the call
// blank when they are; from base on there is room for all of them in the frame.
func (f *function) build(args []code, strict uint64, base int, body lambda) code {
	switch {
	case f.none != nil:
		return f.none
	case f.one != nil:
		return buildOne(f.one, args[0], strict&1 != 0)
	case f.two != nil:
		return buildTwo(f.two, args[0], args[1], strict&1 != 0, strict&2 != 0)
	}
	call := f.many
	if f.each != nil {
		call = func(r *Run, values []Value) Value { return f.each(r, values[0].Items(), body) }
	}
	return func(r *Run) Value {
		values := r.frame[base : base+len(args) : base+len(args)]
		for i, arg := range args {
			v := arg(r)
			if v.kind <= failed && (v.kind == failed || strict>>i&1 != 0) {
				return v
			}
			values[i] = v
		}
		return call(r, values)
	}
}

func buildOne(call func(*Run, Value) Value, arg code, strict bool) code {
	return func(r *Run) Value {
		v := arg(r)
		if v.kind <= failed && (strict || v.kind == failed) {
			return v
		}
		return call(r, v)
	}
}

func buildTwo(call func(*Run, Value, Value) Value, a, b code, strictA, strictB bool) code {
	return func(r *Run) Value {
		x := a(r)
		if x.kind <= failed && (strictA || x.kind == failed) {
			return x
		}
		y := b(r)
		if y.kind <= failed && (strictB || y.kind == failed) {
			return y
		}
		return call(r, x, y)
	}
}
