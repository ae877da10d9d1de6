package store

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3/driver"

	"octavo/internal/notion"
)

// FileUpload is a file that is, was or will be uploaded.
type FileUpload struct {
	ID            notion.ID
	IntegrationID notion.ID
	CreatedBy     notion.ID
	// ByPerson says that CreatedBy is a person, not a bot.
	ByPerson       bool
	CreatedTime    time.Time
	LastEditedTime time.Time
	// ExpiresTime is zero once the upload lasts for good, or is over.
	ExpiresTime time.Time
	// Status is pending, uploaded, expired or failed.
	Status string
	// Mode is single_part, multi_part or external_url.
	Mode string
	// Filename and ContentType are "" while they are not known.
	Filename    string
	ContentType string
	// ContentLength is the size of what has been sent, in bytes.
	ContentLength int64
	// Parts is how many parts were announced, 0 when the mode has none, and PartsSent how
	// many there are.
	Parts     int64
	PartsSent int64
	// SourceURL is where the file is imported from, "" when it is not.
	SourceURL string
	// ClaimedUntil is how long some server is at work on the import; zero when none is.
	ClaimedUntil time.Time
	// ImportResult is what the import came to, JSON, "" while there is none.
	ImportResult string
	// AttachedRevision is the last revision that attached the file to something, 0 before
	// the first.
	AttachedRevision int64
	// UnreferencedTime is when the file was found attached to nothing any more, zero while
	// it is.
	UnreferencedTime time.Time
}

const fileUploadColumns = `SELECT id, integration_id, created_by, by_person, created_time, last_edited_time, expires_time, status, mode,
	filename, content_type, content_length, parts, parts_sent, source_url, claimed_until, import_result, attached_revision,
	unreferenced_time FROM file_upload`

func (u *FileUpload) columns() []any {
	return []any{
		(*idColumn)(&u.ID), (*idColumn)(&u.IntegrationID), (*idColumn)(&u.CreatedBy), &u.ByPerson,
		(*timeColumn)(&u.CreatedTime), (*timeColumn)(&u.LastEditedTime), (*timeColumn)(&u.ExpiresTime), &u.Status, &u.Mode,
		(*textColumn)(&u.Filename), (*textColumn)(&u.ContentType), &u.ContentLength, &u.Parts, &u.PartsSent,
		(*textColumn)(&u.SourceURL), (*timeColumn)(&u.ClaimedUntil), (*textColumn)(&u.ImportResult), &u.AttachedRevision,
		(*timeColumn)(&u.UnreferencedTime),
	}
}

// InsertFileUpload adds an upload.
func (tx *Tx) InsertFileUpload(u FileUpload) error {
	_, err := tx.exec(`INSERT INTO file_upload (workspace_id, id, integration_id, created_by, by_person, created_time, last_edited_time,
		expires_time, status, mode, filename, content_type, content_length, parts, parts_sent, source_url, claimed_until, import_result,
		attached_revision, unreferenced_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		tx.workspace[:], u.ID[:], u.IntegrationID[:], u.CreatedBy[:], u.ByPerson, micros(u.CreatedTime), micros(u.LastEditedTime),
		microsOrNull(u.ExpiresTime), u.Status, u.Mode, textOrNull(u.Filename), textOrNull(u.ContentType), u.ContentLength, u.Parts,
		u.PartsSent, textOrNull(u.SourceURL), microsOrNull(u.ClaimedUntil), textOrNull(u.ImportResult), u.AttachedRevision,
		microsOrNull(u.UnreferencedTime))
	return err
}

// UpdateFileUpload writes everything of an upload that can change.
func (tx *Tx) UpdateFileUpload(u FileUpload) error {
	return tx.change(`UPDATE file_upload SET last_edited_time = $3, expires_time = $4, status = $5, filename = $6, content_type = $7,
		content_length = $8, parts_sent = $9, claimed_until = $10, import_result = $11, attached_revision = $12, unreferenced_time = $13
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], u.ID[:], micros(u.LastEditedTime), microsOrNull(u.ExpiresTime), u.Status, textOrNull(u.Filename),
		textOrNull(u.ContentType), u.ContentLength, u.PartsSent, microsOrNull(u.ClaimedUntil), textOrNull(u.ImportResult),
		u.AttachedRevision, microsOrNull(u.UnreferencedTime))
}

// FileUpload reads an upload, whoever made it.
func (tx *Tx) FileUpload(id notion.ID) (u FileUpload, err error) {
	err = tx.one(fileUploadColumns+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), u.columns()...)
	return u, err
}

