package version

import "octavo/internal/jsonx"

var listsSpeakOfDataSources = Change{
	Since:    V20250903,
	Sentence: "Lists of pages and data sources have the type `page_or_data_source`; before, `page_or_database`.",
	Down: func(r *Response) error {
		objects(r.Body, "list", func(l jsonx.Value) {
			if t := l.Ref("type"); t != nil && t.Text() == "page_or_data_source" {
				*t = jsonx.StringValue("page_or_database")
				l.Rename("page_or_data_source", "page_or_database")
			}
		})
		return nil
	},
}
