package block

import "octavo/internal/jsonx"

// settleHeading keeps headings that cannot be toggled without children. A heading that is
// made with children and says nothing becomes a toggle, as the hosted API has it.
func settleHeading(r *reader, payload, sent jsonx.Value) (jsonx.Value, error) {
	if payload.Get("is_toggleable").True() {
		return payload, nil
	}
	if r.updates {
		if r.hasChildren {
			return payload, invalid("`is_toggleable` cannot be false while the heading has children. Remove them first.")
		}
		return payload, nil
	}
	if len(sent.Get("children").Items()) > 0 && !sent.Has("is_toggleable") {
		payload.Set("is_toggleable", jsonx.BoolValue(true))
	}
	return payload, nil
}
