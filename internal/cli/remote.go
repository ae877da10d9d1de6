package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"octavo"
	"octavo/internal/admin"
	"octavo/internal/jsonx"
)

// remote is how a command reaches a running server.
type remote struct {
	URL        string `default:"${url}" env:"OCTAVO_URL" placeholder:"URL" group:"Server" help:"Base URL of the server. Default: ${default}."`
	AdminToken string `env:"OCTAVO_ADMIN_TOKEN" placeholder:"TOKEN" group:"Server" help:"Its admin token. Without it: the one in its data directory."`
	Data       string `default:"${data}" env:"OCTAVO_DATA" placeholder:"DIR" group:"Server" help:"Its data directory. Default: ${default}."`
	Actor      string `env:"OCTAVO_ACTOR" placeholder:"NAME" group:"Server" help:"Who acts, for the audit log. Default: you, at this machine."`
	JSON       bool   `group:"Server" help:"Print JSON."`
}

// scoped is remote for what belongs to a workspace.
type scoped struct {
	remote
	Workspace string `env:"OCTAVO_WORKSPACE" placeholder:"ID" group:"Server" help:"The workspace. Without it: the oldest."`
}

// query returns the query string that names the workspace.
func (s *scoped) query() url.Values {
	q := url.Values{}
	if s.Workspace != "" {
		q.Set("workspace_id", s.Workspace)
	}
	return q
}

// callTimeout bounds a request to a server that does not answer.
const callTimeout = 30 * time.Second

// call sends a request to an admin endpoint, whose path is given below /_octavo/, and
// returns the answer without its request_id.
func (r *remote) call(p *process, method, path string, query url.Values, body jsonx.Value) (jsonx.Value, error) {
	ctx, cancel := context.WithTimeout(p.ctx, callTimeout)
	defer cancel()
	resp, err := r.send(ctx, method, path, query, body)
	if err != nil {
		return jsonx.Value{}, err
	}
	return r.read(resp)
}

// read reads a JSON answer and closes it.
func (r *remote) read(resp *http.Response) (jsonx.Value, error) {
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return jsonx.Value{}, fmt.Errorf("the answer broke off: %w", err)
	}
	v, err := jsonx.Parse(data)
	if err != nil {
		return v, fmt.Errorf("%s is not an Octavo server: its answer is not JSON", r.URL)
	}
	v.Delete("request_id")
	return v, nil
}

// send sends a request and returns the answer if it is a success; the caller closes it.
func (r *remote) send(ctx context.Context, method, path string, query url.Values, body jsonx.Value) (*http.Response, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	return r.sendAs(ctx, token, method, path, query, body)
}

// get is send for the endpoints that take no admin token.
func (r *remote) get(ctx context.Context, path string) (*http.Response, error) {
	return r.sendAs(ctx, "", http.MethodGet, path, nil, jsonx.Value{})
}

// sendAs is send with an admin token, or "" for none.
func (r *remote) sendAs(ctx context.Context, token, method, path string, query url.Values, body jsonx.Value) (*http.Response, error) {
	address := strings.TrimRight(r.URL, "/") + admin.Prefix + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body.Append(nil)))
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", client())
	req.Header.Set(admin.ActorHeader, actorOr(r.Actor))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no answer from %s (is octavo serve running there?): %w", r.URL, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusal(resp)
}

// actorOr is who acts: a name, or else who runs the command. It has only characters that a
// header can hold.
func actorOr(name string) string {
	if name == "" {
		name = "unknown"
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
		if host, err := os.Hostname(); err == nil {
			name += "@" + host
		}
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, name)
}

// client is what this program calls itself.
func client() string { return "octavo/" + octavo.Version }

// token returns the admin token: the one given, or the one in the data directory.
func (r *remote) token() (string, error) {
	if r.AdminToken != "" {
		return r.AdminToken, nil
	}
	token, err := octavo.ReadAdminToken(r.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("no admin token: set --admin-token or OCTAVO_ADMIN_TOKEN, or --data to the server's data directory (%s has none)", r.Data)
	}
	return token, err
}

// refusal is the error that an answer tells of.
func refusal(resp *http.Response) error {
	const most = 1 << 20
	data, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return fmt.Errorf("the server answered %s, and its answer broke off: %w", resp.Status, err)
	}
	v, err := jsonx.Parse(data)
	if err != nil || v.Get("object").Text() != "error" {
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	return fmt.Errorf("%s (%s)", v.Get("message").Text(), v.Get("code").Text())
}

// list reads every part of a list.
func (r *remote) list(p *process, path string, query url.Values) ([]jsonx.Value, error) {
	return r.some(p, path, query, 0)
}

// some reads a list up to a length, 0 for all of it.
func (r *remote) some(p *process, path string, query url.Values, most int) ([]jsonx.Value, error) {
	const largest = 100
	var all []jsonx.Value
	for {
		if most > 0 {
			query.Set("page_size", strconv.Itoa(min(most-len(all), largest)))
		}
		part, err := r.call(p, http.MethodGet, path, query, jsonx.Value{})
		if err != nil {
			return nil, err
		}
		all = append(all, part.Get("results").Items()...)
		if !part.Get("has_more").True() || len(all) == most {
			return all, nil
		}
		query.Set("start_cursor", part.Get("next_cursor").Text())
	}
}
