package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
)

// Copy returns a block like a stored one, without its children and with the placeholders of a
// template filled in. Its Uploads are empty: who copies what is attached already has
// [media.Uploads] to find it. The error is that of a payload that is no JSON.
func Copy(typ string, payload []byte, with richtext.Filling) (*New, jsonx.Value, error) {
	v, err := jsonx.Parse(payload)
	if err != nil {
		return nil, v, err
	}
	richtext.Fill(v, with)
	return &New{Type: typ, Payload: v.Append(nil), Dynamic: isDynamic(v)}, v, nil
}
