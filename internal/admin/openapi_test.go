package admin_test

import (
	"bytes"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is what /_octavo/openapi.json says, to hold requests and answers against.
type description struct {
	paths    map[string]any
	routes   *http.ServeMux
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

const descriptionURL = "https://octavo.test/openapi.json"

func readDescription(t *testing.T, handler http.Handler) *description {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_octavo/openapi.json", nil))
	doc, err := jsonschema.UnmarshalJSON(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	d := &description{routes: http.NewServeMux(), compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(descriptionURL, doc); err != nil {
		t.Fatal(err)
	}
	d.paths = doc.(map[string]any)["paths"].(map[string]any)
	for path, methods := range d.paths {
		for method := range methods.(map[string]any) {
			d.routes.Handle(strings.ToUpper(method)+" "+path, http.NotFoundHandler())
		}
	}
	return d
}

// schema compiles the schema at a place of the description.
func (d *description) schema(t *testing.T, place ...string) *jsonschema.Schema {
	t.Helper()
	for i, part := range place {
		place[i] = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(part)
	}
	at := descriptionURL + "#/" + strings.Join(place, "/")
	if d.compiled[at] == nil {
		s, err := d.compiler.Compile(at)
		if err != nil {
			t.Fatal(err)
		}
		d.compiled[at] = s
	}
	return d.compiled[at]
}

// hold fails the test unless an answer, and the request if it was granted, are as described.
func (d *description) hold(t *testing.T, r *http.Request, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	_, pattern := d.routes.Handler(r)
	if pattern == "" {
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"invalid_request_url"`) {
			t.Errorf("%s %s is not described, and answered with %d", r.Method, r.URL, w.Code)
		}
		return
	}
	method, path, _ := strings.Cut(pattern, " ")
	method = strings.ToLower(method)
	op := d.paths[path].(map[string]any)[method].(map[string]any)
	d.holdAnswer(t, op, []string{"paths", path, method, "responses"}, w)
	if w.Code == http.StatusOK {
		d.holdRequest(t, op, []string{"paths", path, method}, r, body)
	}
}

// holdAnswer holds an answer against the responses of an operation.
func (d *description) holdAnswer(t *testing.T, op map[string]any, at []string, w *httptest.ResponseRecorder) {
	t.Helper()
	status := strconv.Itoa(w.Code)
	response, ok := op["responses"].(map[string]any)[status].(map[string]any)
	if !ok {
		t.Errorf("%s answers %d, which is not described: %s", op["operationId"], w.Code, w.Body)
		return
	}
	at = append(at, status)
	content, _ := response["content"].(map[string]any)
	if response["$ref"] == "#/components/responses/"+status {
		at = []string{"components", "responses", status}
		content = map[string]any{"application/json": nil}
	}
	media, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if _, ok := content[media]; !ok && w.Header().Get("Content-Type") != "" {
		t.Errorf("%s answers with %s, which is not described: %v", op["operationId"], media, err)
	}
	if media != "application/json" {
		return
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Errorf("%s answers with no JSON: %v", op["operationId"], err)
		return
	}
	if err := d.schema(t, append(at, "content", media, "schema")...).Validate(v); err != nil {
		t.Errorf("%s answers %s\n%v", op["operationId"], w.Body, err)
	}
}

// holdRequest holds the query and body of a request against an operation.
func (d *description) holdRequest(t *testing.T, op map[string]any, at []string, r *http.Request, body string) {
	t.Helper()
	var names []string
	parameters, _ := op["parameters"].([]any)
	for i, p := range parameters {
		name, in := p.(map[string]any)["name"].(string), p.(map[string]any)["in"].(string)
		names = append(names, in+" "+name)
		value := r.URL.Query().Get(name)
		if in != "query" || value == "" {
			continue
		}
		s := d.schema(t, append(slices.Clone(at), "parameters", strconv.Itoa(i), "schema")...)
		parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(value))
		if s.Validate(value) != nil && (err != nil || s.Validate(parsed) != nil) {
			t.Errorf("%s took %s=%s, which is not described", op["operationId"], name, value)
		}
	}
	for key := range r.URL.Query() {
		if !slices.Contains(names, "query "+key) {
			t.Errorf("%s took %s, which is not described", op["operationId"], key)
		}
	}
	for _, part := range strings.Split(at[1], "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && !slices.Contains(names, "path "+strings.TrimSuffix(name, "}")) {
			t.Errorf("%s: %s is not described", op["operationId"], part)
		}
	}
	if body == "" {
		if request, ok := op["requestBody"].(map[string]any); ok && request["required"] == true {
			t.Errorf("%s took no body, and needs one by its description", op["operationId"])
		}
		return
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Errorf("%s took %s: %v", op["operationId"], body, err)
		return
	}
	if op["requestBody"] == nil {
		if o, ok := v.(map[string]any); !ok || len(o) > 0 {
			t.Errorf("%s took the body %s, and none is described", op["operationId"], body)
		}
		return
	}
	if err := d.schema(t, append(at, "requestBody", "content", "application/json", "schema")...).Validate(v); err != nil {
		t.Errorf("%s took %s\n%v", op["operationId"], body, err)
	}
}

// TestDescriptionIsSound: every schema of the description is one, and every operation says what
// it is for.
func TestDescriptionIsSound(t *testing.T) {
	s := newSQLite(t)
	d := s.description
	for path, methods := range d.paths {
		for method, value := range methods.(map[string]any) {
			op := value.(map[string]any)
			at := []string{"paths", path, method}
			if summary, _ := op["summary"].(string); len(summary) < 10 {
				t.Errorf("%s %s: the summary is %q", method, path, summary)
			}
			parameters, _ := op["parameters"].([]any)
			for i, p := range parameters {
				d.schema(t, append(slices.Clone(at), "parameters", strconv.Itoa(i), "schema")...)
				if doc, _ := p.(map[string]any)["description"].(string); len(doc) < 5 {
					t.Errorf("%s %s: the parameter %s is described as %q", method, path, p.(map[string]any)["name"], doc)
				}
			}
			if op["requestBody"] != nil {
				d.schema(t, append(slices.Clone(at), "requestBody", "content", "application/json", "schema")...)
			}
			responses := op["responses"].(map[string]any)
			for status, response := range responses {
				content, _ := response.(map[string]any)["content"].(map[string]any)
				if content["application/json"] != nil {
					d.schema(t, append(slices.Clone(at), "responses", status, "content", "application/json", "schema")...)
				}
			}
			_, secured := op["security"]
			if _, refuses := responses["401"]; refuses != secured {
				t.Errorf("%s %s: secured is %v, 401 described is %v", method, path, secured, refuses)
			}
		}
	}
}
