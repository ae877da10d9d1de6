// Package media reads, keeps and shows what stands for a file or a picture: icons and
// covers of pages, icons of blocks and the sources of media blocks (pages-blocks.md §2.5,
// §5.5).
//
// What is stored is what the API shows. Only custom emojis and uploaded files are stored
// as bare ids, since their names and signed addresses differ from read to read; [Resolve]
// fills them in.
package media

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

const (
	maxURL  = 2000
	maxName = 100
)

// Value is an icon, a cover or the source of a file in its stored form.
type Value struct {
	// JSON is the object as it is stored, nil when there is none.
	JSON []byte
	// Dynamic reports whether [Resolve] has to fill something in.
	Dynamic bool
	// Upload is the file upload it refers to, the zero id when there is none. Whoever
	// stores the value sees to it that there is such an upload; [UploadNotFound] is the
	// refusal.
	Upload notion.ID
}

// File is an uploaded file as one reader may fetch it.
type File struct {
	Name string
	// URL is signed and good until Expiry.
	URL string
	// Expiry is in wire form.
	Expiry string
}

// FileResolver is a [richtext.Resolver] that knows uploaded files.
type FileResolver interface {
	// File returns the file of an upload, false when there is none.
	File(upload notion.ID) (File, bool)
}

// Use is an upload that something is to refer to, and as what.
type Use struct {
	Upload notion.ID
	As     Slot
}

// Slot is what an upload is used as: not every file fits everywhere (services.md §3.8).
type Slot string

// The slots.
const (
	AsImage Slot = "image"
	AsVideo Slot = "video"
	AsAudio Slot = "audio"
	AsPDF   Slot = "pdf"
	AsFile  Slot = "file"
	AsEmbed Slot = "embed"
	AsIcon  Slot = "icon"
	AsCover Slot = "cover"
)

// Define adds to the set what requests may hold of files: "icon", "page_icon" and
// "page_cover" (which may be null), "cover", "emoji", "external_file", "file_upload_id"
// and "file_source". It needs nothing defined before.
func Define(set *schema.Set) {
	set.Define("external_file", schema.Object(schema.Req("url", schema.String().Max(maxURL))))
	set.Define("file_upload_id", schema.Object(schema.Req("id", schema.UUID())))
	set.Define("file_source", schema.Union(
		source("external", schema.Ref("external_file")),
		source("file_upload", schema.Ref("file_upload_id")),
	))
	set.Define("cover", schema.Ref("file_source"))
	set.Define("page_cover", schema.Nullable(schema.Ref("cover")))
	defineIcons(set)
}

// source returns an object of one kind: its key first, then the type, as the API checks
// them (contract.md §3.3).
func source(kind string, t schema.Type) *schema.ObjectType {
	return schema.Object(schema.Req(kind, t), schema.Opt("type", schema.Literal(kind)))
}

// DecodeCover reads a cover that has passed the "page_cover" schema; null and Undefined
// are no cover. The error is a validation_error.
func DecodeCover(v jsonx.Value) (Value, error) { return decodeSource(v, "image") }

func decodeSource(v jsonx.Value, what string) (Value, error) {
	src, err := DecodeSource(v, what)
	if err != nil || !src.Defined() {
		return Value{}, err
	}
	return Value{JSON: src.Append(nil), Dynamic: IsUpload(src), Upload: uploadOf(src)}, nil
}

// DecodeSource reads the `external` or `file_upload` of v into its stored form, an object
// that says its type; Undefined when v has neither. What is named in the refusal of a URL
// that is none, such as "image".
func DecodeSource(v jsonx.Value, what string) (jsonx.Value, error) {
	external, upload := v.Get("external"), v.Get("file_upload")
	switch {
	case external.Kind() == jsonx.Object && upload.Kind() == jsonx.Object:
		return jsonx.Value{}, invalid("Provide either `external` or `file_upload`, not both.")
	case external.Kind() == jsonx.Object:
		address := external.Get("url")
		if !ValidURL(address.Text()) {
			return jsonx.Value{}, invalid("Content creation Failed. Fix the following: \nInvalid %s url.", what)
		}
		return tagged("external", jsonx.ObjectValue(jsonx.M("url", address))), nil
	case upload.Kind() == jsonx.Object:
		id := jsonx.M("id", jsonx.StringValue(parseID(upload.Get("id")).String()))
		return tagged("file_upload", jsonx.ObjectValue(id)), nil
	}
	return jsonx.Value{}, nil
}

// ValidURL reports whether s can be the address of a file: an absolute http or https URL.
func ValidURL(s string) bool {
	lower := strings.ToLower(strings.TrimSpace(s))
	return (strings.HasPrefix(lower, "http:") || strings.HasPrefix(lower, "https:")) && richtext.ValidURL(s)
}

// IsUpload reports whether v is the stored form of an uploaded file.
func IsUpload(v jsonx.Value) bool {
	return v.Get("type").Text() == "file_upload" && v.Get("file_upload").Kind() == jsonx.Object
}

