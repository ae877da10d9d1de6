package files

import (
	"mime"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"octavo/internal/apierr"
)

// Kind is a set of things that a file can be shown as.
type Kind uint8

// The kinds. A file of none of them can only be downloaded.
const (
	Audio Kind = 1 << iota
	Image
	PDF
	Video
	HTML
)

// fileType is a kind of file that may be uploaded (services.md §3.7).
type fileType struct {
	ext string
	// contentType is what a file with the extension is said to be when nobody says.
	contentType string
	kind        Kind
	// others are further content types that files of the kind go by.
	others string
}

// unspecified is the content type of what nobody has said the type of.
const unspecified = "application/octet-stream"

// fileTypes are the files that may be uploaded. Of extensions with the same content type
// the first is the one a name without extension gets.
var fileTypes = []fileType{
	{"aac", "audio/aac", Audio, "audio/x-aac"},
	{"adts", "audio/aac", Audio, ""},
	{"mid", "audio/midi", Audio, "audio/x-midi"},
	{"midi", "audio/midi", Audio, ""},
	{"mp3", "audio/mpeg", Audio, "audio/mp3"},
	{"mpga", "audio/mpeg", Audio, ""},
	{"m4a", "audio/mp4", Audio, "audio/x-m4a"},
	{"m4b", "audio/mp4", Audio, ""},
	{"mp4", "application/mp4", Audio | Video, ""},
	{"mp4", "video/mp4", Video, ""},
	{"oga", "audio/ogg", Audio, ""},
	{"ogg", "audio/ogg", Audio, "application/ogg"},
	{"opus", "audio/ogg", Audio, "audio/opus"},
	{"wav", "audio/wav", Audio, "audio/wave audio/vnd.wave"},
	{"weba", "audio/webm", Audio, ""},
	{"wma", "audio/x-ms-wma", Audio, ""},
	{"flac", "audio/x-flac", Audio, "audio/flac"},

	{"pdf", "application/pdf", PDF, ""},

	{"txt", "text/plain; charset=utf-8", 0, ""},
	{"json", "application/json; charset=utf-8", 0, ""},
	{"doc", "application/msword", 0, ""},
	{"dot", "application/msword", 0, ""},
	{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 0, ""},
	{"dotx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template", 0, ""},
	{"xls", "application/vnd.ms-excel", 0, ""},
	{"xlt", "application/vnd.ms-excel", 0, ""},
	{"xla", "application/vnd.ms-excel", 0, ""},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 0, ""},
	{"xltx", "application/vnd.openxmlformats-officedocument.spreadsheetml.template", 0, ""},
	{"ppt", "application/vnd.ms-powerpoint", 0, ""},
	{"pot", "application/vnd.ms-powerpoint", 0, ""},
	{"pps", "application/vnd.ms-powerpoint", 0, ""},
	{"ppa", "application/vnd.ms-powerpoint", 0, ""},
	{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", 0, ""},
	{"potx", "application/vnd.openxmlformats-officedocument.presentationml.template", 0, ""},
	{"odt", "application/vnd.oasis.opendocument.text", 0, ""},
	{"ods", "application/vnd.oasis.opendocument.spreadsheet", 0, ""},
	{"odp", "application/vnd.oasis.opendocument.presentation", 0, ""},
	{"csv", "text/csv; charset=utf-8", 0, ""},
	{"tsv", "text/tab-separated-values; charset=utf-8", 0, ""},
	{"js", "text/javascript; charset=utf-8", 0, "application/javascript application/x-javascript"},
	{"ts", "text/plain; charset=utf-8", 0, "application/typescript text/typescript"},
	{"tsx", "text/plain; charset=utf-8", 0, "text/tsx"},
	{"py", "text/x-python; charset=utf-8", 0, "application/x-python-code text/x-script.python"},
	{"rtf", "application/rtf", 0, "text/rtf"},
	{"md", "text/markdown; charset=utf-8", 0, "text/x-markdown"},
	{"markdown", "text/markdown; charset=utf-8", 0, ""},
	{"html", "text/html; charset=utf-8", HTML, ""},
	{"htm", "text/html; charset=utf-8", HTML, ""},
	{"epub", "application/epub+zip", 0, ""},
	{"xml", "application/xml", 0, "text/xml"},
	{"css", "text/css; charset=utf-8", 0, ""},
	{"ics", "text/calendar; charset=utf-8", 0, ""},
	{"yaml", "text/yaml; charset=utf-8", 0, "application/yaml application/x-yaml text/x-yaml"},
	{"yml", "text/yaml; charset=utf-8", 0, ""},

	{"zip", "application/zip", 0, "application/x-zip-compressed"},
	{"gz", "application/gzip", 0, "application/x-gzip"},
	{"gzip", "application/gzip", 0, ""},
	{"tar", "application/x-tar", 0, ""},
	{"7z", "application/x-7z-compressed", 0, ""},
	{"bz2", "application/x-bzip2", 0, "application/x-bzip"},
	{"rar", "application/vnd.rar", 0, "application/x-rar-compressed"},

	{"gif", "image/gif", Image, ""},
	{"heic", "image/heic", Image, "image/heif"},
	{"jpeg", "image/jpeg", Image, ""},
	{"jpg", "image/jpeg", Image, "image/jpg"},
	{"png", "image/png", Image, ""},
	{"apng", "image/apng", Image, ""},
	{"avif", "image/avif", Image, ""},
	{"bmp", "image/bmp", Image, "image/x-ms-bmp"},
	{"svg", "image/svg+xml", Image, ""},
	{"tif", "image/tiff", Image, ""},
	{"tiff", "image/tiff", Image, ""},
	{"webp", "image/webp", Image, ""},
	{"ico", "image/vnd.microsoft.icon", Image, "image/x-icon"},

	{"amv", "video/x-amv", Video, ""},
	{"asf", "video/x-ms-asf", Video, ""},
	{"wmv", "video/x-ms-wmv", Video, ""},
	{"avi", "video/x-msvideo", Video, "video/avi"},
	{"f4v", "video/x-f4v", Video, ""},
	{"flv", "video/x-flv", Video, ""},
	{"gifv", "video/mp4", Video, ""},
	{"m4v", "video/x-m4v", Video, ""},
	{"mkv", "video/x-matroska", Video, ""},
	{"webm", "video/webm", Video, ""},
	{"mov", "video/quicktime", Video, ""},
	{"qt", "video/quicktime", Video, ""},
	{"mpeg", "video/mpeg", Video, ""},
	{"ogv", "video/ogg", Video, ""},
	{"3gp", "video/3gpp", Video, ""},
	{"3g2", "video/3gpp2", Video, ""},

	{"dwg", "image/vnd.dwg", 0, ""},
	{"dxf", "image/vnd.dxf", 0, ""},
	{"dwf", "model/vnd.dwf", 0, ""},
	{"rvt", unspecified, 0, ""},
	{"rfa", unspecified, 0, ""},
	{"3dm", unspecified, 0, "model/vnd.3dm"},
	{"fbx", "application/vnd.autodesk.fbx", 0, ""},
	{"step", "model/step", 0, ""},
	{"stp", "model/step", 0, ""},
	{"iges", "model/iges", 0, ""},
	{"igs", "model/iges", 0, ""},
	{"stl", "model/stl", 0, ""},
	{"obj", "model/obj", 0, ""},
	{"3mf", "model/3mf", 0, ""},
	{"gltf", "model/gltf+json", 0, ""},
	{"glb", "model/gltf-binary", 0, ""},
	{"dae", "model/vnd.collada+xml", 0, ""},
	{"usdz", "model/vnd.usdz+zip", 0, ""},
}

