package notion

import (
	"strconv"
	"time"

	"octavo/internal/jsonx"
)

// Raw is JSON text that is passed through as it is stored.
type Raw []byte

func (r Raw) append(dst []byte) []byte {
	if r == nil {
		return append(dst, "null"...)
	}
	return append(dst, r...)
}

// Parent says where a page, block, database or data source hangs.
type Parent struct {
	Kind ParentKind
	ID   ID
	// Database is the database of the data source that ID is, with [DataSourceParent].
	Database ID
}

// ParentKind is the `type` of a parent.
type ParentKind uint8

// The parents there are.
const (
	WorkspaceParent ParentKind = iota
	PageParent
	BlockParent
	DatabaseParent
	DataSourceParent
)

// AppendJSON appends the parent.
func (p Parent) AppendJSON(dst []byte) []byte {
	switch p.Kind {
	case PageParent:
		dst = append(dst, `{"type":"page_id","page_id":"`...)
	case BlockParent:
		dst = append(dst, `{"type":"block_id","block_id":"`...)
	case DatabaseParent:
		dst = append(dst, `{"type":"database_id","database_id":"`...)
	case DataSourceParent:
		dst = append(dst, `{"type":"data_source_id","data_source_id":"`...)
		dst = p.ID.Append(dst)
		dst = append(dst, `","database_id":"`...)
		return append(p.Database.Append(dst), `"}`...)
	default:
		return append(dst, `{"type":"workspace","workspace":true}`...)
	}
	return append(p.ID.Append(dst), `"}`...)
}

// Stamps are the four facts about who made and last changed a page or block.
type Stamps struct {
	CreatedTime, LastEditedTime time.Time
	CreatedBy, LastEditedBy     ID
}

func (s Stamps) append(dst []byte) []byte {
	dst = append(dst, `,"created_time":"`...)
	dst = AppendMinute(dst, s.CreatedTime)
	dst = append(dst, `","last_edited_time":"`...)
	dst = AppendMinute(dst, s.LastEditedTime)
	dst = append(dst, `","created_by":`...)
	dst = appendPartial(dst, "user", s.CreatedBy)
	dst = append(dst, `,"last_edited_by":`...)
	return appendPartial(dst, "user", s.LastEditedBy)
}

// AppendMinute appends t as the wire shows the times of pages and blocks: in UTC, cut
// to the minute (contract.md §9).
func AppendMinute(dst []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Minute).AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}

func appendPartial(dst []byte, object string, id ID) []byte {
	dst = append(dst, `{"object":"`...)
	dst = append(dst, object...)
	dst = append(dst, `","id":"`...)
	dst = id.Append(dst)
	return append(dst, `"}`...)
}

// AppendInstant appends t as the wire shows the times of databases: with milliseconds and
// an offset (databases.md §1.2).
func AppendInstant(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000-07:00")
}

// Partial is an object shown to an integration that may not read content: its kind and
// id only (pages-blocks.md §1).
type Partial struct {
	Object string
	ID     ID
}

// AppendJSON appends the two keys.
func (p Partial) AppendJSON(dst []byte) []byte { return appendPartial(dst, p.Object, p.ID) }

// Block is a block of any type (contract.md §2.3).
type Block struct {
	ID     ID
	Parent Parent
	Stamps
	HasChildren bool
	InTrash     bool
	Type        string
	// Payload is the object under the key named like the type.
	Payload Raw
	// Timed says that the block changes with time alone: it has the address of a file. It is
	// not written.
	Timed bool
}

// ChangesWithTime reports whether the block may read differently later without a write.
func (b *Block) ChangesWithTime() bool { return b.Timed }

// AppendJSON appends the block.
func (b *Block) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"block","id":"`...)
	dst = b.ID.Append(dst)
	dst = append(dst, `","parent":`...)
	dst = b.Parent.AppendJSON(dst)
	dst = b.Stamps.append(dst)
	dst = append(dst, `,"has_children":`...)
	dst = strconv.AppendBool(dst, b.HasChildren)
	dst = append(dst, `,"in_trash":`...)
	dst = strconv.AppendBool(dst, b.InTrash)
	dst = append(dst, `,"type":"`...)
	dst = append(dst, b.Type...)
	dst = append(dst, `","`...)
	dst = append(dst, b.Type...)
	dst = append(dst, `":`...)
	dst = b.Payload.append(dst)
	return append(dst, '}')
}

