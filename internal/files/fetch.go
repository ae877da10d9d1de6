package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"octavo/internal/outbound"
)

// Fetcher reads files from elsewhere (services.md §3.6). It is safe for concurrent use.
type Fetcher struct {
	policy outbound.Policy
	client *http.Client
}

// maxRedirects is how many times a source may send us elsewhere.
const maxRedirects = 3

// NewFetcher returns a fetcher that goes only where the policy lets it.
func NewFetcher(policy outbound.Policy) *Fetcher {
	f := &Fetcher{policy: policy}
	f.client = &http.Client{Transport: policy.Transport(), CheckRedirect: f.follow}
	return f
}

// follow decides whether to go where a source sends us.
func (f *Fetcher) follow(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return &URLError{"it leads elsewhere too often"}
	}
	r.Header.Del("Referer") // the address we came from may be secret
	return f.CheckURL(r.URL.String())
}

// Source is a file elsewhere as its server describes it.
type Source struct {
	Described
	// Length is its size in bytes, -1 when the server does not say.
	Length int64
	// Content is the file; nil when it was not asked for.
	Content io.ReadCloser
}

// URLError is an address that is not fetched, whatever is there.
type URLError struct {
	// Reason is fit to be read by whoever gave the address.
	Reason string
}

// Error implements error.
func (e *URLError) Error() string { return e.Reason }

// StatusError is an answer that is not the file.
type StatusError struct{ Status int }

// Error implements error.
func (e *StatusError) Error() string { return fmt.Sprintf("it answers with status %d", e.Status) }

// CheckURL refuses an address that is not fetched, whatever is there, with a [*URLError].
func (f *Fetcher) CheckURL(address string) error {
	err := f.policy.CheckURL(address)
	if errors.Is(err, outbound.ErrForbidden) {
		return &URLError{"its address is not a public one"}
	}
	if err != nil {
		return &URLError{err.Error()}
	}
	return nil
}

// Describe asks what is at an address, without fetching it.
func (f *Fetcher) Describe(ctx context.Context, address string) (Source, error) {
	s, err := f.do(ctx, http.MethodHead, address)
	if err != nil {
		return Source{}, err
	}
	err = s.Content.Close()
	s.Content = nil
	return s, err
}

// Fetch fetches what is at an address. ctx bounds reading it, too.
func (f *Fetcher) Fetch(ctx context.Context, address string) (Source, error) {
	return f.do(ctx, http.MethodGet, address)
}

func (f *Fetcher) do(ctx context.Context, method, address string) (Source, error) {
	if err := f.CheckURL(address); err != nil {
		return Source{}, err
	}
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return Source{}, &URLError{err.Error()}
	}
	r.Header.Set("User-Agent", "Octavo")
	r.Header.Set("Accept-Encoding", "identity")
	answer, err := f.client.Do(r)
	if err != nil {
		return Source{}, err
	}
	if answer.StatusCode != http.StatusOK {
		return Source{}, errors.Join(&StatusError{answer.StatusCode}, answer.Body.Close())
	}
	if encoding := answer.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		// A few bytes that unfold to very many are not unfolded here, and are not the file.
		return Source{}, errors.Join(&URLError{"its server sends it compressed although it was asked not to"}, answer.Body.Close())
	}
	return Source{
		Described: Described{Name: nameIn(r.URL), ContentType: answer.Header.Get("Content-Type")},
		Length:    answer.ContentLength,
		Content:   answer.Body,
	}, nil
}

// nameIn returns the name of the file that an address ends in, "" when there is none that a
// file could have.
func nameIn(u *url.URL) string {
	name := path.Base(u.Path)
	if checkName(name) != nil { // a path without a name, among others
		return ""
	}
	return name
}
