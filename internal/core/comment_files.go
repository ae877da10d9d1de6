package core

import (
	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// attachToComment keeps the uploads that a comment is to have and returns them as they are
// stored, nil when there are none (services.md §2.3).
func (c *Core) attachToComment(tx *store.Tx, p *Principal, sent jsonx.Value) ([]byte, error) {
	var stored []jsonx.Value
	for _, attachment := range sent.Items() {
		id, _ := notion.ParseID(attachment.Get("file_upload_id").Text())
		u, err := c.attach(tx, p, media.Use{Upload: id})
		if err != nil {
			return nil, err
		}
		stored = append(stored, jsonx.ObjectValue(
			jsonx.M("category", jsonx.StringValue(files.Category(u.ContentType))),
			jsonx.M("type", jsonx.StringValue("file_upload")),
			jsonx.M("file_upload", jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(id.String())))),
		))
	}
	if stored == nil {
		return nil, nil
	}
	return jsonx.ArrayValue(stored...).Append(nil), nil
}

// attachmentsOf returns the files of a comment in their stored form.
func attachmentsOf(row *store.Comment) ([]notion.Attachment, error) {
	if row.Attachments == nil {
		return nil, nil
	}
	stored, err := jsonx.Parse(row.Attachments)
	if err != nil {
		return nil, err
	}
	var shown []notion.Attachment
	for _, file := range stored.Items() {
		shown = append(shown, notion.Attachment{Category: file.Get("category").Text(), File: file.Append(nil)})
	}
	return shown, nil
}
