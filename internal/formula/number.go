package formula

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// numeral makes a function of the language of one on numbers.
func numeral(f func(float64) float64) func(*Run, Value) Value {
	return func(_ *Run, v Value) Value { return NumberValue(f(v.Number())) }
}

func sign(f float64) float64 {
	switch {
	case f > 0:
		return 1
	case f < 0:
		return -1
	}
	return 0
}

// roundHalfUp is JavaScript's Math.round.
func roundHalfUp(f float64) float64 {
	floor := math.Floor(f)
	if f-floor >= 0.5 {
		return floor + 1
	}
	return floor
}

func round(_ *Run, args []Value) Value {
	f := args[0].Number()
	if len(args) == 1 {
		return NumberValue(roundHalfUp(f))
	}
	places := math.Trunc(args[1].Number())
	scale := math.Pow(10, math.Abs(places))
	if places < 0 {
		// Dividing is exact where multiplying by 0.01 is not.
		if math.IsInf(scale, 0) {
			return NumberValue(0)
		}
		return NumberValue(roundHalfUp(f/scale) * scale)
	}
	if scaled := f * scale; scaled-scaled == 0 {
		return NumberValue(roundHalfUp(scaled) / scale)
	}
	return NumberValue(f) // it has no digits beyond so many places
}

// each calls take for every number among the values and in their lists.
func (r *Run) eachNumber(values []Value, take func(float64)) bool {
	for _, v := range values {
		switch v.kind {
		case KindNumber:
			take(v.float())
		case KindList:
			if !r.spend(len(v.Items())) || !r.eachNumber(v.Items(), take) {
				return false
			}
		}
	}
	return true
}

// fold combines the numbers among the values; of none it is blank.
func (r *Run) fold(values []Value, combine func(a, b float64) float64) Value {
	var result float64
	n := 0
	ok := r.eachNumber(values, func(f float64) {
		if n == 0 {
			result = f
		} else {
			result = combine(result, f)
		}
		n++
	})
	switch {
	case !ok:
		return failure
	case n == 0:
		return Value{}
	}
	return NumberValue(result)
}

func minimum(r *Run, values []Value) Value { return r.fold(values, math.Min) }
func maximum(r *Run, values []Value) Value { return r.fold(values, math.Max) }

func sum(r *Run, values []Value) Value {
	total := 0.0
	if !r.eachNumber(values, func(f float64) { total += f }) {
		return failure
	}
	return NumberValue(total)
}

func mean(r *Run, values []Value) Value {
	total, n := 0.0, 0.0
	if !r.eachNumber(values, func(f float64) { total += f; n++ }) {
		return failure
	}
	return NumberValue(total / n)
}

func median(r *Run, values []Value) Value {
	var all []float64
	if !r.eachNumber(values, func(f float64) { all = append(all, f) }) || !r.spend(8*len(all)) {
		return failure
	}
	if len(all) == 0 {
		return Value{}
	}
	slices.Sort(all)
	middle := len(all) / 2
	if len(all)%2 == 1 {
		return NumberValue(all[middle])
	}
	return NumberValue(all[middle-1]/2 + all[middle]/2)
}

func toNumber(r *Run, v Value) Value {
	switch v.kind {
	case KindNumber:
		return v
	case KindBoolean:
		return NumberValue(v.asNumber())
	case KindDate:
		return NumberValue(float64(r.instant(v)))
	case KindText:
		return leadingNumber(v.Text())
	}
	return Value{}
}

// leadingNumber reads the number a text begins with, as JavaScript's parseFloat does.
func leadingNumber(s string) Value {
	s = strings.TrimLeftFunc(s, isSpace)
	end := 0
	if end < len(s) && (s[0] == '-' || s[0] == '+') {
		end++
	}
	whole := digits(s[end:])
	end += whole
	fraction := 0
	if end < len(s) && s[end] == '.' {
		if fraction = digits(s[end+1:]); fraction > 0 || whole > 0 {
			end += 1 + fraction
		}
	}
	if whole+fraction == 0 {
		return Value{}
	}
	if end < len(s) && s[end]|0x20 == 'e' {
		sign := 1
		if end+1 < len(s) && (s[end+1] == '-' || s[end+1] == '+') {
			sign++
		}
		if n := digits(s[min(end+sign, len(s)):]); n > 0 {
			end += sign + n
		}
	}
	f, _ := strconv.ParseFloat(s[:end], 64) // the error is about size only, and f an infinity
	return NumberValue(f)
}

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// numberStyle is how formatNumber shows a number.
type numberStyle struct {
	symbol string
	// decimals is how many decimals are shown when no precision is given, -1 for as many as
	// there are.
	decimals int
	plain    bool // no commas
	percent  bool
}