// FileUploads reads the uploads with the given ids, in no particular order; unknown ids are
// left out.
func (tx *Tx) FileUploads(ids []notion.ID) ([]FileUpload, error) {
	return collectByIDs[FileUpload](tx, fileUploadColumns+` WHERE workspace_id = $1 AND id IN `, ids)
}

// ListFileUploads reads up to limit uploads of an integration, the newest first, from one
// on; the zero id begins with the newest. A status other than "" leaves out the others. An
// upload whose time is over by the transaction's counts as expired.
func (tx *Tx) ListFileUploads(integration, from notion.ID, status string, limit int) ([]FileUpload, error) {
	if from.IsZero() {
		for i := range from {
			from[i] = 0xff
		}
	}
	return collect[FileUpload](tx, fileUploadColumns+` WHERE workspace_id = $1 AND integration_id = $2 AND id <= $3
		AND ($4 = '' OR $4 = CASE WHEN expires_time <= $5 THEN 'expired' ELSE status END)
		ORDER BY id DESC LIMIT $6`,
		args(tx.workspace[:], integration[:], from[:], status, micros(tx.now), limit))
}

// ExpiredFileUploads reads up to limit uploads whose time is over.
func (tx *Tx) ExpiredFileUploads(limit int) ([]FileUpload, error) {
	return collect[FileUpload](tx, fileUploadColumns+` WHERE workspace_id = $1 AND expires_time <= $2 ORDER BY expires_time LIMIT $3`,
		args(tx.workspace[:], micros(tx.now), limit))
}

// EndedFileUploads reads up to limit uploads that have been expired or failed since before a
// time.
func (tx *Tx) EndedFileUploads(before time.Time, limit int) ([]FileUpload, error) {
	return collect[FileUpload](tx, fileUploadColumns+` WHERE workspace_id = $1 AND status IN ('expired', 'failed') AND last_edited_time <= $2
		ORDER BY last_edited_time LIMIT $3`, args(tx.workspace[:], micros(before), limit))
}

// DeleteFileUploads forgets uploads. Their parts are not touched: what is left of them in the
// storage is found by their own rows.
func (tx *Tx) DeleteFileUploads(ids []notion.ID) error {
	return inLists(ids, 2, func(list string, ids []any) error {
		_, err := tx.exec(`DELETE FROM file_upload WHERE workspace_id = $1 AND id IN `+list, append(args(tx.workspace[:]), ids...)...)
		return err
	})
}

// PendingImports reads up to limit uploads that are still to be imported, after an id, whoever
// is at work on them.
func (tx *Tx) PendingImports(after notion.ID, limit int) ([]FileUpload, error) {
	return collect[FileUpload](tx, fileUploadColumns+` WHERE workspace_id = $1 AND id > $2 AND expires_time > $3 AND status = 'pending'
		AND source_url IS NOT NULL ORDER BY id LIMIT $4`, args(tx.workspace[:], after[:], micros(tx.now), limit))
}

// FileKey reads what the workspace signs links to its files with, nil when it has nothing
// yet.
func (tx *Tx) FileKey() (key []byte, err error) {
	err = tx.one(`SELECT file_key FROM workspace_state WHERE workspace_id = $1`, args(tx.workspace[:]), &key)
	if errors.Is(err, ErrNotFound) { // nothing has ever been written
		return nil, nil
	}
	return key, err
}

// SetFileKey writes what the workspace signs links to its files with.
func (tx *Tx) SetFileKey(key []byte) error {
	return tx.change(`UPDATE workspace_state SET file_key = $2 WHERE workspace_id = $1`, tx.workspace[:], key)
}

// FilePart is a piece of a file in the storage, or one that may be there.
type FilePart struct {
	ID       notion.ID
	UploadID notion.ID
	// Number counts the parts of an upload from 1. While the part is being written it is 0.
	Number int64
	// Size is in bytes.
	Size int64
	// SHA256 is nil until the part is whole.
	SHA256 []byte
	State  PartState
	// NotedTime is when the part came to its state. Writing sets it to the transaction's.
	NotedTime time.Time
}

// PartState says what is known of a part.
type PartState string

// The states of parts.
const (
	// PartWriting is a part whose bytes are on their way, or were when the server died.
	PartWriting PartState = "writing"
	// PartKept is a part of an upload.
	PartKept PartState = "kept"
	// PartDropped is a part of no more use, whose bytes may still be there.
	PartDropped PartState = "dropped"
)

const filePartColumns = `SELECT id, upload_id, number, size, sha256, state, noted_time FROM file_part`

