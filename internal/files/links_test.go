package files_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"octavo/internal/files"
	"octavo/internal/notion"
)

func TestLinks(t *testing.T) {
	workspace, upload := notion.ID{0: 1, 15: 2}, notion.ID{6: 0x81, 8: 0x80, 15: 3}
	expires := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	links := files.NewLinks("https://files.example", workspace, []byte("a key"))
	made := func(u *url.URL) bool {
		link, ok := files.ReadLink(u)
		return ok && links.Made(link) && link.Workspace == workspace && link.Upload == upload && link.Expires.Equal(expires)
	}
	for _, name := range []string{"a.png", "a b/c?d#e&f%g.txt", "ü 1.pdf", ".", "x"} {
		text := links.URL(upload, expires, name)
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; !strings.HasSuffix(u.Path, "/"+name) && last != name {
			t.Errorf("%s does not end in %s", text, name)
		}
		if !made(u) {
			t.Errorf("%s is not read", text)
		}
		link, _ := files.ReadLink(u)
		if files.NewLinks("https://files.example", workspace, []byte("another")).Made(link) {
			t.Errorf("%s is good with another key", text)
		}
		if files.NewLinks("https://files.example", notion.ID{0: 1, 15: 3}, []byte("a key")).Made(link) {
			t.Errorf("%s is good in another workspace", text)
		}
	}
	good := links.URL(upload, expires, "a.png")
	if !strings.HasPrefix(good, "https://files.example/f/00000000-0000-8100-8000-000000000003/a.png?space=01000000000000000000000000000002&exp=1767323045678&sig=") {
		t.Error(good)
	}
	for what, change := range map[string]func(string) string{
		"another base":      func(s string) string { return strings.Replace(s, "https://files.example", "http://localhost:1", 1) },
		"another name":      func(s string) string { return strings.Replace(s, "a.png", "b.exe", 1) },
		"another parameter": func(s string) string { return s + "&x=y" },
	} {
		u, _ := url.Parse(change(good))
		if !made(u) {
			t.Errorf("%s is refused", what)
		}
	}
	for what, change := range map[string]func(string) string{
		"another file":      func(s string) string { return strings.Replace(s, "000003/", "000004/", 1) },
		"another workspace": func(s string) string { return strings.Replace(s, "space=01", "space=02", 1) },
		"a longer life":     func(s string) string { return strings.Replace(s, "exp=1", "exp=2", 1) },
		"no end":            func(s string) string { return strings.Replace(s, "exp=", "expires=", 1) },
		"half a signature":  func(s string) string { return s[:len(s)-20] },
		"no signature":      func(s string) string { s, _, _ = strings.Cut(s, "&sig"); return s },
		"no workspace":      func(s string) string { return strings.Replace(s, "space=", "x=", 1) },
		"no file":           func(s string) string { return strings.Replace(s, "00000000-0000-8100-8000-000000000003/", "", 1) },
		"no name":           func(s string) string { return strings.Replace(s, "/a.png", "", 1) },
		"another path":      func(s string) string { return strings.Replace(s, "/f/", "/g/", 1) },
	} {
		u, err := url.Parse(change(good))
		if err != nil {
			t.Fatal(err)
		}
		if made(u) {
			t.Errorf("%s is good", what)
		}
	}
}
