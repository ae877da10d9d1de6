package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strconv"
	"strings"
	"time"

	"octavo/internal/notion"
)

// LinkPrefix is what the path of every link to a file begins with.
const LinkPrefix = "/f/"

// LinkLife is how long a link to a file works (services.md §3.9).
const LinkLife = time.Hour

// Links makes and checks the addresses from which the files of one workspace are fetched.
// Whoever has one needs nothing else: it is signed, and works until it expires.
type Links struct {
	base      string
	workspace notion.ID
	key       []byte
}

// NewLinks returns the links of a workspace on a server that clients reach at base. Links
// of one key are good with every base.
func NewLinks(base string, workspace notion.ID, key []byte) *Links {
	return &Links{base, workspace, key}
}

// URL returns the address of a file. The name stands at the end for people and programs
// that name a download after it; it is not signed.
func (l *Links) URL(upload notion.ID, expires time.Time, name string) string {
	link := Link{Workspace: l.workspace, Upload: upload, Expires: expires}
	dst := make([]byte, 0, len(l.base)+len(name)+160)
	dst = append(dst, l.base...)
	dst = append(dst, LinkPrefix...)
	dst = link.Upload.Append(dst)
	dst = append(dst, '/')
	dst = append(dst, url.PathEscape(name)...)
	dst = append(dst, "?space="...)
	dst = append(dst, link.Workspace.Compact()...)
	dst = append(dst, "&exp="...)
	dst = strconv.AppendInt(dst, link.Expires.UnixMilli(), 10)
	dst = append(dst, "&sig="...)
	return string(base64.RawURLEncoding.AppendEncode(dst, l.sign(link)))
}

func (l *Links) sign(link Link) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(link.Workspace[:])
	mac.Write(link.Upload[:])
	var expires [8]byte
	binary.BigEndian.PutUint64(expires[:], uint64(link.Expires.UnixMilli()))
	mac.Write(expires[:])
	return mac.Sum(nil)
}

// Link is what an address of a file says.
type Link struct {
	Workspace, Upload notion.ID
	Expires           time.Time

	signature []byte
}

// ReadLink returns what an address of a file says, false when it is none. Whether it can be
// believed is for [Links.Made] to tell.
func ReadLink(u *url.URL) (Link, bool) {
	rest, found := strings.CutPrefix(u.Path, LinkPrefix)
	id, _, named := strings.Cut(rest, "/")
	query := u.Query()
	link, ok := Link{}, false
	if link.Upload, ok = notion.ParseID(id); !found || !named || !ok {
		return Link{}, false
	}
	if link.Workspace, ok = notion.ParseID(query.Get("space")); !ok {
		return Link{}, false
	}
	millis, err := strconv.ParseInt(query.Get("exp"), 10, 64)
	if err != nil {
		return Link{}, false
	}
	link.Expires = time.UnixMilli(millis).UTC()
	link.signature, err = base64.RawURLEncoding.DecodeString(query.Get("sig"))
	return link, err == nil
}

// Made reports whether the address of a link is one that [Links.URL] has made, expired or
// not.
func (l *Links) Made(link Link) bool {
	return link.Workspace == l.workspace && hmac.Equal(link.signature, l.sign(link))
}