// Page is a page with its properties (contract.md §2.3).
type Page struct {
	ID ID
	Stamps
	Cover, Icon Raw // nil is null
	Parent      Parent
	InTrash     bool
	IsArchived  bool
	IsLocked    bool
	Properties  Raw
	URL         string
	PublicURL   string // "" is null
	// Timed says that the page changes with time alone: a formula knows the time, a
	// verification expires, or it has the address of a file. It is not written.
	Timed bool
}

// ChangesWithTime reports whether the page may read differently later without a write.
func (p *Page) ChangesWithTime() bool { return p.Timed }

// AppendJSON appends the page.
func (p *Page) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"page","id":"`...)
	dst = p.ID.Append(dst)
	dst = append(dst, '"')
	dst = p.Stamps.append(dst)
	dst = append(dst, `,"cover":`...)
	dst = p.Cover.append(dst)
	dst = append(dst, `,"icon":`...)
	dst = p.Icon.append(dst)
	dst = append(dst, `,"parent":`...)
	dst = p.Parent.AppendJSON(dst)
	dst = append(dst, `,"in_trash":`...)
	dst = strconv.AppendBool(dst, p.InTrash)
	dst = append(dst, `,"is_archived":`...)
	dst = strconv.AppendBool(dst, p.IsArchived)
	dst = append(dst, `,"is_locked":`...)
	dst = strconv.AppendBool(dst, p.IsLocked)
	dst = append(dst, `,"properties":`...)
	dst = p.Properties.append(dst)
	return append(appendURLs(dst, p.URL, p.PublicURL), '}')
}

// Database is a database: the container of data sources (contract.md §2.3).
type Database struct {
	ID                 ID
	Title, Description Raw
	Parent             Parent
	IsInline           bool
	InTrash            bool
	IsLocked           bool
	// CreatedTime and LastEditedTime are shown in milliseconds.
	CreatedTime, LastEditedTime time.Time
	DataSources                 []DataSourceName
	Icon, Cover                 Raw // nil is null
	URL                         string
	PublicURL                   string // "" is null
	// Timed says that the database changes with time alone: it has the address of a file.
	// It is not written.
	Timed bool
}

// ChangesWithTime reports whether the database may read differently later without a write.
func (d *Database) ChangesWithTime() bool { return d.Timed }

// DataSourceName is a data source in the list of its database.
type DataSourceName struct {
	ID   ID
	Name string
}

// AppendJSON appends the database.
func (d *Database) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"database","id":"`...)
	dst = d.ID.Append(dst)
	dst = append(dst, `","title":`...)
	dst = d.Title.append(dst)
	dst = append(dst, `,"description":`...)
	dst = d.Description.append(dst)
	dst = append(dst, `,"parent":`...)
	dst = d.Parent.AppendJSON(dst)
	dst = append(dst, `,"is_inline":`...)
	dst = strconv.AppendBool(dst, d.IsInline)
	dst = append(dst, `,"in_trash":`...)
	dst = strconv.AppendBool(dst, d.InTrash)
	dst = append(dst, `,"is_locked":`...)
	dst = strconv.AppendBool(dst, d.IsLocked)
	dst = append(dst, `,"created_time":"`...)
	dst = AppendInstant(dst, d.CreatedTime)
	dst = append(dst, `","last_edited_time":"`...)
	dst = AppendInstant(dst, d.LastEditedTime)
	dst = append(dst, `","data_sources":[`...)
	for i, s := range d.DataSources {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":"`...)
		dst = s.ID.Append(dst)
		dst = append(dst, `","name":`...)
		dst = jsonx.AppendString(dst, s.Name)
		dst = append(dst, '}')
	}
	dst = append(dst, `],"icon":`...)
	dst = d.Icon.append(dst)
	dst = append(dst, `,"cover":`...)
	dst = d.Cover.append(dst)
	return append(appendURLs(dst, d.URL, d.PublicURL), '}')
}

