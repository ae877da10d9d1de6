package version

import "octavo/internal/jsonx"

var transcriptionBecameMeetingNotes = Change{
	Since:    V20260311,
	Sentence: "The block type of AI meeting notes is `meeting_notes`; before, `transcription`.",
	Down: func(r *Response) error {
		objects(r.Body, "block", func(b jsonx.Value) { renameType(b, "meeting_notes", "transcription") })
		return nil
	},
}
