package api

import (
	"context"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/version"
)

func getBlock(a *API, c *call) (notion.Object, error) {
	return a.core.Block(c.ctx, c.principal, c.ids["block_id"])
}

func updateBlock(a *API, c *call) (notion.Object, error) {
	return a.core.UpdateBlock(c.ctx, c.principal, c.ids["block_id"], c.body)
}

func deleteBlock(a *API, c *call) (notion.Object, error) {
	return a.core.DeleteBlock(c.ctx, c.principal, c.ids["block_id"])
}

func listBlockChildren(a *API, c *call) (notion.Object, error) {
	return a.core.Children(c.ctx, c.principal, c.ids["block_id"], c.pageOf())
}

func appendBlockChildren(a *API, c *call) (notion.Object, error) {
	return a.core.AppendChildren(c.ctx, c.principal, c.ids["block_id"], c.body.Get("children"), position(c.body.Get("position")))
}

// pageOf returns which part of a listing the client asked for.
func (c *call) pageOf() core.PageOf {
	p := core.PageOf{Size: 100, Cursor: c.query.Get("start_cursor").Text()}
	if size := c.query.Get("page_size"); size.Defined() {
		p.Size = int(size.Float())
	}
	return p
}

// Block implements [version.Lookup].
func (l lookup) Block(ctx context.Context, id notion.ID, v version.Version) (jsonx.Value, error) {
	var o notion.Object = notion.Partial{Object: "block", ID: id}
	if l.principal.Caps.Has(core.ReadContent) {
		var err error
		if o, err = l.core.Block(ctx, l.principal, id); err != nil {
			return jsonx.Value{}, err
		}
	}
	return lower(v, o, version.Response{Context: ctx, Operation: "get_block", Target: id, Lookup: l})
}

// lower gives an answer of the newest version the shape of v.
func lower(v version.Version, o notion.Object, r version.Response) (jsonx.Value, error) {
	pooled := buffers.Get().(*[]byte)
	text := o.AppendJSON((*pooled)[:0])
	var err error
	r.Body, err = jsonx.ParseOwn(text) // keeps a copy
	if cap(text) <= keepBuffer {
		*pooled = text
		buffers.Put(pooled)
	}
	if err != nil {
		return jsonx.Value{}, err
	}
	err = v.Down(&r)
	return r.Body, err
}

// lowered is an answer in the shape of an older version. Written only when the answer is,
// it needs no buffer of its own.
type lowered struct{ body jsonx.Value }

// AppendJSON implements [notion.Object].
func (l lowered) AppendJSON(dst []byte) []byte { return l.body.Append(dst) }

// PageOf implements [version.Lookup].
func (l lookup) PageOf(ctx context.Context, block notion.ID) (notion.ID, error) {
	return l.core.PageAround(ctx, l.principal, block)
}