func (p *FilePart) columns() []any {
	return []any{(*idColumn)(&p.ID), (*idColumn)(&p.UploadID), &p.Number, &p.Size, &p.SHA256, (*string)(&p.State), (*timeColumn)(&p.NotedTime)}
}

// InsertFilePart adds a part.
func (tx *Tx) InsertFilePart(p FilePart) error {
	_, err := tx.exec(`INSERT INTO file_part (workspace_id, id, upload_id, number, size, sha256, state, noted_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tx.workspace[:], p.ID[:], p.UploadID[:], p.Number, p.Size, p.SHA256, string(p.State), micros(tx.now))
	return err
}

// KeepFilePart makes a part that is whole a part of its upload, ErrNotFound when it is not
// being written any more. Another part of its number is dropped and returned.
func (tx *Tx) KeepFilePart(p FilePart) (replaced []FilePart, err error) {
	replaced, err = collect[FilePart](tx, filePartColumns+` WHERE workspace_id = $1 AND upload_id = $2 AND number = $3 AND state = 'kept'`,
		args(tx.workspace[:], p.UploadID[:], p.Number))
	if err != nil {
		return nil, err
	}
	for _, old := range replaced {
		if err := tx.DropFilePart(old.ID); err != nil {
			return nil, err
		}
	}
	return replaced, tx.change(`UPDATE file_part SET number = $3, size = $4, sha256 = $5, state = 'kept', noted_time = $6
		WHERE workspace_id = $1 AND id = $2 AND state = 'writing'`,
		tx.workspace[:], p.ID[:], p.Number, p.Size, p.SHA256, micros(tx.now))
}

// FileParts reads the parts of an upload, in order.
func (tx *Tx) FileParts(upload notion.ID) ([]FilePart, error) {
	return collect[FilePart](tx, filePartColumns+` WHERE workspace_id = $1 AND upload_id = $2 AND state = 'kept' ORDER BY number`,
		args(tx.workspace[:], upload[:]))
}

// AbandonFilePart marks a part that is being written as of no more use, ErrNotFound when it
// is not being written any more.
func (tx *Tx) AbandonFilePart(id notion.ID) error {
	return tx.change(`UPDATE file_part SET state = 'dropped', noted_time = $3 WHERE workspace_id = $1 AND id = $2 AND state = 'writing'`,
		tx.workspace[:], id[:], micros(tx.now))
}

// DropFilePart marks a part as of no more use.
func (tx *Tx) DropFilePart(id notion.ID) error {
	return tx.change(`UPDATE file_part SET state = 'dropped', noted_time = $3 WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], id[:], micros(tx.now))
}

// DropFileParts marks every part that an upload keeps as of no more use.
func (tx *Tx) DropFileParts(upload notion.ID) error {
	_, err := tx.exec(`UPDATE file_part SET state = 'dropped', noted_time = $3 WHERE workspace_id = $1 AND upload_id = $2 AND state = 'kept'`,
		tx.workspace[:], upload[:], micros(tx.now))
	return err
}

// LooseFileParts reads up to limit parts that have been in a state since before a time.
func (tx *Tx) LooseFileParts(state PartState, before time.Time, limit int) ([]FilePart, error) {
	return collect[FilePart](tx, filePartColumns+` WHERE workspace_id = $1 AND state = $2 AND noted_time <= $3 AND state <> 'kept'
		ORDER BY noted_time LIMIT $4`, args(tx.workspace[:], string(state), micros(before), limit))
}

// DeleteFileParts forgets parts, once nothing of them is in the storage.
func (tx *Tx) DeleteFileParts(ids []notion.ID) error {
	return inLists(ids, 2, func(list string, ids []any) error {
		_, err := tx.exec(`DELETE FROM file_part WHERE workspace_id = $1 AND id IN `+list, append(args(tx.workspace[:]), ids...)...)
		return err
	})
}

// KeptParts calls visit for every part that a copy of an SQLite database keeps, in the order
// of workspaces and ids. Nobody may write to the copy; it may be of an earlier format.
func KeptParts(ctx context.Context, path string, visit func(workspace notion.ID, p FilePart) error) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	db, err := driver.Open(fileURI(path, "mode=ro&immutable=1"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT workspace_id, id, upload_id, number, size, sha256, state, noted_time FROM file_part
		WHERE state = 'kept' ORDER BY workspace_id, id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var workspace notion.ID
		var p FilePart
		if err := rows.Scan(append([]any{(*idColumn)(&workspace)}, p.columns()...)...); err != nil {
			return err
		}
		if err := visit(workspace, p); err != nil {
			return err
		}
	}
	return rows.Err()
}
