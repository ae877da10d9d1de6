package version

import "octavo/internal/schema"

// laterKinds are the variants that refusals of versions before 2025-09-03 do not name,
// by the unions they are in.
var laterKinds = []struct {
	unions, kinds []string
}{
	{[]string{"block", "block_2", "block_3"}, []string{"tab", "meeting_notes", "custom_block", "heading_4"}},
	{[]string{"icon"}, []string{"file_upload", "custom_emoji", "icon"}},
	{[]string{"file_source", "block.image", "block.video", "block.pdf", "block.file", "block.audio", "block.embed"}, []string{"file_upload"}},
}

var newKindsAreNamed = Change{
	Since:    V20250903,
	Sentence: "Refusals name every kind of block, icon and file source there is; before, kinds that came later are accepted and not named.",
	Amend: func(set *schema.Set) {
		for _, later := range laterKinds {
			for _, union := range later.unions {
				for _, kind := range later.kinds {
					set.Union(union).Hide(kind)
				}
			}
		}
	},
}