var typesByExtension, typesByName = indexTypes(fileTypes)

func indexTypes(types []fileType) (byExtension, byName map[string]*fileType) {
	byExtension, byName = map[string]*fileType{}, map[string]*fileType{}
	for i := range types {
		t := &types[i]
		if byExtension[t.ext] == nil {
			byExtension[t.ext] = t
		}
		for _, name := range append(strings.Fields(t.others), base(t.contentType)) {
			if byName[name] == nil && name != unspecified {
				byName[name] = t
			}
		}
	}
	return byExtension, byName
}

// base returns a content type without its parameters, in lower case; "" when it is none.
func base(contentType string) string {
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return name
}

// KindOf returns what a file of a content type can be shown as.
func KindOf(contentType string) Kind {
	if t := typesByName[base(contentType)]; t != nil {
		return t.kind
	}
	return 0
}

// Category returns the word that attachments of comments have for a content type: audio,
// image, pdf, productivity or video (services.md §2.3).
func Category(contentType string) string {
	switch kind := KindOf(contentType); {
	case kind&Image != 0:
		return "image"
	case kind&Video != 0:
		return "video"
	case kind&Audio != 0:
		return "audio"
	case kind&PDF != 0:
		return "pdf"
	}
	return "productivity"
}

// MaxName is the longest name of a file, in bytes with its extension.
const MaxName = 900

