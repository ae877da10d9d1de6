package files_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/files"
)

func message(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != apierr.ValidationError {
		t.Fatalf("%v is not a validation_error", err)
	}
	return e.Message
}

func TestCheckSent(t *testing.T) {
	const refusal = "The content type %s is not supported for the File Upload API."
	for _, c := range []struct {
		contentType string
		any         bool
		want        string
	}{
		{"", false, ""},
		{"application/octet-stream", false, ""},
		{"Text/Plain; charset=UTF-8", false, ""},
		{"audio/wav", false, ""},
		{"audio/x-wav", false, fmt.Sprintf(refusal, "audio/x-wav")},
		{"audio/x-wav", true, ""},
		{"no type", true, fmt.Sprintf(refusal, "no type")},
		{"a/" + strings.Repeat("b", 199), true, fmt.Sprintf(refusal, "a/"+strings.Repeat("b", 53)+"...")},
	} {
		if got := message(t, files.CheckSent(c.contentType, c.any)); got != c.want {
			t.Errorf("%q: %q, want %q", c.contentType, got, c.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	const (
		extension = "Provided `filename` has an extension that is not supported for the File Upload API."
		none      = "Provided `filename` has no extension, and no `content_type` that says which."
	)
	cases := []struct {
		name, contentType string
		any               bool
		want              files.Described
		refusal           string
	}{
		{name: "a.txt", want: files.Described{Name: "a.txt", ContentType: "text/plain; charset=utf-8"}},
		{name: "a.TXT", want: files.Described{Name: "a.TXT", ContentType: "text/plain; charset=utf-8"}},
		{name: "a.mp4", want: files.Described{Name: "a.mp4", ContentType: "application/mp4"}},
		{name: "a.tar.gz", want: files.Described{Name: "a.tar.gz", ContentType: "application/gzip"}},
		{name: ".json", want: files.Described{Name: ".json", ContentType: "application/json; charset=utf-8"}},
		{name: "a.rvt", want: files.Described{Name: "a.rvt", ContentType: "application/octet-stream"}},
		{name: "a.mp4", contentType: "image/png", want: files.Described{Name: "a.mp4", ContentType: "image/png"}},
		{name: "a.pdf", contentType: "Application/Octet-Stream; x=y", want: files.Described{Name: "a.pdf", ContentType: "application/pdf"}},
		{name: "a", contentType: "IMAGE/JPEG", want: files.Described{Name: "a.jpeg", ContentType: "IMAGE/JPEG"}},
		{contentType: "text/plain; charset=latin1", want: files.Described{ContentType: "text/plain; charset=latin1"}},
		{},
		{name: "a.exe", refusal: extension},
		{name: "a.exe", contentType: "text/plain", refusal: extension},
		{name: "a", refusal: none},
		{name: "a.", refusal: none},
		{name: "a", contentType: "application/octet-stream", refusal: none},
		{contentType: "application/octet-stream", refusal: "The content type application/octet-stream is not supported for the File Upload API."},
		{name: "a.txt", contentType: "text", refusal: "The content type text is not supported for the File Upload API."},
		{contentType: strings.Repeat("x", 56), refusal: "The content type " + strings.Repeat("x", 55) + "... is not supported for the File Upload API."},
		{name: "a/b.txt", refusal: "Provided `filename` is a path. Provide the name of the file alone."},
		{name: `a\b.txt`, refusal: "Provided `filename` is a path. Provide the name of the file alone."},
		{name: "..", refusal: "Provided `filename` is a path. Provide the name of the file alone."},
		{name: "a\r\nb.txt", refusal: "Provided `filename` has characters that no file name can have."},
		{name: "\xff.txt", refusal: "Provided `filename` has characters that no file name can have."},
		{name: strings.Repeat("a", 897) + ".txt", refusal: "Provided `filename` is longer than 900 bytes."},
		{name: strings.Repeat("a", 899), contentType: "text/plain", refusal: "Provided `filename` is longer than 900 bytes."},

		{name: "a.exe", any: true, want: files.Described{Name: "a.exe", ContentType: "application/octet-stream"}},
		{name: "a", any: true, want: files.Described{Name: "a", ContentType: "application/octet-stream"}},
		{name: "a.exe", contentType: "application/x-msdownload", any: true, want: files.Described{Name: "a.exe", ContentType: "application/x-msdownload"}},
		{name: "a.txt", contentType: "no type", any: true, refusal: "The content type no type is not supported for the File Upload API."},
		{name: "a/b", any: true, refusal: "Provided `filename` is a path. Provide the name of the file alone."},
	}
	for _, c := range cases {
		got, err := files.Describe(files.Described{Name: c.name, ContentType: c.contentType}, c.any)
		if refusal := message(t, err); refusal != c.refusal {
			t.Errorf("%q %q: refused with %q, want %q", c.name, c.contentType, refusal, c.refusal)
		} else if err == nil && got != c.want {
			t.Errorf("%q %q: %+v, want %+v", c.name, c.contentType, got, c.want)
		}
	}
}

func TestSettle(t *testing.T) {
	type d = files.Described
	const octets = "application/octet-stream"
	cases := []struct {
		told, sent, want d
		refused          bool
	}{
		{told: d{"a.txt", ""}, sent: d{"b.pdf", "application/pdf"}, want: d{"a.txt", "application/pdf"}},
		{told: d{"a.txt", "text/plain"}, sent: d{"b.pdf", "application/pdf"}, want: d{"a.txt", "text/plain"}},
		{sent: d{"b.pdf", octets}, want: d{"b.pdf", "application/pdf"}},
		{told: d{"", "image/png"}, sent: d{"undefined", octets}, want: d{"file.png", "image/png"}},
		{told: d{"", "image/png"}, sent: d{"photo", ""}, want: d{"photo.png", "image/png"}},
		{sent: d{"", "image/png"}, want: d{"file.png", "image/png"}},
		{sent: d{"undefined", octets}, refused: true},
		{sent: d{"", ""}, refused: true},
		{sent: d{"a.exe", ""}, refused: true},
	}
	for _, c := range cases {
		got, err := files.Settle(c.told, c.sent, false)
		if (message(t, err) != "") != c.refused || err == nil && got != c.want {
			t.Errorf("told %+v, sent %+v: %+v, %v, want %+v", c.told, c.sent, got, err, c.want)
		}
	}
}

func TestKinds(t *testing.T) {
	cases := []struct {
		contentType string
		kind        files.Kind
		category    string
	}{
		{"image/png", files.Image, "image"},
		{"image/svg+xml; charset=utf-8", files.Image, "image"},
		{"video/quicktime", files.Video, "video"},
		{"application/mp4", files.Audio | files.Video, "video"},
		{"audio/mpeg", files.Audio, "audio"},
		{"application/pdf", files.PDF, "pdf"},
		{"text/html; charset=utf-8", files.HTML, "productivity"},
		{"text/plain", 0, "productivity"},
		{"application/octet-stream", 0, "productivity"},
		{"", 0, "productivity"},
	}
	for _, c := range cases {
		if got := files.KindOf(c.contentType); got != c.kind {
			t.Errorf("%q is of kind %b, want %b", c.contentType, got, c.kind)
		}
		if got := files.Category(c.contentType); got != c.category {
			t.Errorf("%q is %s, want %s", c.contentType, got, c.category)
		}
	}
}

// TestExtensions: every extension of the hosted API's table is taken.
func TestExtensions(t *testing.T) {
	const table = `aac adts mid midi mp3 mpga m4a m4b mp4 oga ogg wav wma opus weba flac
		pdf txt json doc dot docx dotx xls xlt xla xlsx xltx ppt pot pps ppa pptx potx csv js ts tsx py rtf md markdown html htm
		epub xml css odt ods odp ics yaml yml tsv zip gz gzip tar 7z bz2 rar
		gif heic jpeg jpg png svg tif tiff webp ico bmp avif apng
		amv asf wmv avi f4v flv gifv m4v mkv webm mov qt mpeg ogv 3gp 3g2
		dwg dxf dwf rvt rfa fbx 3dm step stp iges igs stl obj 3mf gltf glb dae usdz`
	for _, ext := range strings.Fields(table) {
		if d, err := files.Describe(files.Described{Name: "a." + ext}, false); err != nil || d.ContentType == "" {
			t.Errorf("%s: %+v, %v", ext, d, err)
		}
	}
}