func appendURLs(dst []byte, url, public string) []byte {
	dst = append(dst, `,"url":`...)
	dst = jsonx.AppendString(dst, url)
	dst = append(dst, `,"public_url":`...)
	return appendNullable(dst, public)
}

// DataSource is a data source: a schema, and the parent of the pages that follow it
// (contract.md §2.3).
type DataSource struct {
	ID          ID
	Cover, Icon Raw // nil is null
	Stamps
	Title, Description Raw
	IsInline           bool
	Properties         Raw
	Parent             Parent
	DatabaseParent     Parent
	URL                string
	PublicURL          string // "" is null
	InTrash            bool
	// Timed says that the data source changes with time alone: it has the address of a
	// file. It is not written.
	Timed bool
}

// ChangesWithTime reports whether the data source may read differently later without a
// write.
func (d *DataSource) ChangesWithTime() bool { return d.Timed }

// AppendJSON appends the data source.
func (d *DataSource) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"data_source","id":"`...)
	dst = d.ID.Append(dst)
	dst = append(dst, `","cover":`...)
	dst = d.Cover.append(dst)
	dst = append(dst, `,"icon":`...)
	dst = d.Icon.append(dst)
	dst = append(dst, `,"created_time":"`...)
	dst = AppendMinute(dst, d.CreatedTime)
	dst = append(dst, `","created_by":`...)
	dst = appendPartial(dst, "user", d.CreatedBy)
	dst = append(dst, `,"last_edited_by":`...)
	dst = appendPartial(dst, "user", d.LastEditedBy)
	dst = append(dst, `,"last_edited_time":"`...)
	dst = AppendMinute(dst, d.LastEditedTime)
	dst = append(dst, `","title":`...)
	dst = d.Title.append(dst)
	dst = append(dst, `,"description":`...)
	dst = d.Description.append(dst)
	dst = append(dst, `,"is_inline":`...)
	dst = strconv.AppendBool(dst, d.IsInline)
	dst = append(dst, `,"properties":`...)
	dst = d.Properties.append(dst)
	dst = append(dst, `,"parent":`...)
	dst = d.Parent.AppendJSON(dst)
	dst = append(dst, `,"database_parent":`...)
	dst = d.DatabaseParent.AppendJSON(dst)
	dst = appendURLs(dst, d.URL, d.PublicURL)
	dst = append(dst, `,"in_trash":`...)
	return append(strconv.AppendBool(dst, d.InTrash), '}')
}

// PartialDataSource is a data source shown to an integration that may not read content.
type PartialDataSource struct {
	ID         ID
	Properties Raw
}

// AppendJSON appends the data source.
func (d *PartialDataSource) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"data_source","id":"`...)
	dst = d.ID.Append(dst)
	dst = append(dst, `","properties":`...)
	return append(d.Properties.append(dst), '}')
}

// View is a view of a database (databases.md §6.3a).
type View struct {
	ID, Database ID
	// DataSource is zero, and null on the wire, for dashboards.
	DataSource ID
	Name, Type string
	// CreatedTime and LastEditedTime are shown in milliseconds.
	CreatedTime, LastEditedTime time.Time
	CreatedBy, LastEditedBy     ID
	URL                         string
	Filter, Sorts, QuickFilters Raw // nil is null
	Configuration               Raw
	// Dashboard is the dashboard that the view is a widget of, zero for others, which say
	// nothing of it.
	Dashboard ID
}

