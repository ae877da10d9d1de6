package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The formulas and rollups that are added to the rows, and what they depend on besides.
const (
	computedGroups = 1000
	computedLinks  = 100 // of each group
	computedSchema = `{"Weight":{"formula":{"expression":"if(prop(\"Done\"), prop(\"Amount\") * 2 + prop(\"Score\"), prop(\"Score\") - prop(\"Amount\") / 4)"}},` +
		`"Left":{"formula":{"expression":"dateBetween(prop(\"Due\"), now(), \"days\") + prop(\"Amount\") * 0"}},` +
		`"Label":{"formula":{"expression":"lower(prop(\"Kind\") + \" \" + prop(\"Name\"))"}},` +
		`"Count":{"rollup":{"relation_property_name":"Groups","rollup_property_name":"Name","function":"count"}},` +
		`"Sum":{"rollup":{"relation_property_name":"Groups","rollup_property_name":"Size","function":"sum"}},` +
		`"Sizes":{"rollup":{"relation_property_name":"Groups","rollup_property_name":"Size","function":"show_original"}}}`
)

var computedQueries = []query{
	{name: "formula of the row: filter and sort",
		body: `{"filter":{"property":"Weight","formula":{"number":{"greater_than":500}}},"sorts":[{"property":"Weight","direction":"descending"}]}`},
	{name: "formula of the row and a stored filter, sorted by a date",
		body: `{"filter":{"and":[{"property":"Weight","formula":{"number":{"greater_than":500}}},{"property":"Kind","select":{"equals":"k3"}}]},"sorts":[{"property":"Due","direction":"descending"}]}`},
	{name: "text formula of the row: filter, sorted by it",
		body: `{"filter":{"property":"Label","formula":{"string":{"contains":"harbor"}}},"sorts":[{"property":"Label","direction":"ascending"}]}`},
	{name: "formula with now(): filter, default order",
		body: `{"filter":{"property":"Left","formula":{"number":{"greater_than":30}}}}`},
	{name: "formula with now(): filter and sort",
		body: `{"filter":{"property":"Left","formula":{"number":{"greater_than":30}}},"sorts":[{"property":"Left","direction":"ascending"}]}`},
	{name: "sorted by a rollup that counts",
		body: `{"sorts":[{"property":"Count","direction":"descending"}]}`},
	{name: "sorted by a rollup that sums, one in ten rows",
		body: `{"filter":{"property":"Kind","select":{"equals":"k3"}},"sorts":[{"property":"Sum","direction":"descending"}]}`},
	{name: "any element of a rollup, few",
		body: `{"filter":{"property":"Sizes","rollup":{"any":{"number":{"equals":77}}}}}`},
	{name: "no element of a rollup, most",
		body: `{"filter":{"property":"Sizes","rollup":{"none":{"number":{"greater_than":990}}}},"sorts":[{"property":"Due","direction":"ascending"}]}`},
}

