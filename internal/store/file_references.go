package store

import (
	"bytes"
	"database/sql"

	"octavo/internal/notion"
)

// fileReferences are the columns in which something may refer to an uploaded file, in its
// stored form (package media).
var fileReferences = []struct{ table, column string }{
	{"block", "payload"},
	{"page", "properties"},
	{"page", "kept"},
	{"page", "icon"},
	{"page", "cover"},
	{"database", "icon"},
	{"database", "cover"},
	{"data_source", "icon"},
	{"comment", "attachments"},
	{"custom_emoji", "picture"},
}

// fileReference is how a reference begins. The id comes next, with dashes. In a text that
// people write the quotes would be escaped.
const fileReference = `"file_upload":{"id":"`

// FileReferences calls visit for every reference to an uploaded file from anything in the
// workspace, also from what is in the trash, which may come back. It reads everything there
// is.
func (tx *Tx) FileReferences(visit func(upload notion.ID)) error {
	for _, in := range fileReferences {
		err := tx.each(`SELECT `+in.column+` FROM `+in.table+` WHERE workspace_id = $1 AND `+in.column+` LIKE $2`,
			args(tx.workspace[:], "%"+fileReference+"%"), func(rows *sql.Rows) error {
				var text sql.RawBytes
				if err := rows.Scan(&text); err != nil {
					return err
				}
				referencesIn(text, visit)
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func referencesIn(text []byte, visit func(notion.ID)) {
	const dashed = 36
	for {
		_, rest, found := bytes.Cut(text, []byte(fileReference))
		if !found {
			return
		}
		if id, ok := notion.ParseID(string(rest[:min(dashed, len(rest))])); ok {
			visit(id)
		}
		text = rest
	}
}

// LastingFileUploads reads up to limit uploads after an id that are there for good, because
// something refers to them or did.
func (tx *Tx) LastingFileUploads(after notion.ID, limit int) ([]FileUpload, error) {
	return collect[FileUpload](tx, fileUploadColumns+` WHERE workspace_id = $1 AND id > $2 AND status = 'uploaded' AND expires_time IS NULL
		ORDER BY id LIMIT $3`, args(tx.workspace[:], after[:], limit))
}
