package version

var appendAnswersChildren = Change{
	Since:    V20210816,
	Sentence: "Appending block children answers with the list of new children; before, with the block they were appended to.",
	Down: func(r *Response) (err error) {
		if r.Operation == "append_block_children" {
			r.Body, err = r.Lookup.Block(r.Context, r.Target, V20210816)
		}
		return err
	},
}
