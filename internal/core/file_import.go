package core

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
)

const (
	// inspectTimeout is how long a source may take to say what it has.
	inspectTimeout = 10 * time.Second
	// importTimeout is how long an import may take, and importPartTimeout each part of it.
	importTimeout     = 30 * time.Minute
	importPartTimeout = 2 * time.Minute
	// claimLife is how long nobody else takes an import on after the last sign of life.
	claimLife = inspectTimeout + importPartTimeout + time.Minute
	// importPart is the size of the parts that an imported file is stored in, in bytes.
	importPart = 16 << 20
	// maxImports is how many files one server imports at a time.
	maxImports = 4
)

// inspect asks the source of an import what it has, and completes the upload by it. What is
// said of the file by whoever imports it counts more than what the source says, and nobody
// looks at what it really is (services.md §3.6).
func (c *Core) inspect(ctx context.Context, u *store.FileUpload) error {
	ctx, cancel := c.clock.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	s, err := c.opts.Files.Fetcher.Describe(ctx, u.SourceURL)
	if err != nil {
		return cannotImport(err)
	}
	if s.ContentType == "" {
		return notImported("its server does not say what type of file it is")
	}
	if s.Length > c.opts.MaxUpload {
		return tooLarge(c.opts.MaxUpload)
	}
	d, err := files.Settle(files.Described{Name: u.Filename, ContentType: u.ContentType}, s.Described, c.opts.Files.AnyType)
	u.Filename, u.ContentType = d.Name, d.ContentType
	return err
}

// cannotImport says why a source cannot be imported from. How a connection failed is for
// the log alone: it would tell whoever asks about a network that is not theirs.
func cannotImport(err error) error {
	if why := reason(err); why != "" {
		return notImported(why).Because(err)
	}
	return notImported("it cannot be reached").Because(err)
}

// reason is what whoever gave an address may know of what is wrong with it, "" when it is
// nothing that they should.
func reason(err error) string {
	var status *files.StatusError
	var address *files.URLError
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &address):
		return address.Reason
	}
	return ""
}

func notImported(why string) *apierr.Error {
	return apierr.Errorf(apierr.ValidationError, "The file at `external_url` cannot be imported: %s.", why)
}

// imports are the files that this server is importing.
type imports struct {
	core   *Core
	ctx    context.Context
	cancel context.CancelFunc
	places chan struct{}

	mu      sync.Mutex
	closed  bool
	begun   map[notion.ID]bool // until they have ended
	running sync.WaitGroup
}

func newImports(c *Core) *imports {
	ctx, cancel := context.WithCancel(context.Background())
	return &imports{core: c, ctx: ctx, cancel: cancel, places: make(chan struct{}, maxImports), begun: map[notion.ID]bool{}}
}

// close ends the imports that run. The next start begins them again.
func (i *imports) close() {
	i.mu.Lock()
	i.closed = true
	i.mu.Unlock()
	i.cancel()
	i.running.Wait()
}

// begin imports a file in the background, unless that has begun already.
func (i *imports) begin(workspace, upload notion.ID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || i.begun[upload] {
		return
	}
	i.begun[upload] = true
	i.running.Go(func() {
		defer i.end(upload)
		select {
		case i.places <- struct{}{}:
			defer func() { <-i.places }()
		case <-i.ctx.Done():
			return
		}
		i.core.importFile(i.ctx, workspace, upload)
	})
}

func (i *imports) end(upload notion.ID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.begun, upload)
}

// ResumeImports begins the imports again that were cut off when their server ended. It is
// to be called once the server is ready.
func (c *Core) ResumeImports(ctx context.Context) error {
	const atOnce = 100
	return c.eachWorkspace(ctx, func(w store.Workspace) error {
		var last notion.ID
		for {
			var pending []store.FileUpload
			err := c.store.View(ctx, w.ID, func(tx *store.Tx) (err error) {
				pending, err = tx.PendingImports(last, atOnce)
				return err
			})
			if err != nil {
				return storeError(err)
			}
			for _, u := range pending {
				last = u.ID
				c.imports.begin(w.ID, u.ID)
			}
			if len(pending) < atOnce {
				return nil
			}
		}
	})
}

// eachWorkspace calls f for every workspace, in the order of their ids.
func (c *Core) eachWorkspace(ctx context.Context, f func(store.Workspace) error) error {
	const atOnce = 100
	var last notion.ID
	for {
		var some []store.Workspace
		err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
			some, err = tx.Workspaces(last, atOnce)
			return err
		})
		if err != nil {
			return storeError(err)
		}
		for _, w := range some {
			last = w.ID
			if err := f(w); err != nil {
				return err
			}
		}
		if len(some) < atOnce {
			return nil
		}
	}
}

