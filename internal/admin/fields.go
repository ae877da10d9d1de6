package admin

import (
	"math"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// field is one key of a body, a query string or an answer. The schema that checks
// requests and the OpenAPI description are both made from it.
type field struct {
	key      string
	doc      string
	check    schema.Type
	describe string // JSON Schema
	required bool
}

func text(key, doc string) field {
	return field{key, doc, schema.String(), `{"type":"string"}`, false}
}

func flag(key, doc string) field {
	return field{key, doc, schema.Bool(), `{"type":"boolean"}`, false}
}

func id(key, doc string) field {
	return field{key, doc, schema.UUID(), `{"type":"string","format":"uuid"}`, false}
}

// date is a time in an answer.
func date(key, doc string) field {
	return field{key, doc, schema.Date(), `{"type":"string","format":"date-time"}`, false}
}

// when is a time in a request, which has more forms.
func when(key, doc string) field {
	return field{key, doc + " A date or a time of ISO 8601; without a zone it is in UTC.", schema.Date(), `{"type":"string","examples":["2027-01-31","2027-01-31T12:00:00Z"]}`, false}
}

func number(key, doc string) field {
	return field{key, doc, schema.Number(), `{"type":"number"}`, false}
}

// whole is a number without a fraction from least on; [wholeOf] reads it.
func whole(key, doc string, least float64) field {
	describe := jsonx.ObjectValue(
		jsonx.M("type", jsonx.StringValue("integer")), jsonx.M("minimum", jsonx.NumberValue(least)), jsonx.M("maximum", jsonx.NumberValue(maxWhole)))
	return field{key, doc, schema.Number().Min(least).Max(maxWhole), describe.String(), false}
}

func texts(key, doc string) field {
	return field{key, doc, schema.Array(schema.String(), 100), `{"type":"array","items":{"type":"string"},"maxItems":100}`, false}
}

func oneOf(key, doc string, values ...string) field {
	var names []jsonx.Value
	for _, v := range values {
		names = append(names, jsonx.StringValue(v))
	}
	describe := jsonx.ObjectValue(
		jsonx.M("type", jsonx.StringValue("string")), jsonx.M("enum", jsonx.ArrayValue(names...)))
	return field{key, doc, schema.Literal(values...), describe.String(), false}
}

// must makes a field one that has to be there.
func must(f field) field {
	f.required = true
	return f
}

// nullable makes a field one that can be null.
func nullable(f field) field {
	f.check = schema.Nullable(f.check)
	f.describe = `{"anyOf":[` + f.describe + `,{"type":"null"}]}`
	return f
}

// object is the schema of a body or query string with the fields.
func object(fields []field) *schema.ObjectType {
	o := schema.Object()
	for _, f := range fields {
		if f.required {
			o.Add(schema.Req(f.key, f.check))
		} else {
			o.Add(schema.Opt(f.key, f.check))
		}
	}
	return o
}

// maxWhole is the largest number of which float64 still knows each whole number below.
const maxWhole = 1<<53 - 1

// wholeOf reads a number that must have no fraction, zero when it is not there.
func wholeOf(loc string, in jsonx.Value, key string) (int, error) {
	f := in.Get(key).Float()
	if f != math.Trunc(f) {
		return 0, invalid("%[1]s failed validation: %[1]s.%[2]s should be a whole number, instead was %[3]s.", loc, key, schema.Show(in.Get(key)))
	}
	return int(f), nil
}

// durationOf reads a duration such as 250ms, zero when it is not there or empty.
func durationOf(in jsonx.Value, key string) (time.Duration, error) {
	s := in.Get(key).Text()
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, invalid("body failed validation: body.%s should be a duration such as `\"250ms\"`, instead was %s.", key, schema.Show(in.Get(key)))
	}
	return d, nil
}

// optional returns the string under key, nil when it is not there. Null reads as "".
func optional(in jsonx.Value, key string) *string {
	v := in.Get(key)
	if !v.Defined() {
		return nil
	}
	s := v.Text()
	return &s
}

// optionalFlag returns the boolean under key, nil when it is not there.
func optionalFlag(in jsonx.Value, key string) *bool {
	v := in.Get(key)
	if !v.Defined() {
		return nil
	}
	b := v.True()
	return &b
}

// stringsOf returns the strings of an array, nil when it is not there.
func stringsOf(in jsonx.Value, key string) []string {
	v := in.Get(key)
	if !v.Defined() {
		return nil
	}
	list := []string{}
	for _, item := range v.Items() {
		list = append(list, item.Text())
	}
	return list
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}

// oneOfTrue is a flag that can only be set.
func oneOfTrue(key, doc string) field {
	return field{key, doc, schema.True(), `{"type":"boolean","const":true}`, false}
}