func uploadOf(v jsonx.Value) notion.ID {
	return parseID(v.Get("file_upload").Get("id"))
}

// Upload returns a reference to an upload in stored form.
func Upload(id notion.ID) []byte {
	return tagged("file_upload", jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(id.String())))).Append(nil)
}

// Uploads calls f for every upload that anything in v, in stored form, refers to.
func Uploads(v jsonx.Value, f func(notion.ID)) {
	v.Walk(func(it jsonx.Value) {
		if IsUpload(it) {
			f(uploadOf(it))
		}
	})
}

// CustomEmojis calls f for every custom emoji that an icon in v, in stored form, is.
func CustomEmojis(v jsonx.Value, f func(notion.ID)) {
	v.Walk(func(it jsonx.Value) {
		if emoji := it.Get("custom_emoji"); it.Get("type").Text() == "custom_emoji" && emoji.Kind() == jsonx.Object {
			f(parseID(emoji.Get("id")))
		}
	})
}

// UploadNotFound is the refusal to attach an upload that is not there, or not complete
// (contract.md §4.5 row 119).
func UploadNotFound(id notion.ID) error {
	return apierr.Errorf(apierr.ObjectNotFound, "Could not find file_upload with ID: %s. Confirm the status of the file upload is `uploaded` and that your integration has capabilities to update or insert content.", id)
}

// NameUploads gives the files of v, an array in stored form, that nobody has named the names
// of their uploads.
func NameUploads(v jsonx.Value, nameOf func(notion.ID) string) {
	for _, it := range v.Items() {
		if IsUpload(it) && it.Get("name").Text() == "" {
			it.Set("name", jsonx.StringValue(nameOf(uploadOf(it))))
		}
	}
}

// Resolve fills in the custom emojis and uploaded files of v, an icon, a cover or the
// payload of a block in stored form, and returns it. A payload is changed in place.
func Resolve(v jsonx.Value, r richtext.Resolver) jsonx.Value {
	switch v.Get("type").Text() {
	case "custom_emoji":
		return resolveIcon(v, r)
	case "file_upload":
		return resolveFile(v, r)
	}
	if icon := v.Ref("icon"); icon != nil && icon.Get("type").Text() != "" {
		*icon = Resolve(*icon, r)
	}
	return v
}

// resolveFile turns a stored upload into the file that is read, among whatever other keys
// the object has. A payload with a name that nobody gave gets the file's. Of an embed only
// the address is shown.
func resolveFile(v jsonx.Value, r richtext.Resolver) jsonx.Value {
	var file File
	if files, ok := r.(FileResolver); ok {
		file, _ = files.File(uploadOf(v))
	}
	if v.Has("url") { // an embed, which shows nothing but an address
		v.Set("url", jsonx.StringValue(file.URL))
		v.Delete("type")
		v.Delete("file_upload")
		return v
	}
	v.Set("type", jsonx.StringValue("file"))
	v.Rename("file_upload", "file")
	v.Set("file", jsonx.ObjectValue(
		jsonx.M("url", jsonx.StringValue(file.URL)),
		jsonx.M("expiry_time", jsonx.StringValue(file.Expiry)),
	))
	if name := v.Get("name"); name.Kind() == jsonx.String && name.Text() == "" {
		v.Set("name", jsonx.StringValue(file.Name))
	}
	return v
}

// NameOf returns the name a file goes by when it is given none: the last part of the path
// of its URL, or the host when there is no path (pages-blocks.md §2.2). An upload has the
// name of its file, which [Resolve] fills in; here it is "".
func NameOf(source jsonx.Value) string {
	host, file := split(source)
	if file == "" {
		return host
	}
	return file
}

// WithExtension returns the name with the extension of the source's file, unless it has
// one (pages-blocks.md §2.2).
func WithExtension(name string, source jsonx.Value) string {
	if name == "" || path.Ext(name) != "" {
		return name
	}
	_, file := split(source)
	return name + path.Ext(file)
}

// split returns the host of the source's URL and the last part of its path, unescaped
// where that gives text.
func split(source jsonx.Value) (host, file string) {
	_, rest, _ := strings.Cut(strings.TrimSpace(source.Get("external").Get("url").Text()), "://")
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end]
	}
	host, file, _ = strings.Cut(rest, "/")
	file = strings.TrimRight(file, "/")
	file = file[strings.LastIndexByte(file, '/')+1:]
	plain, err := url.PathUnescape(file)
	if err != nil || !utf8.ValidString(plain) || strings.ContainsFunc(plain, unicode.IsControl) {
		return host, file
	}
	return host, plain
}

func value(v jsonx.Value) Value { return Value{JSON: v.Append(nil)} }

// tagged returns {"type":key,key:payload}.
func tagged(key string, payload jsonx.Value) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(key)), jsonx.M(key, payload))
}

func parseID(v jsonx.Value) notion.ID {
	id, _ := notion.ParseID(v.Text())
	return id
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}
