package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	token   = "ntn_bench"
	version = "2026-03-11"
)

// octavoServer is a subject.
type octavoServer struct {
	process
	command, database, profile string
	parent                     string
}

func (*octavoServer) name() string { return "octavo" }

func (o *octavoServer) start(dir string) error {
	command, args := o.command, []string{"serve", "--listen", "127.0.0.1:0", "--token", token, "--rate-limit", "0"}
	if o.database != "" {
		args = append(args, "--database", o.database)
	} else {
		args = append(args, "--data", filepath.Join(dir, "data"))
	}
	if o.profile != "" {
		own, err := os.Executable()
		if err != nil {
			return err
		}
		command, args = own, []string{serveProfiledCommand, filepath.Join(dir, "data"), o.database, o.profile}
	}
	if err := o.launch(dir, command, args...); err != nil {
		return err
	}
	o.header = http.Header{"Authorization": {"Bearer " + token}, "Notion-Version": {version}, "Content-Type": {"application/json"}}
	stdout, err := o.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := o.cmd.Start(); err != nil {
		return err
	}
	o.url = ""
	lines := bufio.NewScanner(stdout)
	for o.url == "" && lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "octavo ready") {
			continue
		}
		for _, field := range strings.Fields(lines.Text()) {
			switch key, value, _ := strings.Cut(field, "="); key {
			case "url":
				o.url = value
			case "page":
				o.parent = value
			}
		}
	}
	if o.url == "" {
		return errors.New("the server is not ready; its log is in " + dir)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return nil
}

func options(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = `{"name":"` + name + `"}`
	}
	return "[" + strings.Join(list, ",") + "]"
}

func (o *octavoServer) prepare() (string, error) {
	schema := `{"Name":{"title":{}},"Notes":{"rich_text":{}},"Code":{"rich_text":{}},"Link":{"url":{}},"Mail":{"email":{}},` +
		`"Amount":{"number":{}},"Score":{"number":{}},"Done":{"checkbox":{}},"Due":{"date":{}},"Start":{"date":{}},` +
		`"Kind":{"select":{"options":` + options(kinds) + `}},"Tags":{"multi_select":{"options":` + options(tags) + `}},` +
		`"State":{"status":{}},"Phone":{"phone_number":{}},"Number":{"unique_id":{}}}`
	data, err := o.send("POST", "/v1/databases", `{"parent":{"page_id":"`+o.parent+`"},"initial_data_source":{"properties":`+schema+`}}`)
	if err != nil {
		return "", err
	}
	var database struct {
		Sources []struct{ ID string } `json:"data_sources"`
	}
	if err := json.Unmarshal(data, &database); err != nil {
		return "", err
	}
	return database.Sources[0].ID, nil
}

func (o *octavoServer) create(source string, r *row) error {
	text := func(s string) string { return `[{"text":{"content":"` + s + `"}}]` }
	_, err := o.send("POST", "/v1/pages", fmt.Sprintf(`{"parent":{"data_source_id":%q},"properties":{"Name":{"title":%s},
"Notes":{"rich_text":%s},"Code":{"rich_text":%s},"Link":{"url":%q},"Mail":{"email":%q},"Amount":{"number":%d},"Score":{"number":%v},"Done":{"checkbox":%v},
"Due":{"date":{"start":%q}},"Start":{"date":{"start":%q}},"Kind":{"select":{"name":%q}},"Tags":{"multi_select":%s},
"State":{"status":{"name":%q}},"Phone":{"phone_number":%q}}}`,
		source, text(r.Name), text(r.Notes), text(r.Code), r.Link, r.Mail, r.Amount, r.Score, r.Done,
		r.Due.Format(time.DateOnly), r.Start.Format(time.RFC3339), r.Kind, options(r.Tags), r.State, r.Phone))
	return err
}

func (o *octavoServer) page(source string, q *query, next string) ([]byte, error) {
	body := q.body
	if next != "" {
		cursor, _ := json.Marshal(next)
		body = strings.Replace(`{"start_cursor":`+string(cursor)+","+q.body[1:], ",}", "}", 1)
	}
	return o.send("POST", "/v1/data_sources/"+source+"/query", body)
}

func (o *octavoServer) read(data []byte, _ string) (int, string, error) {
	var answer struct {
		Results []json.RawMessage `json:"results"`
		Next    string            `json:"next_cursor"`
	}
	err := json.Unmarshal(data, &answer)
	return len(answer.Results), answer.Next, err
}
