package version

import "octavo/internal/schema"

var parentsMaySayTheirType = Change{
	Since:    V20220222,
	Sentence: "The parent of a new page may say its `type` beside its id; before, the key is refused.",
	Amend: func(set *schema.Set) {
		for _, name := range []string{"create_page.database_parent", "create_page.page_parent"} {
			set.Object(name).Remove("type")
		}
	},
}
