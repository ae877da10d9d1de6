package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// widthRatio is the share of a column in the width of its list. It has no default: a
// column that was never given one does not show the key. What the columns of a list add up
// to is nobody's business (pages-blocks.md §2.4).
var widthRatio = field{key: "width_ratio", schema: schema.Number().Min(0).Max(1), read: asSent}

func settleColumn(_ *reader, payload, _ jsonx.Value) (jsonx.Value, error) {
	if ratio := payload.Get("width_ratio"); ratio.Defined() && ratio.Float() == 0 {
		return payload, invalid("The `width_ratio` of a column is greater than 0.")
	}
	return payload, nil
}
