package admin

import (
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func listTrash(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.Trash(c.ctx, c.workspace, c.trashFilter(), part)
	return listOf(rows, trashValue), err
}

func restoreFromTrash(a *Admin, c *call) (jsonx.Value, error) {
	by, _ := notion.ParseID(c.body.Get("user_id").Text())
	item, err := a.opts.Core.RestoreFromTrash(c.ctx, c.workspace, c.ids["object_id"], by)
	return trashValue(item), err
}

func purgeFromTrash(a *Admin, c *call) (jsonx.Value, error) {
	done, err := a.opts.Core.PurgeFromTrash(c.ctx, c.workspace, c.ids["object_id"])
	return purgeValue(done), err
}

func emptyTrash(a *Admin, c *call) (jsonx.Value, error) {
	done, err := a.opts.Core.EmptyTrash(c.ctx, c.workspace, c.trashFilter())
	return purgeValue(done), err
}

// trashFilter reads which part of the trash is asked for.
func (c *call) trashFilter() core.TrashFilter {
	before, _ := schema.ParseDate(c.query.Get("before").Text())
	return core.TrashFilter{Type: c.query.Get("type").Text(), Before: before.Time}
}

func trashValue(t core.TrashItem) jsonx.Value {
	return tagged("trash_item",
		jsonx.M("id", idValue(t.ID)),
		jsonx.M("type", jsonx.StringValue(t.Kind)),
		jsonx.M("title", jsonx.StringValue(t.Title)),
		jsonx.M("parent_id", idValue(t.ParentID)),
		jsonx.M("trashed_time", timeValue(t.Time)),
		jsonx.M("trashed_by", idValue(t.By)),
	)
}

func purgeValue(p core.Purged) jsonx.Value {
	return tagged("purge",
		jsonx.M("items", wholeValue(int64(p.Items))),
		jsonx.M("nodes", wholeValue(int64(p.Nodes))),
		jsonx.M("has_more", jsonx.BoolValue(p.More)),
	)
}
