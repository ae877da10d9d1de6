package notion

import (
	"strconv"
	"time"

	"octavo/internal/jsonx"
)

// FileUpload is a file that is, was or will be uploaded (services.md §3.2).
type FileUpload struct {
	ID                          ID
	CreatedTime, LastEditedTime time.Time
	CreatedBy                   ID
	// ByPerson says that CreatedBy is a person, not a bot.
	ByPerson bool
	// ExpiryTime is zero, null on the wire, for an upload that lasts for good or is over.
	ExpiryTime time.Time
	// UploadURL and CompleteURL are where the next requests go; "" leaves them out.
	UploadURL, CompleteURL string
	Status                 string
	Filename, ContentType  string // "" is null
	// ContentLength is in bytes; null while nothing has been sent.
	ContentLength int64
	// Parts and PartsSent count parts; with 0 parts number_of_parts is left out.
	Parts, PartsSent int64
	// ImportResult is what an import came to, nil leaves it out.
	ImportResult Raw
}

// AppendJSON appends the upload.
func (u *FileUpload) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"file_upload","id":"`...)
	dst = u.ID.Append(dst)
	dst = append(dst, `","created_time":"`...)
	dst = AppendMinute(dst, u.CreatedTime)
	dst = append(dst, `","created_by":{"id":"`...)
	dst = u.CreatedBy.Append(dst)
	dst = append(dst, `","type":"`...)
	if u.ByPerson {
		dst = append(dst, "person"...)
	} else {
		dst = append(dst, "bot"...)
	}
	dst = append(dst, `"},"last_edited_time":"`...)
	dst = AppendMinute(dst, u.LastEditedTime)
	dst = append(dst, `","expiry_time":`...)
	if u.ExpiryTime.IsZero() {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, '"')
		dst = AppendMinute(dst, u.ExpiryTime)
		dst = append(dst, '"')
	}
	dst = appendOptional(dst, "upload_url", u.UploadURL)
	dst = appendOptional(dst, "complete_url", u.CompleteURL)
	dst = append(dst, `,"in_trash":false,"status":"`...)
	dst = append(dst, u.Status...)
	dst = append(dst, `","filename":`...)
	dst = appendNullable(dst, u.Filename)
	dst = append(dst, `,"content_type":`...)
	dst = appendNullable(dst, u.ContentType)
	dst = append(dst, `,"content_length":`...)
	if u.ContentLength == 0 {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, u.ContentLength, 10)
	}
	if u.Parts > 0 {
		dst = append(dst, `,"number_of_parts":{"total":`...)
		dst = strconv.AppendInt(dst, u.Parts, 10)
		dst = append(dst, `,"sent":`...)
		dst = strconv.AppendInt(dst, u.PartsSent, 10)
		dst = append(dst, '}')
	}
	if u.ImportResult != nil {
		dst = append(dst, `,"file_import_result":`...)
		dst = append(dst, u.ImportResult...)
	}
	return append(dst, '}')
}

// appendOptional appends a member with a text, unless the text is "".
func appendOptional(dst []byte, key, text string) []byte {
	if text == "" {
		return dst
	}
	dst = append(dst, `,"`...)
	dst = append(dst, key...)
	dst = append(dst, `":`...)
	return jsonx.AppendString(dst, text)
}