// AppendJSON appends the view.
func (v *View) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"view","id":"`...)
	dst = v.ID.Append(dst)
	dst = append(dst, `","parent":`...)
	dst = Parent{Kind: DatabaseParent, ID: v.Database}.AppendJSON(dst)
	dst = append(dst, `,"data_source_id":`...)
	if v.DataSource.IsZero() {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, '"')
		dst = append(v.DataSource.Append(dst), '"')
	}
	dst = append(dst, `,"name":`...)
	dst = jsonx.AppendString(dst, v.Name)
	dst = append(dst, `,"type":"`...)
	dst = append(dst, v.Type...)
	dst = append(dst, `","created_time":"`...)
	dst = AppendInstant(dst, v.CreatedTime)
	dst = append(dst, `","created_by":`...)
	dst = appendPartial(dst, "user", v.CreatedBy)
	dst = append(dst, `,"last_edited_time":"`...)
	dst = AppendInstant(dst, v.LastEditedTime)
	dst = append(dst, `","last_edited_by":`...)
	dst = appendPartial(dst, "user", v.LastEditedBy)
	dst = append(dst, `,"url":`...)
	dst = jsonx.AppendString(dst, v.URL)
	dst = append(dst, `,"filter":`...)
	dst = v.Filter.append(dst)
	dst = append(dst, `,"sorts":`...)
	dst = v.Sorts.append(dst)
	dst = append(dst, `,"quick_filters":`...)
	dst = v.QuickFilters.append(dst)
	dst = append(dst, `,"configuration":`...)
	dst = v.Configuration.append(dst)
	if !v.Dashboard.IsZero() {
		dst = append(dst, `,"dashboard_view_id":"`...)
		dst = append(v.Dashboard.Append(dst), '"')
	}
	return append(dst, '}')
}

// PartialView is a view as who may not read content is shown it, and as it is shown when it
// has been deleted.
type PartialView struct {
	ID, Database ID
	Type         string
}

// AppendJSON appends the view.
func (v *PartialView) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"view","id":"`...)
	dst = v.ID.Append(dst)
	dst = append(dst, `","parent":`...)
	dst = Parent{Kind: DatabaseParent, ID: v.Database}.AppendJSON(dst)
	dst = append(dst, `,"type":"`...)
	dst = append(dst, v.Type...)
	return append(dst, `"}`...)
}

// ViewQuery is the answer that a view gave at one time, with the first of its pages
// (databases.md §6.4).
type ViewQuery struct {
	ID, View ID
	// Expires is shown in milliseconds.
	Expires time.Time
	Total   int
	Pages   []ID
	// NextCursor is "" when there are no more.
	NextCursor string
	// Incomplete says that the answer was cut off.
	Incomplete bool
}

// AppendJSON appends the query.
func (q *ViewQuery) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"view_query","id":"`...)
	dst = q.ID.Append(dst)
	dst = append(dst, `","view_id":"`...)
	dst = q.View.Append(dst)
	dst = append(dst, `","expires_at":"`...)
	dst = AppendInstant(dst, q.Expires)
	dst = append(dst, `","total_count":`...)
	dst = strconv.AppendInt(dst, int64(q.Total), 10)
	dst = append(dst, `,"results":[`...)
	for i, id := range q.Pages {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPartial(dst, "page", id)
	}
	dst = append(dst, `],"next_cursor":`...)
	dst = appendNullable(dst, q.NextCursor)
	dst = append(dst, `,"has_more":`...)
	dst = strconv.AppendBool(dst, q.NextCursor != "")
	return append(appendIncomplete(dst, q.Incomplete), '}')
}

// DeletedViewQuery is what is left of the answer of a view.
type DeletedViewQuery struct{ ID ID }

// AppendJSON appends the query.
func (q DeletedViewQuery) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"view_query","id":"`...)
	dst = q.ID.Append(dst)
	return append(dst, `","deleted":true}`...)
}

// Comment is a comment on a page or block (contract.md §2.3).
type Comment struct {
	ID                          ID
	Parent                      Parent
	Discussion                  ID
	CreatedTime, LastEditedTime time.Time
	CreatedBy                   ID
	RichText                    Raw
	// DisplayType says whose name DisplayName is, "" for null: the integration's, a user's or
	// a custom one.
	DisplayType, DisplayName string
	Attachments              []Attachment
	// Timed says that the text changes with time alone: it has the address of a file. It is
	// not written.
	Timed bool
}

// Attachment is a file of a comment.
type Attachment struct {
	// Category is audio, image, pdf, productivity or video.
	Category string
	// File has the address of the file and when that ends.
	File Raw
}

// ChangesWithTime reports whether the comment changes with time alone: it has the address of
// a file.
func (c *Comment) ChangesWithTime() bool { return c.Timed || len(c.Attachments) > 0 }

