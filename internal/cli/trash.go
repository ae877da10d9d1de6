package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"octavo/internal/jsonx"
)

var trashColumns = []string{"id", "type", "title", "parent_id", "trashed_time", "trashed_by"}

// trashPart says which part of the trash is meant.
type trashPart struct {
	Type   string `enum:"page,database,data_source,block," default:"" placeholder:"TYPE" help:"Only pages, databases, data sources or blocks: page, database, data_source, block."`
	Before moment `placeholder:"WHEN" help:"Only what was put there before: 30d or 12h ago, or a date such as 2027-01-31."`
}

func (t trashPart) set(q url.Values) url.Values {
	set(q, "type", t.Type, "before", string(t.Before))
	return q
}

type trashList struct {
	scoped
	trashPart
	most
}

// Run lists what is in the trash.
func (c *trashList) Run(p *process) error {
	list, err := c.some(p, "trash", c.trashPart.set(c.query()), c.Limit)
	if err != nil {
		return err
	}
	return c.showList(p, list, trashColumns...)
}

// trashed is a command about something in the trash.
type trashed struct {
	scoped
	ID string `arg:"" help:"Id of the page, database, data source or block."`
}

type trashRestore struct {
	trashed
	User string `placeholder:"ID" help:"The person who is noted as the editor. Default: the oldest active owner."`
}

// Run brings something back.
func (c *trashRestore) Run(p *process) error {
	b := body()
	if c.User != "" {
		b.Set("user_id", jsonx.StringValue(c.User))
	}
	return c.printOne(p, http.MethodPost, "trash/"+segment(c.ID)+"/restore", b, trashColumns)
}

// sure keeps people from removing for good what they did not mean to.
type sure struct {
	Yes bool `help:"Do it: nothing brings it back."`
}

func (s sure) check() error {
	if !s.Yes {
		return errors.New("what is removed for good cannot be brought back: add --yes to do it")
	}
	return nil
}

type trashPurge struct {
	trashed
	sure
}

// Run removes something for good.
func (c *trashPurge) Run(p *process) error {
	return c.purge(p, c.sure, "trash/"+segment(c.ID), c.query())
}

type trashEmpty struct {
	scoped
	trashPart
	sure
}

// Run removes what is in the trash for good.
func (c *trashEmpty) Run(p *process) error {
	return c.purge(p, c.sure, "trash", c.trashPart.set(c.query()))
}

// purge asks until nothing is left to remove.
func (s *scoped) purge(p *process, sure sure, path string, q url.Values) error {
	if err := sure.check(); err != nil {
		return err
	}
	items, nodes := 0.0, 0.0
	for more := true; more; {
		v, err := s.call(p, http.MethodDelete, path, q, jsonx.Value{})
		if err != nil {
			return err
		}
		items, nodes = items+v.Get("items").Float(), nodes+v.Get("nodes").Float()
		more = v.Get("has_more").True()
	}
	if s.JSON {
		return printJSON(p.stdout, jsonx.ObjectValue(jsonx.M("items", jsonx.NumberValue(items)), jsonx.M("nodes", jsonx.NumberValue(nodes))))
	}
	_, err := fmt.Fprintf(p.stdout, "%.0f removed for good: %.0f pages, databases, data sources and blocks\n", items, nodes)
	return err
}
