package markdown

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzParse holds that any text can be read, or is refused; that what is read can be written
// and read again; and that a page which says it says it in both grammars.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/v1_blocks.txtar", "testdata/v1_inline.txtar", "testdata/v2_blocks.txtar", "testdata/v2_inline.txtar"} {
		archive, err := txtar.ParseFile(filepath.FromSlash(name))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".md") {
				f.Add(string(file.Data))
			}
		}
	}
	for _, s := range tricky {
		f.Add(s)
	}
	f.Add("![](https://a.b)https://c.d") // two addresses with nothing between them
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range []Version{V1, V2} {
			o := options(v)
			ParseText(text, o)
			read, err := Parse(text, o)
			if err != nil {
				if message(t, err) == "" {
					t.Fatal("a refusal says nothing")
				}
				continue
			}
			written := o.write(read.Nodes)
			again, err := Parse(written, o)
			if err != nil {
				t.Fatalf("v%d cannot read what it wrote: %v\n%q", v, err, written)
			}
			if want, got := outline(read.Nodes), outline(again.Nodes); want != got {
				t.Fatalf("v%d:\n%q\nsays\n%s\nbut written as\n%q\nit says\n%s", v, text, want, written, got)
			}
		}
	})
}