// AppendJSON appends the comment.
func (c *Comment) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"comment","id":"`...)
	dst = c.ID.Append(dst)
	dst = append(dst, `","parent":`...)
	dst = c.Parent.AppendJSON(dst)
	dst = append(dst, `,"discussion_id":"`...)
	dst = c.Discussion.Append(dst)
	dst = append(dst, `","created_time":"`...)
	dst = AppendMinute(dst, c.CreatedTime)
	dst = append(dst, `","last_edited_time":"`...)
	dst = AppendMinute(dst, c.LastEditedTime)
	dst = append(dst, `","created_by":`...)
	dst = appendPartial(dst, "user", c.CreatedBy)
	dst = append(dst, `,"rich_text":`...)
	dst = c.RichText.append(dst)
	dst = append(dst, `,"display_name":{"type":"`...)
	dst = append(dst, c.DisplayType...)
	dst = append(dst, `","resolved_name":`...)
	dst = appendNullable(dst, c.DisplayName)
	dst = append(dst, '}')
	for i, a := range c.Attachments {
		if i == 0 {
			dst = append(dst, `,"attachments":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"category":"`...)
		dst = append(dst, a.Category...)
		dst = append(dst, `","file":`...)
		dst = a.File.append(dst)
		dst = append(dst, '}')
	}
	if len(c.Attachments) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendNullable(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return jsonx.AppendString(dst, s)
}

// User is a person or a bot as one integration sees it (services.md §1).
type User struct {
	ID        ID
	Name      string
	AvatarURL string // "" is null
	// Person is set for people.
	Person *Person
	// Bot is set for bots.
	Bot *Bot
	// Hidden leaves object and id only: the integration may not read users.
	Hidden bool
}

// Person is what a user of type person adds.
type Person struct {
	// Email is "" when the integration may not see it; the wire then has an empty object.
	Email string
}

// Bot is what a user of type bot adds. All but the caller's own bot are empty on the
// wire (services.md §1.1).
type Bot struct {
	Own bool
	// Owner is the person the connection acts for, nil when the workspace owns it.
	Owner         *User
	WorkspaceName string
	WorkspaceID   ID
	// MaxUpload is the largest file the server takes, in bytes.
	MaxUpload int64
}

// AppendJSON appends the user.
func (u *User) AppendJSON(dst []byte) []byte {
	if u.Hidden {
		return appendPartial(dst, "user", u.ID)
	}
	dst = append(dst, `{"object":"user","id":"`...)
	dst = u.ID.Append(dst)
	dst = append(dst, `","name":`...)
	dst = appendNullable(dst, u.Name)
	dst = append(dst, `,"avatar_url":`...)
	dst = appendNullable(dst, u.AvatarURL)
	if u.Bot != nil {
		dst = append(dst, `,"type":"bot","bot":`...)
		dst = u.Bot.append(dst)
		return append(dst, '}')
	}
	dst = append(dst, `,"type":"person","person":{`...)
	if u.Person != nil && u.Person.Email != "" {
		dst = append(dst, `"email":`...)
		dst = jsonx.AppendString(dst, u.Person.Email)
	}
	return append(dst, "}}"...)
}

func (b *Bot) append(dst []byte) []byte {
	if !b.Own {
		return append(dst, "{}"...)
	}
	dst = append(dst, `{"owner":`...)
	if b.Owner == nil {
		dst = append(dst, `{"type":"workspace","workspace":true}`...)
	} else {
		dst = append(dst, `{"type":"user","user":`...)
		dst = b.Owner.AppendJSON(dst)
		dst = append(dst, '}')
	}
	dst = append(dst, `,"workspace_name":`...)
	dst = jsonx.AppendString(dst, b.WorkspaceName)
	dst = append(dst, `,"workspace_id":"`...)
	dst = b.WorkspaceID.Append(dst)
	dst = append(dst, `","workspace_limits":{"max_file_upload_size_in_bytes":`...)
	dst = strconv.AppendInt(dst, b.MaxUpload, 10)
	return append(dst, "}}"...)
}

// Object is anything that can be an answer or an element of a list.
type Object interface {
	AppendJSON(dst []byte) []byte
}

// List is one page of a listing (contract.md §8).
type List struct {
	// Type names the kind of the results and the empty object beside it, such as "block".
	Type    string
	Results []Object
	// NextCursor is "" on the last page; then has_more is false.
	NextCursor string
	// Property describes the property when Type is "property_item"; nil otherwise.
	Property Raw
	// Incomplete says that the hosted API's limit of results cuts the answer off
	// (databases.md §3.1).
	Incomplete bool
	// Timed says that what Property holds, or a result that cannot say so itself, changes
	// with time alone. It is not written.
	Timed bool
}

// ChangesWithTime reports whether the list may read differently later without a write.
func (l *List) ChangesWithTime() bool {
	if l.Timed {
		return true
	}
	for _, r := range l.Results {
		if timed, ok := r.(interface{ ChangesWithTime() bool }); ok && timed.ChangesWithTime() {
			return true
		}
	}
	return false
}

// AppendJSON appends the list.
func (l *List) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"list","results":[`...)
	for i, r := range l.Results {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = r.AppendJSON(dst)
	}
	dst = append(dst, `],"next_cursor":`...)
	dst = appendNullable(dst, l.NextCursor)
	dst = append(dst, `,"has_more":`...)
	dst = strconv.AppendBool(dst, l.NextCursor != "")
	dst = append(dst, `,"type":"`...)
	dst = append(dst, l.Type...)
	dst = append(dst, `","`...)
	dst = append(dst, l.Type...)
	dst = append(dst, `":`...)
	if l.Property != nil {
		dst = append(dst, l.Property...)
	} else {
		dst = append(dst, "{}"...)
	}
	return append(appendIncomplete(dst, l.Incomplete), '}')
}

