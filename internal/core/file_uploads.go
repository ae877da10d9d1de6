package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"math"
	"strconv"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// FileOptions say where uploaded files are kept and which are taken.
type FileOptions struct {
	Storage files.Storage
	// MinPart and MaxPart are the sizes that a part of a file may have, in bytes; the last
	// part may be smaller. A file that is sent whole is one part.
	MinPart, MaxPart int64
	// AnyType takes files of every type.
	AnyType bool
	// KeepUnused is how long a file is kept that has been attached and that nothing refers to
	// any more; zero is for ever.
	KeepUnused time.Duration
	// Fetcher reads the files that are imported.
	Fetcher *files.Fetcher
}

// The states of a file upload (services.md §3.1).
const (
	uploadPending  = "pending"
	uploadUploaded = "uploaded"
	uploadExpired  = "expired"
	uploadFailed   = "failed"
)

// The ways in which a file comes.
const (
	singlePart  = "single_part"
	multiPart   = "multi_part"
	externalURL = "external_url"
)

// uploadLife is how long an upload lasts that is attached to nothing.
const uploadLife = time.Hour

// CreateFileUpload begins an upload as a body says that has passed the schema of the
// operation (services.md §3.2).
func (c *Core) CreateFileUpload(ctx context.Context, p *Principal, body jsonx.Value) (notion.Object, error) {
	u, err := c.newUpload(p, body)
	if err == nil && u.Mode == externalURL {
		err = c.inspect(ctx, &u)
	}
	if err != nil {
		return nil, err
	}
	err = c.update(ctx, p, func(tx *store.Tx) error {
		u.ID = c.ids.New(tx.Now())
		u.CreatedTime, u.LastEditedTime, u.ExpiresTime = tx.Now(), tx.Now(), tx.Now().Add(uploadLife)
		if err := c.initLinkKey(tx); err != nil {
			return err
		}
		if err := tx.InsertFileUpload(u); err != nil {
			return err
		}
		return c.event(tx, p, fileUploadCreated, u.ID)
	})
	if err == nil && u.Mode == externalURL {
		c.imports.begin(p.Workspace, u.ID)
	}
	return c.showUpload(u), err
}

// newUpload reads what a client says of a file to come.
func (c *Core) newUpload(p *Principal, body jsonx.Value) (store.FileUpload, error) {
	u := store.FileUpload{
		IntegrationID: p.Integration, CreatedBy: p.Bot, ByPerson: p.Kind == Personal, Status: uploadPending, Mode: body.Get("mode").Text(),
	}
	if u.Mode == "" {
		u.Mode = singlePart
	}
	if err := checkModeKeys(u.Mode, body); err != nil {
		return u, err
	}
	if n := body.Get("number_of_parts"); n.Defined() {
		if n.Float() != math.Trunc(n.Float()) {
			return u, invalid("body failed validation: body.number_of_parts should be a whole number, instead was `%s`.", n)
		}
		u.Parts = int64(n.Float())
	}
	u.SourceURL = body.Get("external_url").Text()
	d, err := files.Describe(files.Described{Name: body.Get("filename").Text(), ContentType: body.Get("content_type").Text()}, c.opts.Files.AnyType)
	u.Filename, u.ContentType = d.Name, d.ContentType
	return u, err
}

// checkModeKeys refuses keys that do not belong to the mode, and the lack of those that do.
func checkModeKeys(mode string, body jsonx.Value) error {
	for _, key := range []struct {
		name          string
		needed, known bool
	}{
		{"filename", mode == multiPart, true},
		{"number_of_parts", mode == multiPart, mode == multiPart},
		{"external_url", mode == externalURL, mode == externalURL},
	} {
		switch sent := body.Get(key.name); {
		case key.needed && !sent.Defined():
			return invalid("body failed validation: body.%s should be defined, instead was `undefined`.", key.name)
		case !key.known && sent.Defined():
			return invalid("body failed validation: body.%s should be not present, instead was `%s`.", key.name, sent)
		}
	}
	return nil
}

// FileUpload returns an upload of p's integration.
func (c *Core) FileUpload(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		u, err := ownUpload(tx, p, id)
		o = c.showUpload(u)
		return err
	})
	return o, err
}

