package admin

import (
	"slices"
	"strings"

	"octavo/internal/jsonx"
)

// about is what holds for all endpoints.
const about = "What the public API has no operation for. Ids are taken with and without dashes. " +
	"Objects may get more keys; those that they have stay."

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
		components.Set(s.name, s.describe())
	}
	components.Set("answer", raw(`{"type":"object","properties":{"request_id":{"type":"string","format":"uuid"}},"required":["request_id"]}`))
	components.Set("error", raw(`{"type":"object","properties":{"object":{"const":"error"},"status":{"type":"integer"},"code":{"type":"string"},"message":{"type":"string"},"additional_data":{"type":"object"},"request_id":{"type":"string","format":"uuid"}},"required":["object","status","code","message","request_id"]}`))
	return obj(
		jsonx.M("openapi", jsonx.StringValue("3.1.0")),
		jsonx.M("info", obj(
			jsonx.M("title", jsonx.StringValue("Octavo admin endpoints")),
			jsonx.M("description", jsonx.StringValue(about)),
			jsonx.M("version", jsonx.StringValue(version)),
		)),
		jsonx.M("paths", paths),
		jsonx.M("components", obj(
			jsonx.M("schemas", components),
			jsonx.M("responses", describeErrors()),
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
		params = append(params, parameter("path", must(id(name, "The id of the "+strings.ReplaceAll(strings.TrimSuffix(name, "_id"), "_", " ")+"."))))
	}
	for _, f := range r.queryFields() {
		params = append(params, parameter("query", f))
	}
	if r.audited() {
		params = append(params, parameter("header", text(ActorHeader, "Who acts, for the audit log.")))
	}
	if params != nil {
		op.Set("parameters", jsonx.ArrayValue(params...))
	}
	if r.body != nil {
		needed := slices.ContainsFunc(r.body, func(f field) bool { return f.required })
		op.Set("requestBody", obj(
			jsonx.M("required", jsonx.BoolValue(needed)),
			jsonx.M("content", jsonContent(schemaOf(r.body))),
		))
	}
	responses := obj(jsonx.M("200", r.success()))
	for _, e := range failures {
		if e.of(r) {
			responses.Set(e.status, obj(jsonx.M("$ref", jsonx.StringValue("#/components/responses/"+e.status))))
		}
	}
	op.Set("responses", responses)
	return op
}

// failures are the errors that routes answer with.
var failures = []struct {
	status, doc string
	of          func(*route) bool
}{
	{"400", "The request is not what it should be, or asks for what cannot be.", func(*route) bool { return true }},
	{"401", "The admin token is missing or wrong.", func(r *route) bool { return !r.open }},
	{"404", "Something that the request names is not there.", func(r *route) bool { return r.scoped || len(parameters(r.path)) > 0 }},
	{"409", "Others kept writing to the same workspace.", (*route).audited},
	{"500", "A fault in the server.", func(*route) bool { return true }},
	{"503", "The database does not answer, its disk is full, or the server is shutting down.", func(*route) bool { return true }},
}

func describeErrors() jsonx.Value {
	all := obj()
	for _, e := range failures {
		all.Set(e.status, obj(
			jsonx.M("description", jsonx.StringValue(e.doc)),
			jsonx.M("content", jsonContent(reference("error"))),
		))
	}
	return all
}

// describe is the schema of a shape.
func (s *shape) describe() jsonx.Value {
	fields := []field{must(field{key: "object", describe: `{"const":"` + s.name + `"}`})}
	for _, f := range s.fields {
		if f.key != shownOnce[s.name] {
			f = must(f)
		}
		fields = append(fields, f)
	}
	return schemaOf(fields)
}

// success describes the answer of a route that goes well.
func (r *route) success() jsonx.Value {
	answer := obj(jsonx.M("description", jsonx.StringValue("Success.")))
	switch {
	case r.media != "":
		answer.Set("content", obj(jsonx.M(r.media, obj())))
	case r.answer == "":
		answer.Set("content", jsonContent(raw(`{"type":"object"}`)))
	case r.list:
		list := schemaOf([]field{
			must(field{key: "object", describe: `{"const":"list"}`}),
			must(field{key: "results", describe: obj(jsonx.M("type", jsonx.StringValue("array")), jsonx.M("items", reference(r.answer))).String()}),
			must(nullable(text("next_cursor", "The start_cursor of the next part."))),
			must(flag("has_more", "There is a next part.")),
		})
		answer.Set("content", jsonContent(answered(list)))
	default:
		answer.Set("content", jsonContent(answered(reference(r.answer))))
	}
	return answer
}

// answered is a schema of an answer, which has the id of its request besides.
func answered(s jsonx.Value) jsonx.Value {
	return obj(jsonx.M("allOf", jsonx.ArrayValue(s, reference("answer"))))
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
