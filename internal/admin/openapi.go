package admin

import (
	"strings"

	"octavo/internal/jsonx"
)

// describe makes the OpenAPI description of the routes.
func describe(version string) jsonx.Value {
	paths := jsonx.ObjectValue()
	for i := range routes {
		r := &routes[i]
		item := paths.Get(r.path)
		if !item.Defined() {
			item = jsonx.ObjectValue()
			paths.Set(r.path, item)
		}
		item.Set(strings.ToLower(r.method), r.describe())
	}
	components := jsonx.ObjectValue()
	for _, s := range shapes {
		fields := append([]field{{key: "object", describe: `{"const":"` + s.name + `"}`}}, s.fields...)
		components.Set(s.name, schemaOf(fields))
	}
	components.Set("error", raw(`{"type":"object","properties":{"object":{"const":"error"},"status":{"type":"integer"},"code":{"type":"string"},"message":{"type":"string"},"additional_data":{"type":"object"},"request_id":{"type":"string","format":"uuid"}},"required":["object","status","code","message","request_id"]}`))
	return obj(
		jsonx.M("openapi", jsonx.StringValue("3.1.0")),
		jsonx.M("info", obj(
			jsonx.M("title", jsonx.StringValue("Octavo admin endpoints")),
			jsonx.M("version", jsonx.StringValue(version)),
		)),
		jsonx.M("paths", paths),
		jsonx.M("components", obj(
			jsonx.M("schemas", components),
			jsonx.M("securitySchemes", raw(`{"admin":{"type":"http","scheme":"bearer"}}`)),
		)),
	)
}

// describe is the operation of a route.
func (r *route) describe() jsonx.Value {
	op := obj(
		jsonx.M("operationId", jsonx.StringValue(r.name)),
		jsonx.M("summary", jsonx.StringValue(r.summary)),
	)
	if !r.open {
		op.Set("security", raw(`[{"admin":[]}]`))
	}
	var params []jsonx.Value
	for _, name := range parameters(r.path) {
		params = append(params, parameter("path", must(id(name, ""))))
	}
	for _, f := range r.queryFields() {
		params = append(params, parameter("query", f))
	}
	if params != nil {
		op.Set("parameters", jsonx.ArrayValue(params...))
	}
	if r.body != nil {
		op.Set("requestBody", obj(
			jsonx.M("required", jsonx.BoolValue(true)),
			jsonx.M("content", jsonContent(schemaOf(r.body))),
		))
	}
	op.Set("responses", obj(
		jsonx.M("200", r.success()),
		jsonx.M("default", obj(
			jsonx.M("description", jsonx.StringValue("An error.")),
			jsonx.M("content", jsonContent(reference("error"))),
		)),
	))
	return op
}

// success describes the answer of a route that goes well.
func (r *route) success() jsonx.Value {
	answer := obj(jsonx.M("description", jsonx.StringValue("Success.")))
	switch {
	case r.answer == "":
	case r.list:
		answer.Set("content", jsonContent(obj(
			jsonx.M("type", jsonx.StringValue("object")),
			jsonx.M("properties", obj(
				jsonx.M("object", raw(`{"const":"list"}`)),
				jsonx.M("results", obj(
					jsonx.M("type", jsonx.StringValue("array")),
					jsonx.M("items", reference(r.answer)),
				)),
				jsonx.M("next_cursor", raw(`{"anyOf":[{"type":"string"},{"type":"null"}]}`)),
				jsonx.M("has_more", raw(`{"type":"boolean"}`)),
				jsonx.M("request_id", raw(`{"type":"string","format":"uuid"}`)),
			)),
		)))
	default:
		answer.Set("content", jsonContent(reference(r.answer)))
	}
	return answer
}

func parameter(in string, f field) jsonx.Value {
	p := obj(
		jsonx.M("name", jsonx.StringValue(f.key)),
		jsonx.M("in", jsonx.StringValue(in)),
		jsonx.M("required", jsonx.BoolValue(f.required)),
		jsonx.M("schema", raw(f.describe)),
	)
	if f.doc != "" {
		p.Set("description", jsonx.StringValue(f.doc))
	}
	return p
}

// schemaOf is the JSON Schema of an object with the fields.
func schemaOf(fields []field) jsonx.Value {
	properties := jsonx.ObjectValue()
	var required []jsonx.Value
	for _, f := range fields {
		s := raw(f.describe)
		if f.doc != "" {
			s.Set("description", jsonx.StringValue(f.doc))
		}
		properties.Set(f.key, s)
		if f.required {
			required = append(required, jsonx.StringValue(f.key))
		}
	}
	s := obj(jsonx.M("type", jsonx.StringValue("object")), jsonx.M("properties", properties))
	if required != nil {
		s.Set("required", jsonx.ArrayValue(required...))
	}
	return s
}

func reference(shape string) jsonx.Value {
	return obj(jsonx.M("$ref", jsonx.StringValue("#/components/schemas/"+shape)))
}

func jsonContent(s jsonx.Value) jsonx.Value {
	return obj(jsonx.M("application/json", obj(jsonx.M("schema", s))))
}

func obj(members ...jsonx.Member) jsonx.Value { return jsonx.ObjectValue(members...) }

// raw reads JSON of this package's own.
func raw(text string) jsonx.Value {
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		panic("admin: " + text + ": " + err.Error())
	}
	return v
}