// FileUploads lists the uploads of p's integration, the newest first, all or those of one
// status (services.md §3.5).
func (c *Core) FileUploads(ctx context.Context, p *Principal, status string, part PageOf) (notion.Object, error) {
	list := &notion.List{Type: "file_upload"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		from, _ := notion.ParseID(part.Cursor)
		if part.Cursor != "" {
			if _, err := ownUpload(tx, p, from); err != nil {
				if isNotFound(err) {
					return invalid("The start_cursor provided is invalid: %s", part.Cursor)
				}
				return err
			}
		}
		rows, err := tx.ListFileUploads(p.Integration, from, status, part.Size+1)
		if err != nil {
			return err
		}
		if len(rows) > part.Size {
			list.NextCursor = rows[part.Size].ID.String()
			rows = rows[:part.Size]
		}
		for _, u := range rows {
			list.Results = append(list.Results, c.showUpload(asOf(u, tx.Now())))
		}
		return nil
	})
	return list, err
}

// ownUpload reads an upload as it is at the time of the transaction. One of another
// integration is not found (services.md §3.1).
func ownUpload(tx *store.Tx, p *Principal, id notion.ID) (store.FileUpload, error) {
	u, err := tx.FileUpload(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.IntegrationID != p.Integration {
		return u, p.notFound("file_upload", id)
	}
	return asOf(u, tx.Now()), err
}

// asOf returns an upload as it is at a time: one whose time is over has expired, even if the
// sweep that says so has not come by. When it does, it is as if it had come on time.
func asOf(u store.FileUpload, now time.Time) store.FileUpload {
	if u.ExpiresTime.IsZero() || now.Before(u.ExpiresTime) {
		return u
	}
	u.LastEditedTime = u.ExpiresTime
	if swept := nextSweep(u.ExpiresTime); !now.Before(swept) {
		u.LastEditedTime = swept
	}
	u.Status, u.ExpiresTime = uploadExpired, time.Time{}
	return u
}

// nextSweep returns when uploads are next swept, at a time or after it: five minutes past
// each hour (services.md §3.1).
func nextSweep(t time.Time) time.Time {
	const past = 5 * time.Minute
	at := t.Truncate(time.Hour).Add(past)
	if at.Before(t) {
		at = at.Add(time.Hour)
	}
	return at
}

func (c *Core) showUpload(u store.FileUpload) *notion.FileUpload {
	o := &notion.FileUpload{
		ID: u.ID, CreatedTime: u.CreatedTime, LastEditedTime: u.LastEditedTime, CreatedBy: u.CreatedBy, ByPerson: u.ByPerson,
		ExpiryTime: u.ExpiresTime, Status: u.Status, Filename: u.Filename, ContentType: u.ContentType, ContentLength: u.ContentLength,
		Parts: u.Parts, PartsSent: u.PartsSent,
	}
	if u.ImportResult != "" {
		o.ImportResult = notion.Raw(u.ImportResult)
	}
	if u.Status == uploadPending {
		address := c.opts.PublicURL + "/v1/file_uploads/" + u.ID.String()
		o.UploadURL = address + "/send"
		if u.PartsSent > 0 {
			o.CompleteURL = address + "/complete"
		}
	}
	return o
}

// FormField is one field of a form that is being received.
type FormField struct {
	Name string
	// Filename and ContentType are what the field says of a file, "" when it says nothing.
	Filename, ContentType string
	// Content is what is in the field. It is read before the next field is asked for.
	Content io.Reader
}

// SendFile takes in a file or one part of it from a form (services.md §3.3). The fields
// come from next, which ends with [io.EOF]; they are never held in memory.
func (c *Core) SendFile(ctx context.Context, p *Principal, id notion.ID, next func() (*FormField, error)) (notion.Object, error) {
	s := &sending{core: c, p: p}
	if err := s.begin(ctx, id); err != nil {
		return nil, err
	}
	o, err := s.receive(ctx, next)
	if err != nil {
		c.abandon(ctx, p.Workspace, s.part, err)
	}
	return o, err
}

// sending is a part of a file on its way in.
type sending struct {
	core   *Core
	p      *Principal
	upload store.FileUpload
	part   store.FilePart
	// number is what the form says, "" when it does not.
	number string
	stored bool
}

// begin notes that bytes will come, before there are any.
func (s *sending) begin(ctx context.Context, id notion.ID) error {
	return s.core.update(ctx, s.p, func(tx *store.Tx) (err error) {
		if s.upload, err = s.sendable(tx, id); err != nil {
			return err
		}
		s.part = store.FilePart{ID: s.core.ids.New(tx.Now()), UploadID: id, State: store.PartWriting}
		return tx.InsertFilePart(s.part)
	})
}

// sendable reads the upload and refuses one that takes no more.
func (s *sending) sendable(tx *store.Tx, id notion.ID) (store.FileUpload, error) {
	u, err := ownUpload(tx, s.p, id)
	switch {
	case err != nil:
		return u, err
	case u.Mode == externalURL:
		return u, invalid("File upload with ID %s is imported from its `external_url` and cannot be sent.", id)
	case u.Status != uploadPending:
		return u, invalid("File upload with ID %s has the status `%s`. Only a `pending` one can be sent.", id, u.Status)
	}
	return u, nil
}

func (s *sending) receive(ctx context.Context, next func() (*FormField, error)) (notion.Object, error) {
	for {
		field, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := s.field(ctx, field); err != nil {
			return nil, err
		}
	}
	if !s.stored {
		return nil, invalid("body failed validation: body.file should be defined, instead was `undefined`.")
	}
	return s.finish(ctx)
}

// field takes in one field. Fields that the API does not know are ignored.
func (s *sending) field(ctx context.Context, f *FormField) error {
	switch f.Name {
	case "file":
		if s.stored {
			return invalid("body failed validation: body.file should be sent once.")
		}
		return s.store(ctx, f)
	case "part_number":
		if s.number != "" {
			return invalid("body failed validation: body.part_number should be sent once.")
		}
		const enough = 20 // for any number there is, and to show what is none
		text, err := io.ReadAll(io.LimitReader(f.Content, enough))
		s.number = string(text)
		return err
	}
	return nil
}

// store puts the bytes of the file field into the storage.
func (s *sending) store(ctx context.Context, f *FormField) error {
	limits := &s.core.opts.Files
	most := min(limits.MaxPart, s.core.opts.MaxUpload)
	if err := files.CheckSent(f.ContentType, limits.AnyType); err != nil {
		return err
	}
	if s.upload.Mode == singlePart {
		d, err := files.Settle(files.Described{Name: s.upload.Filename, ContentType: s.upload.ContentType},
			files.Described{Name: f.Filename, ContentType: f.ContentType}, limits.AnyType)
		if err != nil {
			return err
		}
		s.upload.Filename, s.upload.ContentType = d.Name, d.ContentType
	}
	size, sum, err := s.core.storePart(ctx, s.p.Workspace, s.part.ID, f.Content, most)
	if err != nil {
		return err
	}
	if size == 0 {
		return invalid("The file has no content. Provide a file that is not empty.")
	}
	s.part.Size, s.part.SHA256, s.stored = size, sum, true
	return nil
}

// finish makes what has been stored part of the upload.
func (s *sending) finish(ctx context.Context) (notion.Object, error) {
	var o notion.Object
	var replaced []store.FilePart
	err := s.core.update(ctx, s.p, func(tx *store.Tx) error {
		u, err := s.sendable(tx, s.part.UploadID)
		if err != nil {
			return err
		}
		part := s.part
		if part.Number, err = s.partNumber(u); err != nil {
			return err
		}
		if replaced, err = tx.KeepFilePart(part); err != nil {
			return err
		}
		u.ContentLength += part.Size
		for _, old := range replaced {
			u.ContentLength -= old.Size
		}
		if u.ContentLength > s.core.opts.MaxUpload {
			return tooLarge(s.core.opts.MaxUpload)
		}
		u.LastEditedTime = tx.Now()
		if u.Mode == multiPart {
			u.PartsSent += int64(1 - len(replaced))
		} else {
			u.Status, u.Filename, u.ContentType = uploadUploaded, s.upload.Filename, s.upload.ContentType
			if err := s.core.event(tx, s.p, fileUploadCompleted, u.ID); err != nil {
				return err
			}
		}
		o = s.core.showUpload(u)
		return tx.UpdateFileUpload(u)
	})
	if err == nil {
		s.core.collect(context.WithoutCancel(ctx), s.p.Workspace, replaced)
	}
	return o, err
}

// partNumber returns which part of the upload has been sent, if one of its size can be.
func (s *sending) partNumber(u store.FileUpload) (int64, error) {
	if u.Mode == singlePart {
		if s.number != "" && s.number != "1" {
			return 0, invalid("body failed validation: body.part_number should be not present, instead was `%s`.", jsonx.StringValue(s.number))
		}
		return 1, nil
	}
	if s.number == "" {
		return 0, invalid("body failed validation: body.part_number should be defined, instead was `undefined`.")
	}
	n, err := strconv.ParseInt(s.number, 10, 64)
	if err != nil || n < 1 || n > u.Parts || strconv.FormatInt(n, 10) != s.number {
		return 0, invalid("body failed validation: body.part_number should be a number from `1` to `%d`, instead was `%s`.",
			u.Parts, jsonx.StringValue(s.number))
	}
	if least := s.core.opts.Files.MinPart; n < u.Parts && s.part.Size < least {
		return 0, invalid("Part %d has %d bytes. Every part but the last must have at least %d bytes.", n, s.part.Size, least)
	}
	return n, nil
}

// CompleteFileUpload ends an upload in several parts (services.md §3.4).
func (c *Core) CompleteFileUpload(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		u, err := ownUpload(tx, p, id)
		switch {
		case err != nil:
			return err
		case u.Mode != multiPart:
			return invalid("File upload with ID %s has the mode `%s`. Only a `multi_part` one is completed.", id, u.Mode)
		case u.Status != uploadPending:
			return invalid("File upload with ID %s has the status `%s`. Only a `pending` one can be completed.", id, u.Status)
		case u.PartsSent < u.Parts:
			return invalid("File upload with ID %s has %d of its %d parts. Send all of them before it is completed.", id, u.PartsSent, u.Parts)
		case u.ContentLength > c.opts.MaxUpload:
			return tooLarge(c.opts.MaxUpload)
		}
		u.Status, u.LastEditedTime = uploadUploaded, tx.Now()
		if err := tx.UpdateFileUpload(u); err != nil {
			return err
		}
		o = c.showUpload(u)
		return c.event(tx, p, fileUploadCompleted, id)
	})
	return o, err
}

