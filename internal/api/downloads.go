package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"time"

	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/files"
)

// downloadRoute is how downloads are called in logs and metrics.
var downloadRoute = route{method: "GET", path: "/f/{file_upload_id}/{name}", name: "download_file"}

// download answers a request for a file by a signed link (services.md §3.9). It asks for
// no token, and neither its answers nor its refusals are those of the API.
func (a *API) download(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, id: a.opts.IDs.Request(), start: a.opts.Clock.Now(), route: &downloadRoute}
	defer a.record(x, r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		x.plain(http.StatusMethodNotAllowed, "A file can only be fetched.")
		return
	}
	select {
	case a.fetching <- struct{}{}:
		defer func() { <-a.fetching }()
	default:
		w.Header().Set("Retry-After", "1")
		x.plain(http.StatusServiceUnavailable, "Too many files are being fetched. Try again later.")
		return
	}
	file, err := a.core.Download(r.Context(), r.URL)
	if err != nil {
		x.refuseFile(a, err)
		return
	}
	defer file.Content.Close()
	x.serveFile(a, r, file)
}

// fileRefusals are the answers to links that lead nowhere.
var fileRefusals = []struct {
	err    error
	status int
	text   string
}{
	{core.ErrLinkInvalid, http.StatusForbidden, "This is not a link to a file, or it has been changed."},
	{core.ErrLinkExpired, http.StatusForbidden, "This link has expired. Read the object that has the file again: it comes with a new one."},
	{core.ErrLinkGone, http.StatusNotFound, "The file is gone."},
}

func (x *exchange) refuseFile(a *API, err error) {
	for _, refusal := range fileRefusals {
		if errors.Is(err, refusal.err) {
			x.plain(refusal.status, refusal.text)
			return
		}
	}
	x.fail(a, err)
}

// plain answers with a line of text.
func (x *exchange) plain(status int, text string) {
	h := x.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	x.status = status
	x.WriteHeader(status)
	x.bytes, _ = io.WriteString(x, text+"\n") // an error means the client is gone
}

func (x *exchange) serveFile(a *API, r *http.Request, file *core.Download) {
	h := x.Header()
	h.Set("Content-Type", file.ContentType)
	h.Set("Content-Disposition", disposition(file.ContentType, file.Name))
	h.Set("Content-Security-Policy", policy(file.ContentType))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the address is the key to the file
	h.Set("Cache-Control", "private, max-age="+strconv.Itoa(int(file.Expires.Sub(a.opts.Clock.Now())/time.Second)))
	h.Set("ETag", file.ETag)
	w := &fileWriter{exchange: x, ctx: r.Context(), clock: a.opts.Clock, content: file.Content}
	// The deadline of the connection is that of answers that are small.
	_ = http.NewResponseController(x).SetWriteDeadline(time.Time{})
	http.ServeContent(w, r, "", file.Time, file.Content)
	switch {
	case w.err == nil:
		w.begin()
	case !w.begun:
		clear(h)
		x.fail(a, core.FileError(w.err))
	default:
		a.opts.Log.Error("a file could not be read to its end", "request_id", x.id.String(), "error", w.err)
		panic(http.ErrAbortHandler) // so that the client does not take what it has for the whole
	}
}

// disposition says whether a browser shows a file or saves it, and under which name. What can
// hold scripts is saved, although they would not run (policy): it could still pretend to be a
// page of this server. Images in a page are shown whatever this says.
func disposition(contentType, name string) string {
	how := "attachment"
	plain, _, err := mime.ParseMediaType(contentType)
	switch shown := files.KindOf(contentType) &^ files.HTML; {
	case err != nil || plain == "image/svg+xml":
	case shown != 0 || plain == "text/plain":
		how = "inline"
	}
	if d := mime.FormatMediaType(how, map[string]string{"filename": name}); d != "" {
		return d
	}
	return how
}

// policy keeps what is in a file from doing anything where it is shown. The viewers of
// browsers for PDF do not work in a sandbox and are one themselves.
func policy(contentType string) string {
	const nothing = "default-src 'none'; img-src 'self' data:; media-src 'self' data:; style-src 'unsafe-inline'"
	if files.KindOf(contentType)&files.PDF != 0 {
		return nothing + "; object-src 'self'"
	}
	return nothing + "; sandbox"
}

const (
	// downloadPiece is how much of a file is written at once, in bytes.
	downloadPiece = 1 << 20
	// downloadPatience is how long a client may take to read a piece.
	downloadPatience = time.Minute
)

// fileWriter writes a file piece by piece: a client that stops reading is not waited for,
// however large the file is.
type fileWriter struct {
	*exchange
	ctx     context.Context
	clock   clock.Clock
	content *files.Content
	begun   bool  // whether the headers have been written
	err     error // why the content could not be read
}

// WriteHeader implements [http.ResponseWriter]. The headers wait until there is something
// to follow them.
func (w *fileWriter) WriteHeader(status int) { w.status = status }

func (w *fileWriter) begin() {
	if !w.begun {
		w.begun = true
		w.exchange.WriteHeader(w.status)
	}
}

// Write implements [io.Writer].
func (w *fileWriter) Write(p []byte) (int, error) {
	w.begin()
	defer w.patience()()
	n, err := w.exchange.Write(p)
	w.bytes += n
	return n, err
}

// ReadFrom implements [io.ReaderFrom]. What [http.ServeContent] copies is a range of the
// content, which can go to the connection without passing through this process.
func (w *fileWriter) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok || limited.R != io.Reader(w.content) {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	if w.err = w.content.Ready(); w.err != nil {
		return 0, w.err
	}
	w.begin()
	total := int64(0)
	for limited.N > 0 {
		n, err := w.piece(min(limited.N, downloadPiece))
		limited.N -= n
		total += n
		w.bytes += int(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (w *fileWriter) piece(n int64) (int64, error) {
	defer w.patience()()
	copied, err := w.content.CopyN(w.ResponseWriter, n)
	var connection *net.OpError
	if err != nil && !errors.As(err, &connection) {
		w.err = err
	}
	return copied, err
}

// patience bounds the next write, until the function it returns is called.
func (w *fileWriter) patience() func() {
	ctx, cancel := w.clock.WithTimeout(w.ctx, downloadPatience)
	stop := context.AfterFunc(ctx, func() {
		if ctx.Err() != nil && w.ctx.Err() == nil {
			_ = http.NewResponseController(w.exchange).SetWriteDeadline(time.Unix(0, 1))
		}
	})
	return func() {
		stop()
		cancel()
	}
}
