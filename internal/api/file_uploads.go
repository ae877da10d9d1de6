package api

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func createFileUpload(a *API, c *call) (notion.Object, error) {
	return a.core.CreateFileUpload(c.ctx, c.principal, c.body)
}

func getFileUpload(a *API, c *call) (notion.Object, error) {
	return a.core.FileUpload(c.ctx, c.principal, c.ids["file_upload_id"])
}

func listFileUploads(a *API, c *call) (notion.Object, error) {
	return a.core.FileUploads(c.ctx, c.principal, c.query.Get("status").Text(), c.pageOf())
}

func sendFileUpload(a *API, c *call) (notion.Object, error) {
	return a.core.SendFile(c.ctx, c.principal, c.ids["file_upload_id"], c.form.next)
}

func completeFileUpload(a *API, c *call) (notion.Object, error) {
	return a.core.CompleteFileUpload(c.ctx, c.principal, c.ids["file_upload_id"])
}

// defineFileUploads adds what requests for file uploads hold (services.md §3).
func defineFileUploads(set *schema.Set) {
	set.Define("create_file_upload", schema.Object(
		schema.Opt("mode", schema.Literal("single_part", "multi_part", "external_url")),
		schema.Opt("filename", schema.String().NonEmpty().Max(maxFilename)),
		schema.Opt("content_type", schema.String().NonEmpty()),
		schema.Opt("number_of_parts", schema.Number().Min(1).Max(maxParts)),
		schema.Opt("external_url", schema.String().NonEmpty().Max(maxExternalURL)),
	))
	set.Define("complete_file_upload", schema.Object())
	set.Redefine("list_file_uploads.query", schema.Object(
		schema.Opt("status", schema.Literal("pending", "uploaded", "expired", "failed")),
		schema.Opt("start_cursor", schema.UUID()),
		schema.Opt("page_size", schema.Number().Min(1).Max(100)),
	))
}

const (
	maxFilename    = 900
	maxParts       = 10_000
	maxExternalURL = 2000
)

// DefaultMaxPart is the largest file, or part of one, that the hosted API takes in one
// request, in bytes (services.md §3.3).
const DefaultMaxPart = 20 << 20

const (
	// formTimeout is how long a form may take to arrive: a part of 20 MB over a slow line
	// takes longer than any other request.
	formTimeout = 10 * time.Minute
	// formOverhead is how much a form may be larger than the file in it, in bytes.
	formOverhead = 64 << 10
	// drainAtMost is how much of a form is still read after it has been refused, in bytes.
	drainAtMost = DefaultMaxPart
)

// form is the body of a request that is read as it arrives.
type form struct {
	reader  *multipart.Reader // nil when the request has no form
	maxFile int64
	tooLong bool // by what the request itself says
}

// newForm prepares to read the form of a request with a file of at most maxFile bytes.
// Nothing is read yet.
func newForm(w http.ResponseWriter, r *http.Request, maxFile int64) *form {
	limit := maxFile + formOverhead
	// The deadline of the connection is that of requests which are small.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	// The reader of forms asks for a few kilobytes at a time.
	buffered := *r
	buffered.Body = io.NopCloser(bufio.NewReaderSize(http.MaxBytesReader(w, r.Body, limit), 64<<10))
	f := &form{maxFile: maxFile, tooLong: r.ContentLength > limit}
	// The reader would take the parts of a mail as well.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		f.reader, _ = buffered.MultipartReader()
	}
	return f
}

// next returns the next field, [io.EOF] after the last. A request without a form has no
// fields.
func (f *form) next() (*core.FormField, error) {
	switch {
	case f.tooLong:
		return nil, f.tooLarge()
	case f.reader == nil:
		return nil, io.EOF
	}
	part, err := f.reader.NextPart()
	if err != nil {
		return nil, f.failure(err)
	}
	name := part.FileName()
	return &core.FormField{
		Name: part.FormName(), Filename: name[strings.LastIndexAny(name, `/\`)+1:], ContentType: part.Header.Get("Content-Type"),
		Content: fieldReader{f, part},
	}, nil
}

// fieldReader reads one field.
type fieldReader struct {
	form *form
	part *multipart.Part
}

// Read implements [io.Reader].
func (r fieldReader) Read(p []byte) (int, error) {
	n, err := r.part.Read(p)
	if err != nil {
		err = r.form.failure(err)
	}
	return n, err
}

func (f *form) tooLarge() error {
	return apierr.Errorf(apierr.ValidationError, "The file size of the upload exceeds the limit of %d bytes.", f.maxFile)
}

// failure says what is wrong with a form that cannot be read on.
func (f *form) failure(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.As(err, &tooLarge):
		return f.tooLarge()
	case isTimeout(err):
		return apierr.New(apierr.ServiceUnavailable).Because(err)
	}
	return apierr.Errorf(apierr.ValidationError, "body failed validation: body should be a form that is well-formed and complete.").Because(err)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