func tooLarge(most int64) error {
	return invalid("The file size of the upload exceeds the limit of %d bytes.", most)
}

// storePart stores the bytes of a part that the database knows to be on its way. More than
// most bytes are a validation_error.
func (c *Core) storePart(ctx context.Context, workspace, part notion.ID, r io.Reader, most int64) (size int64, sum []byte, err error) {
	counted := &countedReader{r: r, most: most, hash: sha256.New()}
	if err := c.opts.Files.Storage.Write(ctx, files.Key(workspace, part), counted); err != nil {
		return 0, nil, FileError(err)
	}
	return counted.n, counted.hash.Sum(nil), nil
}

// countedReader counts and sums what is read, up to a limit.
type countedReader struct {
	r       io.Reader
	n, most int64
	hash    hash.Hash
}

// Read implements [io.Reader].
func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n += int64(n); c.n > c.most {
		return 0, tooLarge(c.most)
	}
	_, _ = c.hash.Write(p[:n]) // a hash takes everything
	return n, err
}

// fileFailures says what a client is told when the file storage fails (contract.md §1.6).
var fileFailures = []struct {
	is   error
	code apierr.Code
}{
	{files.ErrRefused, apierr.ConflictError},
	{files.ErrTimeout, apierr.GatewayTimeout},
	{files.ErrUnavailable, apierr.BadGateway},
	{files.ErrMissing, apierr.BadGateway},
}

// FileError turns a failure of the file storage into an error of the API. Other errors pass
// through.
func FileError(err error) error {
	var own *apierr.Error
	if errors.As(err, &own) {
		return err
	}
	for _, f := range fileFailures {
		if errors.Is(err, f.is) {
			return apierr.New(f.code).Because(err)
		}
	}
	return err
}
