package octavo_test

import "fmt"

// administer makes workspaces until the kill. They take no revision of the one that the log of
// changes is checked of.
func (c *crashTest) administer(life int) {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%d.%d", life, n)
		var made struct{ ID string }
		err := c.send("POST", "/_octavo/workspaces", map[string]any{"name": name}, nil, &made)
		if refused, ok := err.(refusal); ok { //nolint:errorlint // send does not wrap it
			c.t.Errorf("%s: %v", name, refused)
		}
		if err != nil {
			return
		}
		c.made = append(c.made, made.ID)
	}
}

// checkAudit compares the workspaces with what the audit log says of them: each was made by
// one entry, each entry made one, and none that was acknowledged is missing.
func (c *crashTest) checkAudit() {
	c.t.Helper()
	type item struct {
		ID     string
		Target string `json:"target_id"`
		Status int
	}
	list := func(path string) (all []item) {
		c.t.Helper()
		for cursor := ""; ; {
			var part struct {
				Results []item
				Next    string `json:"next_cursor"`
			}
			if err := c.send("GET", path+cursor, nil, nil, &part); err != nil {
				c.t.Fatal(err)
			}
			all = append(all, part.Results...)
			if part.Next == "" {
				return all
			}
			cursor = "&start_cursor=" + part.Next
		}
	}
	exists := map[string]bool{}
	for _, w := range list("/_octavo/workspaces?page_size=100")[1:] { // the first start made the first
		exists[w.ID] = true
	}
	told := map[string]bool{}
	for _, e := range list("/_octavo/audit?action=create_workspace&page_size=100") {
		if e.Status != 200 || told[e.Target] || !exists[e.Target] {
			c.t.Errorf("an entry says %+v; the workspace is there: %v, told of before: %v", e, exists[e.Target], told[e.Target])
		}
		told[e.Target] = true
	}
	if len(told) != len(exists) {
		c.t.Errorf("%d workspaces were made, the audit log tells of %d", len(exists), len(told))
	}
	for _, id := range c.made {
		if !exists[id] {
			c.t.Errorf("workspace %s was acknowledged and is lost", id)
		}
	}
	if len(c.made) == 0 {
		c.t.Error("no workspace was made")
	}
}
