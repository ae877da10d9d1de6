package query

import (
	"bytes"
	"testing"
	"unicode"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/property"
)

// ids are those of all that tests make.
var ids = &clock.Sequence{}

// schemaOf makes a schema of the properties that a request describes.
func schemaOf(t testing.TB, properties string) *property.Schema {
	t.Helper()
	sent, err := jsonx.Parse([]byte(properties))
	if err != nil {
		t.Fatal(err)
	}
	change, err := property.NewSchema(&property.Env{IDs: ids}, sent)
	if err != nil {
		t.Fatal(err)
	}
	return change.Schema
}

// TestEqualTextHasTheKeyThatFiltersAskFor goes through all characters that folding changes:
// the index finds a text by its key before it compares the text itself.
func TestEqualTextHasTheKeyThatFiltersAskFor(t *testing.T) {
	url := schemaOf(t, `{"Name":{"title":{}},"URL":{"url":{}}}`).Find("URL")
	equals := property.Conditions[property.TextFamily][0]
	changed := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := "a" + string(r) + "b"
		if r >= 0xd800 && r < 0xe000 || property.Fold(s) == s && r != 0 {
			continue
		}
		changed++
		key := Key(url.Cells(jsonx.StringValue(s))[0])
		for _, operand := range []string{s, property.Fold(s)} {
			asked := text(url, equals, operand).(cells).test.keys[0]
			if !bytes.Equal(key, asked) {
				t.Errorf("U+%04X: the cell of %q is not found by %q", r, s, operand)
			}
		}
	}
	if changed == 0 {
		t.Error("folding changes nothing")
	}
}
