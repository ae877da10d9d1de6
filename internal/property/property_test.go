package property_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

func TestTypesAreThoseOfTheSDK(t *testing.T) {
	data, err := os.ReadFile("../../testdata/sdk_types.json")
	if err != nil {
		t.Fatal(err)
	}
	var sdk struct {
		Writable []string `json:"property_request_types"`
		Shown    []string `json:"property_response_types"`
	}
	if err := json.Unmarshal(data, &sdk); err != nil || len(sdk.Writable) == 0 {
		t.Fatal("no types in the SDK's list", err)
	}
	var writable, all []string
	for _, p := range property.Types {
		all = append(all, p.Name)
		if p.Value != nil {
			writable = append(writable, p.Name)
		}
	}
	if !slices.Equal(writable, sdk.Writable) {
		t.Errorf("types that can be written:\ngot  %v\nwant %v", writable, sdk.Writable)
	}
	slices.Sort(all)
	slices.Sort(sdk.Shown)
	if !slices.Equal(all, sdk.Shown) {
		t.Errorf("types:\ngot  %v\nwant %v", all, sdk.Shown)
	}
}

func set() *schema.Set {
	s := schema.NewSet()
	richtext.Define(s)
	media.Define(s)
	property.Define(s)
	s.Define("page", schema.Object(schema.Opt("properties", schema.Ref("property_values"))))
	return s
}

func TestValuesAreAccepted(t *testing.T) {
	s := set()
	for _, text := range []string{
		`{}`,
		`{"title":{"title":[{"text":{"content":"x"}}]}}`,
		`{"title":[{"text":{"content":"x"}}]}`,
		`{"a":4,"b":null,"c":"text","d":true,"e":{"name":"High"},"f":{"start":"2026-01-02"}}`,
		`{"n":{"number":null,"type":"number"},"s":{"select":{"name":"x","color":"red"}},"m":{"multi_select":[{"name":"a"},{"id":"b"}]}}`,
		`{"d":{"date":{"start":"2026-01-02T10:00:00Z","end":null}},"p":{"people":[{"object":"user","id":"11111111-1111-4111-8111-111111111111"}]}}`,
		`{"f":{"files":[{"name":"a","external":{"url":"https://example.com"}}]},"v":{"verification":{"state":"unverified"}}}`,
		`{"p":{"place":{"lat":1.5,"lon":2}},"c":{"checkbox":false},"r":{"relation":[]},"st":{"status":null}}`,
	} {
		v, err := jsonx.Parse([]byte(`{"properties":` + text + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check("body", "page", v); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := set()
	cases := []struct{ properties, want string }{
		{`{"Telephone":{"phone_number":5}}`,
			"body.properties.Telephone.phone_number should be a string or `null`, instead was `5`."},
		{`{"N":{"number":"30433455"}}`,
			"body.properties.N.number should be a number or `null`, instead was `\"30433455\"`."},
		{`{"Due Date":{"date":{"start":"tomorrow"}}}`,
			"body failed validation: body.properties.Due Date.date.start should be a valid ISO 8601 date string, instead was `\"tomorrow\"`."},
		{`{"U":{"url":""}}`,
			"body.properties.U.url should be populated or `null`, instead was `\"\"`."},
		{`{"Status":{"select":{"name":"In progress"}},"Tokens":4}`,
			"body failed validation. Fix one:\n" +
				"body.properties.Status.id should be defined, instead was `undefined`.\n" +
				"body.properties.Status.name should be defined, instead was `undefined`.\n" +
				"body.properties.Status.start should be defined, instead was `undefined`.\n" +
				"body.properties.Status.lat should be defined, instead was `undefined`.\n" +
				"body.properties.Status.state should be defined, instead was `undefined`."},
		{`{"Status":{"select":{"id":"x","color":"Unknown"}}}`,
			"body failed validation. Fix one:\n" +
				"body.properties.Status.select.color should be `\"default\"`, `\"gray\"`, `\"brown\"`, `\"orange\"`, `\"yellow\"`, `\"green\"`, `\"blue\"`, `\"purple\"`, `\"pink\"`, `\"red\"`, or `undefined`, instead was `\"Unknown\"`.\n" +
				"body.properties.Status.select.name should be defined, instead was `undefined`."},
		{`{"title":{"title":[{"type":"text","plain_text":"x"}]}}`,
			"body failed validation. Fix one:\n" +
				"body.properties.title.title[0].text should be defined, instead was `undefined`.\n" +
				"body.properties.title.title[0].mention should be defined, instead was `undefined`.\n" +
				"body.properties.title.title[0].equation should be defined, instead was `undefined`."},
	}
	for _, c := range cases {
		v, err := jsonx.Parse([]byte(`{"properties":` + c.properties + `}`))
		if err != nil {
			t.Fatal(err)
		}
		err = s.Check("body", "page", v)
		// A wrapped value of one kind is no value of any other, so a refusal on the first
		// level names them all, and the shorthand forms too (contract.md §4.3 #52).
		if err != nil && !strings.HasPrefix(c.want, "body failed") {
			if lines := strings.Split(err.Error(), "\n"); len(lines) != 22 || !slices.Contains(lines, c.want) {
				t.Errorf("%s: %v", c.properties, err)
			}
			continue
		}
		if err == nil || err.Error() != "validation_error: "+c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.properties, err, c.want)
		}
	}
}

func TestTitle(t *testing.T) {
	const plain = `"annotations":{"bold":false,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}`
	const a = `{"title":{"id":"title","type":"title","title":[{"type":"text","text":{"content":"a","link":null},` + plain + `,"plain_text":"a","href":null}]}}`
	const none = `{"title":{"id":"title","type":"title","title":[]}}`
	const refusal = "Name is expected to be title."
	cases := []struct{ sent, want string }{
		{`{"title":[{"text":{"content":"a"}}]}`, a},
		{`{"type":"title","title":[{"type":"text","text":{"content":"a"}}],"id":"title"}`, a},
		{`[{"text":{"content":"a"}}]`, a},
		{`{"title":[]}`, none},
		{`[]`, none},
		{`{"number":5}`, refusal},
		{`{"rich_text":[{"text":{"content":"a"}}]}`, refusal},
		{`5`, refusal},
		{`"a"`, refusal},
		{`true`, refusal},
		{`null`, refusal},
		{`[{"name":"an option"}]`, refusal},
		{`{"name":"an option"}`, refusal},
		{`[{"text":{"content":"a","link":{"url":"nowhere"}}}]`, "Content creation Failed. Fix the following: \nInvalid URL for link."},
	}
	s := set()
	for _, c := range cases {
		v, err := jsonx.Parse([]byte(c.sent))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check("body", "property_values", jsonx.ObjectValue(jsonx.M("Name", v))); err != nil {
			t.Errorf("%s: %v", c.sent, err)
		}
		title, err := property.DecodeTitle("Name", v)
		got := string(property.EncodeTitle(title))
		if err != nil {
			var e *apierr.Error
			if !errors.As(err, &e) || e.Code != apierr.ValidationError {
				t.Fatalf("%s: %v", c.sent, err)
			}
			got = e.Message
		}
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sent, got, c.want)
		}
	}
	if got := string(property.EncodeTitle(richtext.Text{})); got != none {
		t.Errorf("no title: %s", got)
	}
}
