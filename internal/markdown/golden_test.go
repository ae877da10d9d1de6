package markdown

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "fill in what testdata says of each text")

// TestTexts reads the texts in testdata and compares what they say with what stands below
// them: the blocks, the warnings, and the text that those blocks are written as if it is
// another one. The name of a file begins with its grammar. With -update the rest is filled
// in, to be read against pages-blocks.md §6.
func TestTexts(t *testing.T) {
	files, err := filepath.Glob("testdata/v*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			v := V1
			if strings.HasPrefix(filepath.Base(file), "v2") {
				v = V2
			}
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			filled := &txtar.Archive{Comment: archive.Comment}
			for _, f := range archive.Files {
				if name, isText := strings.CutSuffix(f.Name, ".md"); isText && !strings.HasSuffix(name, ".written") {
					filled.Files = append(filled.Files, f)
					filled.Files = append(filled.Files, said(v, name, string(f.Data))...)
				}
			}
			got := txtar.Format(filled)
			if *update {
				if err := os.WriteFile(file, got, 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := txtar.Format(archive); !bytes.Equal(got, want) {
				t.Errorf("%s: %s", file, firstDifference(string(want), string(got)))
			}
		})
	}
}

// said returns what stands below a text.
func said(v Version, name, text string) []txtar.File {
	o := options(v)
	read, err := Parse(strings.TrimSuffix(text, "\n"), o)
	if err != nil {
		return []txtar.File{{Name: name + ".refused", Data: []byte(err.Error() + "\n")}}
	}
	files := []txtar.File{{Name: name + ".blocks", Data: []byte(outline(read.Nodes))}}
	var warnings strings.Builder
	for _, w := range read.Warnings {
		fmt.Fprintf(&warnings, "%d: %s\n", w.Line, w.Message)
	}
	if warnings.Len() > 0 {
		files = append(files, txtar.File{Name: name + ".warnings", Data: []byte(warnings.String())})
	}
	if written := o.write(read.Nodes) + "\n"; written != text {
		files = append(files, txtar.File{Name: name + ".written.md", Data: []byte(written)})
	}
	return files
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d:\nwant %s\ngot  %s", i+1, a, b)
		}
	}
	return "no difference"
}