// importFile imports one file, if nobody else does.
func (c *Core) importFile(ctx context.Context, workspace, id notion.ID) {
	j := &importJob{core: c, workspace: workspace}
	claimed, err := j.claim(ctx, id)
	if err != nil || !claimed {
		if err != nil && ctx.Err() == nil {
			c.log.Error("a file cannot be imported yet", "file_upload", id.String(), "error", err)
		}
		return
	}
	err = j.fetch(ctx)
	if ctx.Err() != nil {
		return // the server ends; the next one begins again
	}
	if err := j.finish(context.WithoutCancel(ctx), err); err != nil {
		c.log.Error("what came of an import cannot be noted", "file_upload", id.String(), "error", err)
	}
}

// importJob is one import.
type importJob struct {
	core      *Core
	workspace notion.ID
	upload    store.FileUpload
	size      int64
}

// claim takes the import on, and drops what an earlier attempt has left.
func (j *importJob) claim(ctx context.Context, id notion.ID) (claimed bool, err error) {
	var left []store.FilePart
	err = j.core.store.Update(ctx, j.workspace, func(tx *store.Tx) error {
		claimed = false
		u, err := tx.FileUpload(id)
		if err != nil {
			return err
		}
		u = asOf(u, tx.Now())
		// Only this process can be at work on it where no other writes to the data.
		if u.Status != uploadPending || tx.Now().Before(u.ClaimedUntil) && !j.core.store.Exclusive() {
			return nil
		}
		if left, err = tx.FileParts(id); err != nil {
			return err
		}
		if err := tx.DropFileParts(id); err != nil {
			return err
		}
		u.ClaimedUntil = tx.Now().Add(claimLife)
		claimed, j.upload = true, u
		return tx.UpdateFileUpload(u)
	})
	if err == nil {
		j.core.collect(ctx, j.workspace, left)
	}
	return claimed, err
}

// fetch stores the file, part by part.
func (j *importJob) fetch(ctx context.Context) error {
	ctx, cancel := j.core.clock.WithTimeout(ctx, importTimeout)
	defer cancel()
	connection, hangUp := context.WithCancel(ctx)
	defer hangUp()
	s, err := j.open(connection, hangUp)
	if err != nil {
		return downloadError{err}
	}
	defer s.Content.Close()
	if s.Length > j.core.opts.MaxUpload {
		return tooLarge(j.core.opts.MaxUpload)
	}
	content := &watched{Reader: s.Content}
	for number := int64(1); ; number++ {
		size, err := j.part(ctx, number, content, hangUp)
		if err != nil {
			return err
		}
		if size < importPart {
			break
		}
	}
	if j.size == 0 {
		return errEmptyImport
	}
	return nil
}

// open asks for the file. A source that does not answer in time is not waited for.
func (j *importJob) open(connection context.Context, hangUp func()) (files.Source, error) {
	bound, cancel := j.core.clock.WithTimeout(connection, inspectTimeout)
	defer cancel()
	defer context.AfterFunc(bound, hangUp)()
	return j.core.opts.Files.Fetcher.Fetch(connection, j.upload.SourceURL)
}

// watched reads a source, and takes what goes wrong for the source's fault.
type watched struct{ io.Reader }

// Read implements [io.Reader].
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = downloadError{err}
	}
	return n, err
}

// part stores the next part of the file and returns its size, 0 at the end. Of a source that
// takes too long over it no more is read.
func (j *importJob) part(ctx context.Context, number int64, content io.Reader, hangUp func()) (int64, error) {
	bound, cancel := j.core.clock.WithTimeout(ctx, importPartTimeout)
	defer cancel()
	defer context.AfterFunc(bound, hangUp)()
	part := store.FilePart{UploadID: j.upload.ID, Number: number, State: store.PartWriting}
	err := j.core.store.Update(ctx, j.workspace, func(tx *store.Tx) error {
		part.ID = j.core.ids.New(tx.Now())
		return tx.InsertFilePart(part)
	})
	if err != nil {
		return 0, err
	}
	most := min(importPart, j.core.opts.MaxUpload-j.size)
	part.Size, part.SHA256, err = j.core.storePart(ctx, j.workspace, part.ID, io.LimitReader(content, importPart), most)
	if err == nil && part.Size > 0 {
		err = j.core.store.Update(ctx, j.workspace, func(tx *store.Tx) error { return j.keep(tx, part) })
	}
	if err != nil || part.Size == 0 {
		j.core.abandon(ctx, j.workspace, part, err)
	}
	j.size += part.Size
	return part.Size, err
}