// measureComputed measures queries by formulas and rollups: the very first page after a
// start, then the first pages with a write before each, and the same when nothing is written.
func (s *settings) measureComputed() (err error) {
	o := &octavoServer{command: s.octavo, database: s.database, profile: s.profile}
	source, err := s.filled(o)
	if err != nil {
		return err
	}
	if err := s.prepareComputed(o, source); err != nil {
		return err
	}
	fmt.Println("| query | first ever, ms | first after a start, ms | after a write, ms | CPU ms | nothing written, ms | CPU ms |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|")
	for i := range computedQueries {
		if strings.Contains(computedQueries[i].name, s.only) {
			if err := s.measureOneComputed(o, source, &computedQueries[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepareComputed adds the formulas and rollups unless an earlier run has.
func (s *settings) prepareComputed(o *octavoServer, source string) (err error) {
	known := filepath.Join(s.dir(o), "computed")
	if _, err := os.Stat(known); err == nil {
		return nil
	}
	if err := o.start(s.dir(o)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	data, err := o.send("POST", "/v1/databases", `{"parent":{"page_id":"`+o.parent+`"},"initial_data_source":{"properties":{"Name":{"title":{}},`+
		`"Size":{"number":{}},"Rows":{"relation":{"data_source_id":"`+source+`","dual_property":{"synced_property_name":"Groups"}}}}}}`)
	if err != nil {
		return err
	}
	var groups struct {
		Sources []struct{ ID string } `json:"data_sources"`
	}
	if err := json.Unmarshal(data, &groups); err != nil {
		return err
	}
	rows, err := s.allRows(o, source)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range computedGroups {
		links := make([]string, computedLinks)
		for j := range links {
			links[j] = `{"id":"` + rows[r.IntN(len(rows))] + `"}`
		}
		if _, err := o.send("POST", "/v1/pages", fmt.Sprintf(`{"parent":{"data_source_id":%q},"properties":{"Name":{"title":[{"text":{"content":"group %d"}}]},"Size":{"number":%d},"Rows":{"relation":[%s]}}}`,
			groups.Sources[0].ID, i, r.IntN(1000), strings.Join(links, ","))); err != nil {
			return err
		}
	}
	if _, err := o.send("PATCH", "/v1/data_sources/"+source, `{"properties":`+computedSchema+`}`); err != nil {
		return err
	}
	return os.WriteFile(known, nil, 0o600)
}

// allRows reads the ids of the rows.
func (s *settings) allRows(o *octavoServer, source string) ([]string, error) {
	var ids []string
	for next := ""; ; {
		body := `{}`
		if next != "" {
			cursor, _ := json.Marshal(next)
			body = `{"start_cursor":` + string(cursor) + `}`
		}
		data, err := o.send("POST", "/v1/data_sources/"+source+"/query?filter_properties=title", body)
		if err != nil {
			return nil, err
		}
		var answer struct {
			Results []struct{ ID string }
			Next    string `json:"next_cursor"`
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			return nil, err
		}
		for _, r := range answer.Results {
			ids = append(ids, r.ID)
		}
		if next = answer.Next; next == "" {
			return ids, nil
		}
	}
}

// measureOneComputed measures one query in a server that has just been started.
func (s *settings) measureOneComputed(o *octavoServer, source string, q *query) (err error) {
	first := func() (took time.Duration, err error) {
		if err := o.start(s.dir(o)); err != nil {
			return 0, err
		}
		took, _, _, err = timed(o, source, q, "")
		return took, errors.Join(err, o.stop())
	}
	ever, err := first()
	if err != nil {
		return err
	}
	started, err := first()
	if err != nil {
		return err
	}
	if err := o.start(s.dir(o)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	written, writtenCPU, err := s.pages(o, source, q, true)
	if err != nil {
		return err
	}
	unwritten, unwrittenCPU, err := s.pages(o, source, q, false)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %.0f | %.0f | %.1f | %.1f | %.1f | %.1f |\n", q.name, ms(ever), ms(started),
		ms(median(written)), ms(writtenCPU), ms(median(unwritten)), ms(unwrittenCPU))
	return nil
}

// pages reads the first pages of an answer, each after a row has been written if that is
// wanted. The write itself does not count.
func (s *settings) pages(o *octavoServer, source string, q *query, write bool) (took []time.Duration, cpu time.Duration, err error) {
	next := ""
	if _, err := o.page(source, q, ""); err != nil {
		return nil, 0, err
	}
	time.Sleep(warmPause)
	for i := range s.pagesRead {
		if write {
			if err := o.create(source, newRow(s.rows+i)); err != nil {
				return nil, 0, err
			}
		}
		used, _ := o.usage()
		var one time.Duration
		if one, _, next, err = timed(o, source, q, next); err != nil {
			return nil, 0, err
		}
		took = append(took, one)
		now, _ := o.usage()
		cpu += now - used
		if next == "" {
			break
		}
	}
	return took, cpu / time.Duration(len(took)), nil
}
