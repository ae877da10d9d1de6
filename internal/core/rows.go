package core

import (
	"errors"
	"slices"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/query"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// A page of a data source is called a row here. Its stored properties are an object of
// values by raw property id. Relations are not in it: they are links of their own, so that
// both sides of one are the same rows of the database.

// inlineReferences is how many people or related pages a page shows; the rest are shown by
// the property's own endpoint (pages-blocks.md §5.6).
const inlineReferences = 25

// insertRow writes a new page of the data source of the place.
func (c *Core) insertRow(tx *store.Tx, p *Principal, at place, sent jsonx.Value, d pictures) (store.Page, error) {
	s, err := c.readSource(tx, at[0].ID)
	if err != nil {
		return store.Page{}, err
	}
	revision, err := tx.Revision()
	if err != nil {
		return store.Page{}, err
	}
	page := store.Page{
		Block: store.Block{
			ID: c.ids.New(tx.Now()), Type: childPage, ParentID: s.ID, Ord: store.RowOrder(tx.Now(), revision),
			CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
			Payload: block.TitlePayload(""),
		},
		Icon: d.icon.JSON, Cover: d.cover.JSON, PropertiesDynamic: d.dynamic(),
	}
	w := c.newRow(tx, p, s, &page)
	if err := w.decode(at, sent); err != nil {
		return page, err
	}
	if err := w.number(); err != nil {
		return page, err
	}
	page.Properties = w.values.Append(nil)
	if err := tx.InsertPages([]store.Page{page}); err != nil {
		return page, err
	}
	if err := w.index(); err != nil {
		return page, err
	}
	if err := c.event(tx, p, pageCreated, page.ID); err != nil {
		return page, err
	}
	return page, c.touch(tx, p, at, store.Link{ID: page.ID, Type: page.Type})
}

// changeRow writes the properties of a row and returns the ids of those that were sent.
func (c *Core) changeRow(tx *store.Tx, p *Principal, at place, page *store.Page, sent jsonx.Value) ([]string, error) {
	s, err := c.readSource(tx, at[1].ID)
	if err != nil {
		return nil, err
	}
	w := c.newRow(tx, p, s, page)
	if w.values, err = jsonx.Parse(page.Properties); err != nil {
		return nil, err
	}
	w.exists = true
	if err := w.decode(at[1:], sent); err != nil {
		return nil, err
	}
	w.prune()
	page.Properties = w.values.Append(nil)
	ids := make([]string, len(w.written))
	for i, v := range w.written {
		ids[i] = v.Property.ID
	}
	return ids, w.index()
}

// row is a row that is being written.
type row struct {
	core   *Core
	tx     *store.Tx
	p      *Principal
	source *source
	page   *store.Page
	// exists says that the index holds something of the row already.
	exists bool
	// values is what will be stored.
	values jsonx.Value
	// written are the values that differ from before.
	written []property.Value
	// byAddress are the uploads that came by the address of a file that was read.
	byAddress map[notion.ID]bool
}

func (c *Core) newRow(tx *store.Tx, p *Principal, s *source, page *store.Page) *row {
	return &row{core: c, tx: tx, p: p, source: s, page: page, values: jsonx.ObjectValue()}
}

// decode reads the properties that are sent. The place is that of the data source.
func (w *row) decode(at place, sent jsonx.Value) error {
	writer, err := w.core.writer(w.tx, w.p, at)
	if err != nil {
		return err
	}
	writer.Upload = w.uploadAt
	decoded, err := w.source.props.Decode(writer, sent)
	if err != nil {
		return err
	}
	if decoded.Schema != nil {
		if err := w.core.storeSchema(w.tx, w.p, w.source, decoded.Schema); err != nil {
			return err
		}
	}
	for _, v := range decoded.Values {
		if err := w.set(v); err != nil {
			return err
		}
	}
	return nil
}

// uploadAt returns the upload behind an address that a file was read with.
func (w *row) uploadAt(address string) (notion.ID, bool) {
	link, ours := w.core.linkAt(w.tx, address)
	if !ours {
		return notion.ID{}, false
	}
	if w.byAddress == nil {
		w.byAddress = map[notion.ID]bool{}
	}
	w.byAddress[link.Upload] = true
	return link.Upload, true
}

// writer is who writes values into a data source. Options are only made by who may edit the
// data source itself, not just one page of it (pages-blocks.md §5.6).
func (c *Core) writer(tx *store.Tx, p *Principal, at place) (*property.Writer, error) {
	w := &property.Writer{IDs: c.ids, Author: p.Bot}
	shared, err := c.shared(tx, p, at)
	if err == nil && !(shared && p.Caps.Has(UpdateContent)) {
		w.NoOptions = invalid("Options cannot be added to a data source that your integration cannot edit.")
	}
	return w, err
}

// set takes a value into the row, after a look at what it refers to.
func (w *row) set(v property.Value) error {
	before := w.values.Get(v.Property.ID)
	if err := w.check(v, before); err != nil {
		return err
	}
	if err := w.attach(v, before); err != nil {
		return err
	}
	w.written = append(w.written, v)
	switch {
	case v.Property.Type.Name == "relation":
	case v.Stored.Defined():
		w.values.Set(v.Property.ID, v.Stored)
	default:
		w.values.Delete(v.Property.ID)
	}
	if v.Property.ID == property.TitleID {
		title := richtext.Text{Value: v.Stored, Dynamic: v.Property.Dynamic(v.Stored)}
		return w.core.retitle(w.tx, w.p, w.page, title)
	}
	return nil
}

// check refuses a value that mentions what is not there for the caller, but for what it
// mentioned before.
func (w *row) check(v property.Value, before jsonx.Value) error {
	known := map[mention]bool{}
	v.Property.Mentions(before, func(kind richtext.Kind, id notion.ID) { known[mention{kind, id}] = true })
	var failed error
	v.Property.Mentions(v.Stored, func(kind richtext.Kind, id notion.ID) {
		if failed == nil && !known[mention{kind, id}] {
			failed = w.core.checkMention(w.tx, w.p, mention{kind, id})
		}
	})
	return failed
}

// attach keeps the files that a value refers to and gives those that nobody has named their
// names. A file that was there before, or that came by the address it was read with, may be
// someone else's.
func (w *row) attach(v property.Value, before jsonx.Value) error {
	if v.Property.Type.Name != "files" {
		return nil
	}
	kept := map[notion.ID]bool{}
	media.Uploads(before, func(id notion.ID) { kept[id] = true })
	names := map[notion.ID]string{}
	var failed error
	media.Uploads(v.Stored, func(id notion.ID) {
		if failed != nil {
			return
		}
		var u store.FileUpload
		if kept[id] || w.byAddress[id] {
			u, failed = w.core.keep(w.tx, id)
		} else {
			u, failed = w.core.attach(w.tx, w.p, media.Use{Upload: id, As: media.AsFile})
		}
		names[id] = u.Filename
	})
	if failed == nil {
		media.NameUploads(v.Stored, func(id notion.ID) string { return names[id] })
	}
	return failed
}

// number gives the row the next number of the data source, if it counts its rows.
func (w *row) number() error {
	number, counts := w.source.NextNumber, false
	for _, prop := range w.source.props.Properties() {
		if prop.Type.Name != "unique_id" || w.values.Has(prop.ID) {
			continue
		}
		counts = true
		v := property.Value{Property: prop, Stored: jsonx.NumberValue(float64(number))}
		w.values.Set(prop.ID, v.Stored)
		w.written = append(w.written, v)
	}
	if !counts {
		return nil
	}
	return w.tx.SetNextNumber(w.source.ID, number+1)
}

// prune drops values of properties that are gone.
func (w *row) prune() {
	for _, m := range slices.Clone(w.values.Members()) {
		if w.source.props.ByID(m.Key) == nil {
			w.values.Delete(m.Key)
		}
	}
}

// index brings the query index and the links of the row up to what was written.
func (w *row) index() error {
	var ids []string
	var cells []store.Cell
	for _, v := range w.written {
		if v.Property.Type.Name == "relation" {
			if err := w.relate(v.Property, property.References(v.Stored)); err != nil {
				return err
			}
			continue
		}
		ids = append(ids, v.Property.ID)
		cells = appendCells(cells, w.source.ID, w.page.ID, v)
	}
	formulas, computed, err := w.formulaCells()
	if err != nil {
		return err
	}
	ids, cells = append(ids, formulas...), append(cells, computed...)
	if w.exists {
		if err := w.tx.DeleteCells(w.source.ID, w.page.ID, ids...); err != nil {
			return err
		}
	}
	return w.tx.InsertCells(cells)
}

// appendCells appends what the query index holds of a value.
func appendCells(dst []store.Cell, source, page notion.ID, v property.Value) []store.Cell {
	return storedCells(dst, source, page, v.Property, v.Property.Cells(v.Stored))
}

// storedCells appends cells of a property of a page as they are stored.
func storedCells(dst []store.Cell, source, page notion.ID, prop *property.Property, cells []property.Cell) []store.Cell {
	for _, cell := range cells {
		dst = append(dst, store.Cell{
			Source: source, Property: prop.ID, Page: page, Seq: int64(cell.Position),
			Key: query.Key(cell), Folded: cell.Text, To: cell.To, WholeDay: cell.Day,
		})
	}
	return dst
}

// relate replaces the links of the row through a property, and those of the partner with
// them (databases.md §2.6).
func (w *row) relate(prop *property.Property, to []notion.ID) error {
	column, relation := w.source.column(prop), prop.Relation()
	before, err := w.tx.AllRelated(column, w.page.ID)
	if err != nil {
		return err
	}
	if err := w.checkRelated(prop, to, before); err != nil {
		return err
	}
	if err := w.tx.SetRelated(column, w.page.ID, to); err != nil {
		return err
	}
	if relation.Partner == "" {
		return nil
	}
	partner := store.Column{Source: relation.Source, Property: relation.Partner}
	for _, id := range before {
		if !slices.Contains(to, id) {
			if err := w.tx.RemoveRelated(partner, id, w.page.ID); err != nil {
				return err
			}
		}
	}
	for _, id := range to {
		if !slices.Contains(before, id) {
			if err := w.tx.AddRelated(partner, id, w.page.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkRelated refuses links to what is no page of the related data source, or none that
// the caller may see; links that were there before may stay.
func (w *row) checkRelated(prop *property.Property, to, before []notion.ID) error {
	var added []notion.ID
	for _, id := range to {
		if !slices.Contains(before, id) {
			added = append(added, id)
		}
	}
	if len(added) == 0 {
		return nil
	}
	blocks, err := w.tx.Blocks(added)
	if err != nil {
		return err
	}
	templates, err := w.tx.TemplateRows(added)
	if err != nil {
		return err
	}
	source := prop.Relation().Source
	visible, err := w.core.visibleRows(w.tx, w.p, source, added)
	if err != nil {
		return err
	}
	for _, id := range added {
		i := slices.IndexFunc(blocks, func(b store.Block) bool { return b.ID == id })
		if i < 0 {
			return w.p.notFound("page", id)
		}
		if blocks[i].ParentID != source || !visible(id) {
			if _, err := w.core.locatePage(w.tx, w.p, id); err != nil {
				return err
			}
			return invalid("Page with ID %s is not in the data source that property %q relates to.", id, prop.Name)
		}
		switch {
		case blocks[i].InTrash:
			return invalid("Page with ID %s is in the trash and cannot be related to.", id)
		case slices.Contains(templates, id):
			return invalid("Page with ID %s is a template and cannot be related to.", id)
		}
	}
	return nil
}

// visibleRows tells which of some rows of a data source p may see: all when the data source
// is shared with it, else those that are shared for themselves.
func (c *Core) visibleRows(tx *store.Tx, p *Principal, source notion.ID, rows []notion.ID) (func(notion.ID) bool, error) {
	all := func(notion.ID) bool { return true }
	if p.Everything {
		return all, nil
	}
	chain, err := tx.Chain(source)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if shared, err := c.shared(tx, p, chain); err != nil || shared {
		return all, err
	}
	shared, err := tx.SharedAmong(p.Integration, rows)
	if err != nil {
		return nil, err
	}
	among := make(map[notion.ID]bool, len(shared))
	for _, id := range shared {
		among[id] = true
	}
	return func(id notion.ID) bool { return among[id] }, nil
}

// storeSchema stores a schema that a write of values has given more options.
func (c *Core) storeSchema(tx *store.Tx, p *Principal, s *source, grown *property.Schema) error {
	var edits []property.Edit
	for _, now := range grown.Properties() {
		if old := s.props.ByID(now.ID); len(old.Options()) != len(now.Options()) {
			edits = append(edits, property.Edit{Old: old, New: now})
		}
	}
	s.props, s.Schema = grown, grown.Append(nil)
	if err := tx.UpdateDataSource(s.DataSource); err != nil {
		return err
	}
	if err := tx.Touch(p.Bot, s.ID); err != nil {
		return err
	}
	return c.schemaEvent(tx, p, s.ID, edits)
}

// showRows renders pages of a data source with the properties asked for. Whether a page is
// in the trash is what its InTrash says.
func (c *Core) showRows(tx *store.Tx, p *Principal, s *source, pages []store.Page, show []string) ([]notion.Object, error) {
	v := &rowView{core: c, tx: tx, p: p, source: s, properties: s.asked(show), resolver: c.newResolver()}
	if err := v.read(pages); err != nil {
		return nil, err
	}
	parent := notion.Parent{Kind: notion.DataSourceParent, ID: s.ID, Database: s.ParentID}
	objects := make([]notion.Object, len(pages))
	for i := range pages {
		o := c.pageObject(&pages[i], parent)
		if pages[i].PropertiesDynamic {
			var err error
			if o.Timed, err = c.resolveParts(tx, p, nil, []*notion.Raw{&o.Icon, &o.Cover}); err != nil {
				return nil, err
			}
		}
		// What stands around a value takes about as much as a short one.
		const around = 96
		room := len(pages[i].Properties) + around*len(v.properties)
		o.Properties = v.appendProperties(make([]byte, 0, room), i, &pages[i])
		o.Timed = o.Timed || v.changesWithTime()
		objects[i] = o
	}
	return objects, nil
}

// asked returns the properties to show in the order of answers; ids that the data source
// does not have are left out.
func (s *source) asked(show []string) []*property.Property {
	if show == nil {
		return s.props.Shown()
	}
	var asked []*property.Property
	for _, prop := range s.props.Shown() {
		if slices.ContainsFunc(show, func(key string) bool { return s.props.Find(key) == prop }) {
			asked = append(asked, prop)
		}
	}
	return asked
}

// rowView shows rows to one caller. What all of them refer to is read once.
type rowView struct {
	core       *Core
	tx         *store.Tx
	p          *Principal
	source     *source
	properties []*property.Property
	resolver   *resolver
	// stored are the values of each row by property, as they are stored, nil where there is
	// none. Most are shown byte for byte; the others are in parsed, by the same index.
	stored [][]byte
	parsed map[int]jsonx.Value
	// heads is what stands before a value, by property.
	heads [][]byte
	// related are the first related pages by property and row.
	related map[string]map[notion.ID][]notion.ID
	// derived are the values of formulas and rollups by property and row.
	derived map[string][]property.Result
	// timed says that something of what is shown changes with time alone.
	timed bool
}

func (v *rowView) read(pages []store.Page) error {
	if err := v.readStored(pages); err != nil {
		return err
	}
	ids := make([]notion.ID, len(pages))
	for i := range pages {
		ids[i] = pages[i].ID
	}
	if err := v.readFiles(len(pages)); err != nil {
		return err
	}
	if err := v.derive(pages); err != nil {
		return err
	}
	v.related = map[string]map[notion.ID][]notion.ID{}
	for n, prop := range v.properties {
		for i := range pages {
			if err := v.readMentions(prop, v.parsed[v.at(i, n)], &pages[i]); err != nil {
				return err
			}
		}
		if prop.Type.Name == "relation" {
			var err error
			if v.related[prop.ID], err = v.core.relatedRows(v.tx, v.p, v.source, prop, ids, inlineReferences+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// derive computes the formulas and rollups.
func (v *rowView) derive(pages []store.Page) error {
	var computed []*property.Property
	for _, prop := range v.properties {
		if isDerived(prop) {
			computed = append(computed, prop)
		}
	}
	if len(computed) == 0 {
		return nil
	}
	d := v.core.newDeriver(v.tx, v.p)
	results, err := d.rowsOf(v.source, pages).results(computed...)
	v.timed = v.timed || d.timed || d.resolver.timed
	v.derived = make(map[string][]property.Result, len(computed))
	for n := range results {
		v.derived[computed[n].ID] = results[n]
	}
	return err
}

// isDerived reports whether values of the property are computed from others.
func isDerived(prop *property.Property) bool {
	return prop.Type.Name == "formula" || prop.Type.Name == "rollup"
}

// at is the index of a value by row and property.
func (v *rowView) at(row, n int) int { return row*len(v.properties) + n }

// readStored finds the values to show in the documents of the rows.
func (v *rowView) readStored(pages []store.Page) error {
	v.stored = make([][]byte, len(pages)*len(v.properties))
	v.parsed = map[int]jsonx.Value{}
	v.heads = make([][]byte, len(v.properties))
	for n, prop := range v.properties {
		v.heads[n] = prop.AppendHead(appendName(nil, prop))
	}
	var spans []jsonx.Span
	for i := range pages {
		var err error
		if spans, err = jsonx.AppendSpans(spans[:0], pages[i].Properties); err != nil {
			return err
		}
		for n, prop := range v.properties {
			at := v.at(i, n)
			v.stored[at] = jsonx.FindSpan(spans, prop.ID)
			if v.stored[at] == nil || prop.Verbatim(v.stored[at]) {
				continue
			}
			if v.parsed[at], err = jsonx.ParseOwn(v.stored[at]); err != nil {
				return err
			}
		}
	}
	return nil
}

// changesWithTime reports whether something of what has been shown changes with time alone.
func (v *rowView) changesWithTime() bool { return v.timed || v.resolver.timed }

// readFiles makes known to the resolver the files of all rows at once.
func (v *rowView) readFiles(rows int) error {
	var uploads []notion.ID
	for n, prop := range v.properties {
		if prop.Type.Name != "files" {
			continue
		}
		for i := range rows {
			media.Uploads(v.parsed[v.at(i, n)], func(id notion.ID) { uploads = append(uploads, id) })
		}
	}
	return v.core.readFiles(v.tx, v.resolver, uploads)
}

// readMentions makes known to the resolver what a value refers to.
func (v *rowView) readMentions(prop *property.Property, stored jsonx.Value, page *store.Page) error {
	switch prop.Type.Name {
	case "files":
		var uploads []notion.ID
		media.Uploads(stored, func(id notion.ID) { uploads = append(uploads, id) })
		return v.core.readFiles(v.tx, v.resolver, uploads)
	case "created_by":
		return v.core.readUser(v.tx, v.p, v.resolver, page.CreatedBy)
	case "last_edited_by":
		return v.core.readUser(v.tx, v.p, v.resolver, page.LastEditedBy)
	}
	var failed error
	prop.Mentions(stored, func(kind richtext.Kind, id notion.ID) {
		if failed == nil {
			failed = v.core.read(v.tx, v.p, v.resolver, kind, id)
		}
	})
	return failed
}

// everyRelated asks [Core.relatedRows] for all there are.
const everyRelated = 0

// relatedRows reads the pages that rows relate to through a property and that p may see, in
// order, up to so many for each row at least. Nothing is related while the other data source
// is in the trash.
func (c *Core) relatedRows(tx *store.Tx, p *Principal, s *source, prop *property.Property, rows []notion.ID, most int) (map[notion.ID][]notion.ID, error) {
	target := prop.Relation().Source
	chain, err := tx.Chain(target)
	if errors.Is(err, store.ErrNotFound) || err == nil && place(chain).inTrash() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	shared, err := c.shared(tx, p, chain)
	if err != nil {
		return nil, err
	}
	var links []store.Relation
	if !shared || most == everyRelated { // any of them may be one that p may see
		links, err = tx.EveryRelated(s.column(prop), target, rows)
	} else {
		links, err = tx.Related(s.column(prop), target, rows, most)
	}
	if err != nil {
		return nil, err
	}
	related := make(map[notion.ID][]notion.ID, len(rows))
	if shared {
		for _, l := range links {
			related[l.From] = append(related[l.From], l.To)
		}
		return related, nil
	}
	ids := make([]notion.ID, len(links))
	for i, l := range links {
		ids[i] = l.To
	}
	visible, err := c.visibleRows(tx, p, target, ids)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if visible(l.To) {
			related[l.From] = append(related[l.From], l.To)
		}
	}
	return related, nil
}

func (v *rowView) appendProperties(dst []byte, i int, page *store.Page) []byte {
	dst = append(dst, '{')
	for n, prop := range v.properties {
		if n > 0 {
			dst = append(dst, ',')
		}
		at := v.at(i, n)
		if stored := v.stored[at]; stored != nil && !v.parsed[at].Defined() {
			dst = append(append(append(dst, v.heads[n]...), stored...), '}')
			continue
		}
		dst = appendName(dst, prop)
		if isDerived(prop) {
			dst = prop.AppendValue(dst, prop.ShowResult(v.derived[prop.ID][i]))
			continue
		}
		dst = v.appendProperty(dst, prop, v.parsed[at], page)
	}
	return append(dst, '}')
}

func appendName(dst []byte, prop *property.Property) []byte {
	return append(jsonx.AppendString(dst, prop.Name), ':')
}

// appendProperty appends a property of a row that is not shown as it is stored.
func (v *rowView) appendProperty(dst []byte, prop *property.Property, stored jsonx.Value, page *store.Page) []byte {
	if prop.Type.Name == "relation" {
		ids := v.related[prop.ID][page.ID]
		more := len(ids) > inlineReferences
		return prop.AppendRelation(dst, property.RelationValue(ids[:min(len(ids), inlineReferences)]), more)
	}
	shown := v.show(prop, stored, page)
	if prop.Type.Name == "people" && len(shown.Items()) > inlineReferences {
		shown = jsonx.ArrayValue(shown.Items()[:inlineReferences]...)
	}
	return prop.AppendValue(dst, shown)
}

// show returns what a row shows of a property that is stored with it.
func (v *rowView) show(prop *property.Property, stored jsonx.Value, page *store.Page) jsonx.Value {
	switch prop.Type.Name {
	case "created_time":
		return jsonx.StringValue(string(notion.AppendMinute(nil, page.CreatedTime)))
	case "last_edited_time":
		return jsonx.StringValue(string(notion.AppendMinute(nil, page.LastEditedTime)))
	case "created_by":
		return v.user(page.CreatedBy)
	case "last_edited_by":
		return v.user(page.LastEditedBy)
	case "verification":
		v.timed = v.timed || property.Expires(stored, v.tx.Now())
		return prop.Resolve(property.ShowVerification(stored, v.tx.Now()), v.resolver)
	}
	return prop.Resolve(prop.Show(stored), v.resolver)
}

// user returns a user as a value: whole when the caller may read users.
func (v *rowView) user(id notion.ID) jsonx.Value {
	u := v.resolver.User(id)
	if u == nil {
		u = &notion.User{ID: id, Hidden: true}
	}
	shown, err := jsonx.Parse(u.AppendJSON(nil))
	if err != nil {
		return jsonx.NullValue
	}
	return shown
}