// appendIncomplete says that an answer is cut off, if it is.
func appendIncomplete(dst []byte, incomplete bool) []byte {
	if !incomplete {
		return dst
	}
	return append(dst, `,"request_status":{"type":"incomplete","incomplete_reason":"query_result_limit_reached"}`...)
}

// Template is a template of a data source (databases.md §1.3).
type Template struct {
	ID        ID
	Name      string
	IsDefault bool
}

// TemplateList is one page of the templates of a data source. Its keys are its own
// (contract.md §8).
type TemplateList struct {
	Templates []Template
	// NextCursor is "" on the last page; then has_more is false.
	NextCursor string
}

// AppendJSON appends the list.
func (l *TemplateList) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"templates":[`...)
	for i, t := range l.Templates {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":"`...)
		dst = t.ID.Append(dst)
		dst = append(dst, `","name":`...)
		dst = jsonx.AppendString(dst, t.Name)
		dst = append(dst, `,"is_default":`...)
		dst = append(strconv.AppendBool(dst, t.IsDefault), '}')
	}
	dst = append(dst, `],"has_more":`...)
	dst = strconv.AppendBool(dst, l.NextCursor != "")
	dst = append(dst, `,"next_cursor":`...)
	return append(appendNullable(dst, l.NextCursor), '}')
}

// CustomEmoji is an emoji of a workspace's own (services.md §5.1).
type CustomEmoji struct {
	ID        ID
	Name, URL string
}

// EmojiList is one page of the custom emojis of a workspace. Its keys stand in an order of
// their own (contract.md §8).
type EmojiList struct {
	Results []CustomEmoji
	// NextCursor is "" on the last page; then has_more is false.
	NextCursor string
}

// AppendJSON appends the list.
func (l *EmojiList) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"list","type":"custom_emoji","results":[`...)
	for i, e := range l.Results {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":"`...)
		dst = e.ID.Append(dst)
		dst = append(dst, `","name":`...)
		dst = jsonx.AppendString(dst, e.Name)
		dst = append(dst, `,"url":`...)
		dst = append(jsonx.AppendString(dst, e.URL), '}')
	}
	dst = append(dst, `],"has_more":`...)
	dst = strconv.AppendBool(dst, l.NextCursor != "")
	dst = append(dst, `,"next_cursor":`...)
	return append(appendNullable(dst, l.NextCursor), '}')
}

// PropertyItem is the whole value of a property of a page (pages-blocks.md §5.7).
type PropertyItem struct {
	Raw
	// Timed says that the value changes with time alone. It is not written.
	Timed bool
}

// ChangesWithTime reports whether the value may read differently later without a write.
func (i *PropertyItem) ChangesWithTime() bool { return i.Timed }

// AppendJSON makes stored JSON an [Object].
func (r Raw) AppendJSON(dst []byte) []byte { return r.append(dst) }
