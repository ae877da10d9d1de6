package schema

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"octavo/internal/jsonx"
)

// CheckQuery reads a query string by the definition called name, an object, and checks
// it. It returns the object made from it: numbers and booleans where the schema has
// them, as JavaScript's Number and JSON write them; arrays from one key, a repeated key,
// or a key followed by []. Whatever cannot be converted stays a string, for the refusal
// to show (contract.md §3.5). A key that is repeated and is no array is shown as one.
//
// Keys come in the order of the schema, unknown ones after them in alphabetical order,
// since [url.Values] has lost the order of the client. Bytes that are not UTF-8 become
// U+FFFD.
func (s *Set) CheckQuery(name string, q url.Values) (jsonx.Value, error) {
	s.Seal()
	o := s.Object(name)
	var members []jsonx.Member
	used := map[string]bool{}
	for _, f := range o.fields {
		texts := q[f.key]
		used[f.key] = true
		item, isArray := itemOf(f.typ)
		if isArray {
			texts = append(slices.Clip(texts), q[f.key+"[]"]...)
			used[f.key+"[]"] = true
		}
		if len(texts) == 0 {
			continue
		}
		if isArray {
			members = append(members, jsonx.M(f.key, convertAll(item, texts)))
			continue
		}
		members = append(members, jsonx.M(f.key, convertOne(f.typ, texts)))
	}
	for _, key := range slices.Sorted(maps.Keys(q)) {
		if !used[key] && len(q[key]) > 0 {
			members = append(members, jsonx.M(strings.ToValidUTF8(key, "\uFFFD"), convertOne(anyType, q[key])))
		}
	}
	v := jsonx.ObjectValue(members...)
	return v, s.Check("query", name, v)
}

// itemOf returns the rule of the items when t is an array or has one among its variants.
func itemOf(t Type) (Type, bool) {
	switch t := t.(type) {
	case *ArrayType:
		return t.item, true
	case *RefType:
		return itemOf(t.target)
	case *UnionType:
		for _, v := range t.variants {
			if item, ok := itemOf(v); ok {
				return item, true
			}
		}
	}
	return nil, false
}

func convertOne(t Type, texts []string) jsonx.Value {
	if len(texts) > 1 {
		return convertAll(t, texts)
	}
	return convert(t, texts[0])
}

func convertAll(t Type, texts []string) jsonx.Value {
	items := make([]jsonx.Value, len(texts))
	for i, s := range texts {
		items[i] = convert(t, s)
	}
	return jsonx.ArrayValue(items...)
}

func convert(t Type, s string) jsonx.Value {
	if s == "true" || s == "false" {
		if has(t, func(t Type) bool { return t == boolType || t == trueType }) {
			return jsonx.BoolValue(s == "true")
		}
	}
	if f, ok := parseNumber(s); ok && has(t, isNumber) {
		return jsonx.NumberValue(f)
	}
	return jsonx.StringValue(strings.ToValidUTF8(s, "\uFFFD"))
}

func isNumber(t Type) bool {
	_, ok := t.(NumberType)
	return ok
}

// has reports whether t or one of its variants is what is asked for.
func has(t Type, is func(Type) bool) bool {
	switch t := t.(type) {
	case *RefType:
		return has(t.target, is)
	case *UnionType:
		return slices.ContainsFunc(t.variants, func(v Type) bool { return has(v, is) })
	}
	return is(t)
}

// parseNumber reads a decimal number as JavaScript does; what is beyond float64 is an
// infinity. Nothing is not a number here, and neither are hexadecimal numbers or names.
func parseNumber(s string) (float64, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" || !strings.ContainsAny(s, "0123456789") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if numErr, ok := err.(*strconv.NumError); ok && numErr.Err == strconv.ErrRange {
		return f, true
	}
	return f, err == nil
}