// numberStyles are known by the codes of currencies and by the names of the number formats
// of databases.md §2.3. The symbols are those of the English of the United States.
var numberStyles = map[string]numberStyle{
	"number": {decimals: -1, plain: true}, "commas": {decimals: -1}, "percent": {decimals: -1, percent: true},
	"usd": {symbol: "$", decimals: 2}, "aud": {symbol: "A$", decimals: 2}, "cad": {symbol: "CA$", decimals: 2},
	"sgd": {symbol: "SGD ", decimals: 2}, "eur": {symbol: "€", decimals: 2}, "gbp": {symbol: "£", decimals: 2},
	"jpy": {symbol: "¥"}, "rub": {symbol: "RUB ", decimals: 2}, "inr": {symbol: "₹", decimals: 2},
	"krw": {symbol: "₩"}, "cny": {symbol: "CN¥", decimals: 2}, "brl": {symbol: "R$", decimals: 2},
	"try": {symbol: "TRY ", decimals: 2}, "idr": {symbol: "IDR ", decimals: 2}, "chf": {symbol: "CHF ", decimals: 2},
	"hkd": {symbol: "HK$", decimals: 2}, "nzd": {symbol: "NZ$", decimals: 2}, "sek": {symbol: "SEK ", decimals: 2},
	"nok": {symbol: "NOK ", decimals: 2}, "mxn": {symbol: "MX$", decimals: 2}, "zar": {symbol: "ZAR ", decimals: 2},
	"twd": {symbol: "NT$", decimals: 2}, "dkk": {symbol: "DKK ", decimals: 2}, "pln": {symbol: "PLN ", decimals: 2},
	"thb": {symbol: "THB ", decimals: 2}, "huf": {symbol: "HUF ", decimals: 2}, "czk": {symbol: "CZK ", decimals: 2},
	"ils": {symbol: "₪", decimals: 2}, "clp": {symbol: "CLP "}, "php": {symbol: "₱", decimals: 2},
	"aed": {symbol: "AED ", decimals: 2}, "cop": {symbol: "COP ", decimals: 2}, "sar": {symbol: "SAR ", decimals: 2},
	"myr": {symbol: "MYR ", decimals: 2}, "ron": {symbol: "RON ", decimals: 2}, "ars": {symbol: "ARS ", decimals: 2},
	"uyu": {symbol: "UYU ", decimals: 2}, "pen": {symbol: "PEN ", decimals: 2}, "vnd": {symbol: "₫"},
	"pkr": {symbol: "PKR ", decimals: 2},
}

// numberStyleNames are other names of styles: those of the number formats of properties.
var numberStyleNames = map[string]string{
	"number_with_commas": "commas", "dollar": "usd", "australian_dollar": "aud", "canadian_dollar": "cad",
	"singapore_dollar": "sgd", "euro": "eur", "pound": "gbp", "yen": "jpy", "ruble": "rub", "rupee": "inr",
	"won": "krw", "yuan": "cny", "real": "brl", "lira": "try", "rupiah": "idr", "franc": "chf",
	"hong_kong_dollar": "hkd", "new_zealand_dollar": "nzd", "krona": "sek", "norwegian_krone": "nok",
	"mexican_peso": "mxn", "rand": "zar", "new_taiwan_dollar": "twd", "danish_krone": "dkk", "zloty": "pln",
	"baht": "thb", "forint": "huf", "koruna": "czk", "shekel": "ils", "chilean_peso": "clp",
	"philippine_peso": "php", "dirham": "aed", "colombian_peso": "cop", "riyal": "sar", "ringgit": "myr",
	"leu": "ron", "argentine_peso": "ars", "uruguayan_peso": "uyu", "peruvian_sol": "pen",
	"vietnamese_dong": "vnd", "pakistani_rupee": "pkr",
}

// formatNumber shows a number in a style; one that is not known shows it plainly.
func formatNumber(r *Run, args []Value) Value {
	f, key := args[0].Number(), strings.ToLower(args[1].Text())
	if alias := numberStyleNames[key]; alias != "" {
		key = alias
	}
	style, isKnown := numberStyles[key]
	if !isKnown {
		style = numberStyles["number"]
	}
	decimals := style.decimals
	if len(args) > 2 {
		decimals = int(max(0, min(math.Trunc(args[2].Number()), 100)))
	}
	if style.percent {
		f *= 100
	}
	if f-f != 0 {
		return Value{}
	}
	text := decimal(math.Abs(f), decimals)
	if !style.plain {
		text = group(text)
	}
	text = style.symbol + text
	if style.percent {
		text += "%"
	}
	if f < 0 && strings.ContainsAny(text, "123456789") {
		text = "-" + text
	}
	return r.newText(text)
}

// decimal shows f with so many decimals, rounding a half away from zero.
func decimal(f float64, decimals int) string {
	if decimals < 0 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	// The shortest decimal is rounded, not the binary fraction: 1.005 becomes 1.01.
	short := strconv.FormatFloat(f, 'f', -1, 64)
	whole, fraction, _ := strings.Cut(short, ".")
	if len(fraction) <= decimals {
		if decimals == 0 {
			return whole
		}
		return whole + "." + fraction + strings.Repeat("0", decimals-len(fraction))
	}
	up := fraction[decimals] >= '5'
	kept := []byte(whole + fraction[:decimals])
	for i := len(kept) - 1; up && i >= 0; i-- {
		if up = kept[i] == '9'; up {
			kept[i] = '0'
		} else {
			kept[i]++
		}
	}
	result := string(kept)
	if up {
		result = "1" + result
	}
	if decimals == 0 {
		return result
	}
	point := len(result) - decimals
	return result[:point] + "." + result[point:]
}

// group puts commas between the thousands.
func group(s string) string {
	whole, fraction, hasFraction := strings.Cut(s, ".")
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if hasFraction {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}
