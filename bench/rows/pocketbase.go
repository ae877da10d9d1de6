package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// pocketBase is a subject. It has the same rows in typed columns, with indexes on those that
// are filtered, and is asked for lists without the number of all rows.
type pocketBase struct {
	process
	command string
}

const (
	// pocketPage is how many records are asked for at once.
	pocketPage = 100

	email    = "bench@example.com"
	password = "bench-password"
)

func (*pocketBase) name() string { return "pocketbase" }

func (b *pocketBase) start(dir string) error {
	data := filepath.Join(dir, "data")
	if said, err := exec.Command(b.command, "superuser", "upsert", email, password, "--dir", data).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // for a port that is free
	if err != nil {
		return err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	b.url, b.header = "http://"+address, http.Header{"Content-Type": {"application/json"}}
	if err := b.launch(dir, b.command, "serve", "--http", address, "--dir", data); err != nil {
		return err
	}
	if err := b.cmd.Start(); err != nil {
		return err
	}
	for range 100 {
		if _, err = b.send("GET", "/api/health", ""); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	answer, err := b.send("POST", "/api/collections/_superusers/auth-with-password", `{"identity":"`+email+`","password":"`+password+`"}`)
	if err != nil {
		return err
	}
	var auth struct{ Token string }
	if err := json.Unmarshal(answer, &auth); err != nil {
		return err
	}
	b.header.Set("Authorization", auth.Token)
	return nil
}

func (b *pocketBase) prepare() (string, error) {
	field := func(name, kind, more string) string {
		return `{"name":"` + name + `","type":"` + kind + `"` + more + `}`
	}
	choice := func(name string, values []string, most int) string {
		list, _ := json.Marshal(values)
		return field(name, "select", `,"maxSelect":`+strconv.Itoa(most)+`,"values":`+string(list))
	}
	fields := []string{
		field("name", "text", ""), field("notes", "text", ""), field("code", "text", ""), field("link", "url", ""), field("mail", "email", ""),
		field("amount", "number", ""), field("score", "number", ""), field("done", "bool", ""), field("due", "date", ""), field("start", "date", ""),
		choice("kind", kinds, 1), choice("tags", tags, len(tags)), choice("state", states, 1), field("phone", "text", ""), field("number", "number", ""),
		field("created", "autodate", `,"onCreate":true`), field("updated", "autodate", `,"onCreate":true,"onUpdate":true`),
	}
	var indexes []string
	for _, column := range []string{"kind", "amount", "done", "state", "mail", "name", "updated"} {
		indexes = append(indexes, `"CREATE INDEX rows_`+column+` ON rows (`+column+`)"`)
	}
	_, err := b.send("POST", "/api/collections", `{"name":"rows","type":"base","fields":[`+strings.Join(fields, ",")+`],"indexes":[`+strings.Join(indexes, ",")+`]}`)
	return "rows", err
}

func (b *pocketBase) create(source string, r *row) error {
	list, _ := json.Marshal(r.Tags)
	_, err := b.send("POST", "/api/collections/"+source+"/records", fmt.Sprintf(
		`{"name":%q,"notes":%q,"code":%q,"link":%q,"mail":%q,"amount":%d,"score":%v,"done":%v,"due":%q,"start":%q,"kind":%q,"tags":%s,"state":%q,"phone":%q,"number":1}`,
		r.Name, r.Notes, r.Code, r.Link, r.Mail, r.Amount, r.Score, r.Done, r.Due.Format(time.RFC3339), r.Start.Format(time.RFC3339), r.Kind, list, r.State, r.Phone))
	return err
}

// page reads on by the number of the page; PocketBase has no cursors.
func (b *pocketBase) page(source string, q *query, next string) ([]byte, error) {
	ask := url.Values{"perPage": {strconv.Itoa(pocketPage)}, "skipTotal": {"1"}, "page": {cmp.Or(next, "1")}, "sort": {q.sort}}
	if q.filter != "" {
		ask.Set("filter", q.filter)
	}
	return b.send("GET", "/api/collections/"+source+"/records?"+ask.Encode(), "")
}

func (b *pocketBase) read(data []byte, next string) (int, string, error) {
	var answer struct{ Items []json.RawMessage }
	if err := json.Unmarshal(data, &answer); err != nil {
		return 0, "", err
	}
	if len(answer.Items) < pocketPage {
		return len(answer.Items), "", nil
	}
	number, err := strconv.Atoi(cmp.Or(next, "1"))
	return len(answer.Items), strconv.Itoa(number + 1), err
}