// keep makes a part one of the upload, and renews the claim.
func (j *importJob) keep(tx *store.Tx, part store.FilePart) error {
	u, err := tx.FileUpload(j.upload.ID)
	if err != nil {
		return err
	}
	if _, err := tx.KeepFilePart(part); err != nil {
		return err
	}
	u.ClaimedUntil = tx.Now().Add(claimLife)
	return tx.UpdateFileUpload(u)
}

// finish notes what came of the import.
func (j *importJob) finish(ctx context.Context, failed error) error {
	var dropped []store.FilePart
	err := j.core.store.Update(ctx, j.workspace, func(tx *store.Tx) error {
		u, err := tx.FileUpload(j.upload.ID)
		if err != nil || u.Status != uploadPending {
			return err // it has expired meanwhile
		}
		u.LastEditedTime, u.ClaimedUntil = tx.Now(), time.Time{}
		event := store.Event{Type: fileUploadCompleted, NodeID: u.ID, AuthorID: u.CreatedBy}
		result := importSuccess(tx.Now())
		if failed == nil {
			u.Status, u.ContentLength = uploadUploaded, j.size
		} else {
			result = importFailure(failed, j.core.opts.MaxUpload, tx.Now())
			u.Status, u.ExpiresTime = uploadFailed, time.Time{}
			event.Type = fileUploadFailed
			event.Data = jsonx.ObjectValue(jsonx.M("file_import_result", result)).String()
			if dropped, err = tx.FileParts(u.ID); err != nil {
				return err
			}
			if err := tx.DropFileParts(u.ID); err != nil {
				return err
			}
		}
		u.ImportResult = result.String()
		if err := tx.UpdateFileUpload(u); err != nil {
			return err
		}
		return tx.AppendEvent(event)
	})
	if err != nil {
		return err
	}
	if failed != nil {
		j.core.log.Info("an import failed", "file_upload", j.upload.ID.String(), "cause", failed)
	}
	j.core.collect(ctx, j.workspace, dropped)
	return nil
}

// downloadError is a fault of the source.
type downloadError struct{ error }

// Unwrap returns what went wrong.
func (e downloadError) Unwrap() error { return e.error }

var errEmptyImport = errors.New("core: the file to import has no content")

// importSuccess is the file_import_result of a file that has been imported.
func importSuccess(now time.Time) jsonx.Value {
	return jsonx.ObjectValue(
		jsonx.M("type", jsonx.StringValue("success")),
		jsonx.M("success", jsonx.ObjectValue()),
		jsonx.M("imported_time", importedTime(now)),
	)
}

// importFailure is the file_import_result of an import that failed (services.md §3.6).
func importFailure(failed error, maxUpload int64, now time.Time) jsonx.Value {
	kind, code, message, status := explain(failed, maxUpload)
	shown := jsonx.NullValue
	if status != 0 {
		shown = jsonx.NumberValue(float64(status))
	}
	return jsonx.ObjectValue(
		jsonx.M("type", jsonx.StringValue("error")),
		jsonx.M("error", jsonx.ObjectValue(
			jsonx.M("type", jsonx.StringValue(kind)),
			jsonx.M("code", jsonx.StringValue(code)),
			jsonx.M("message", jsonx.StringValue(message+" Please try again with a new file upload.")),
			jsonx.M("parameter", jsonx.NullValue),
			jsonx.M("status_code", shown),
		)),
		jsonx.M("imported_time", importedTime(now)),
	)
}

func importedTime(now time.Time) jsonx.Value {
	return jsonx.StringValue(string(notion.AppendInstant(nil, now.Truncate(time.Second))))
}

// explain says why an import failed; a status of 0 is none.
func explain(failed error, maxUpload int64) (kind, code, message string, status int) {
	var refused *apierr.Error
	var download downloadError
	var answered *files.StatusError
	switch {
	case errors.As(failed, &answered):
		return "download_error", "file_upload_download_failed", "The file could not be downloaded: " + answered.Error() + ".", answered.Status
	case errors.As(failed, &download):
		return "download_error", "file_upload_download_failed", "The file could not be downloaded.", 0
	case errors.Is(failed, errEmptyImport), errors.As(failed, &refused) && refused.Code == apierr.ValidationError:
		return "validation_error", "file_upload_invalid_size", "The file size is not within the allowed limit of " + showSize(maxUpload) + ".", 0
	case errors.As(failed, &refused):
		return "upload_error", "file_upload_storage_failed", "The file could not be stored.", 0
	}
	return "internal_system_error", "file_upload_failed", "The file could not be imported.", 0
}

// showSize shows a number of bytes in the largest unit that divides it.
func showSize(bytes int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"}
	at := 0
	for bytes%1024 == 0 && bytes > 0 && at < len(units)-1 {
		bytes /= 1024
		at++
	}
	return strconv.FormatInt(bytes, 10) + " " + units[at]
}