// maxContentType is the longest content type, in bytes.
const maxContentType = 200

// Described is a file as it is described: what it is called and what it is. Either may be
// "" while nobody has said.
type Described struct{ Name, ContentType string }

// Describe completes and checks what has been said of a file: an extension says the type,
// and a type the extension. The type application/octet-stream says nothing beside a name
// (services.md §3.2). With any, files of all types are taken. The error is a
// validation_error.
func Describe(said Described, any bool) (Described, error) {
	d := said
	if err := checkName(d.Name); err != nil {
		return said, err
	}
	if base(d.ContentType) == unspecified && d.Name != "" {
		d.ContentType = ""
	}
	if err := checkType(d.ContentType, any); err != nil {
		return said, err
	}
	byType := typesByName[base(d.ContentType)]
	if d.Name == "" {
		return d, nil
	}
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(d.Name), "."))
	byExtension := typesByExtension[ext]
	switch {
	case byExtension != nil:
		if d.ContentType == "" {
			d.ContentType = byExtension.contentType
		}
	case ext != "" && !any:
		return said, invalid("Provided `filename` has an extension that is not supported for the File Upload API.")
	case ext == "" && byType != nil:
		d.Name += "." + byType.ext
		return d, checkName(d.Name)
	case ext == "" && !any:
		return said, invalid("Provided `filename` has no extension, and no `content_type` that says which.")
	case d.ContentType == "":
		d.ContentType = unspecified
	}
	return d, nil
}

// CheckSent refuses what comes with the bytes of a file when it is said to be of a type that
// is not taken, even if something else was said of the file before (services.md §3.3). A type
// that says nothing passes. The error is a validation_error.
func CheckSent(contentType string, any bool) error {
	if base(contentType) == unspecified {
		return nil
	}
	return checkType(contentType, any)
}

// checkType refuses a content type that is not taken. None at all is no such.
func checkType(contentType string, any bool) error {
	name := base(contentType)
	switch {
	case contentType == "", typesByName[name] != nil:
		return nil
	case any && name != "" && len(contentType) <= maxContentType:
		return nil
	}
	return invalid("The content type %s is not supported for the File Upload API.", show(contentType))
}

// checkName refuses names that could be taken for a path, or that no header can carry.
func checkName(name string) error {
	switch {
	case len(name) > MaxName:
		return invalid("Provided `filename` is longer than %d bytes.", MaxName)
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl):
		return invalid("Provided `filename` has characters that no file name can have.")
	case strings.ContainsAny(name, `/\`), name == ".", name == "..":
		return invalid("Provided `filename` is a path. Provide the name of the file alone.")
	}
	return nil
}

// show cuts what a client sent to a length worth reading.
func show(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if runes := []rune(s); len(runes) > 55 {
		return string(runes[:55]) + "..."
	}
	return s
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}

// Settle says what a file is called and what it is, from what was told of it beforehand and
// what came with its bytes: what was told counts, and the rest makes up for what was not.
// Clients without a name for a file send the word undefined (services.md §3.3). The error
// is a validation_error.
func Settle(told, sent Described, any bool) (Described, error) {
	d := told
	if d.Name == "" && sent.Name != "undefined" {
		d.Name = sent.Name
	}
	if d.ContentType == "" {
		d.ContentType = sent.ContentType
	}
	if d.Name == "" && (d.ContentType == "" || base(d.ContentType) == unspecified) {
		return d, invalid("The content type %s is not supported for the File Upload API.", unspecified)
	}
	d, err := Describe(d, any)
	if err != nil || d.Name != "" {
		return d, err
	}
	d.Name = "file"
	return Describe(d, any)
}
