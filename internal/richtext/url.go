package richtext

import (
	"encoding/hex"
	"slices"
	"strings"
)

// dangerous are the schemes that make a link run instead of lead somewhere.
var dangerous = []string{"javascript", "data", "vbscript"}

// ValidURL reports whether s can be the address of a link: an absolute URL of any scheme
// that is not a program, or the /<32 digits> by which Notion links to its own pages
// (pages-blocks.md §4.2).
func ValidURL(s string) bool {
	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	if strings.HasPrefix(s, "/") {
		return isInternal(s)
	}
	scheme, rest, found := strings.Cut(s, ":")
	if !found || !isScheme(scheme) || rest == "" {
		return false
	}
	scheme = strings.ToLower(scheme)
	switch {
	case slices.Contains(dangerous, scheme):
		return false
	case scheme == "http" || scheme == "https":
		return hasHost(rest)
	}
	return true
}

// isInternal reports whether s is a path to a page, perhaps with a query or a block.
func isInternal(s string) bool {
	const digits = 32
	s = s[1:]
	if end := strings.IndexAny(s, "?#"); end >= 0 {
		s = s[:end]
	}
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == digits
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(s[i]))) {
			return false
		}
	}
	return s != ""
}

// hasHost reports whether the part of a URL behind its scheme names a host.
func hasHost(rest string) bool {
	host, found := strings.CutPrefix(rest, "//")
	if !found {
		return false
	}
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	return host != "" && host[0] != ':' && !strings.ContainsAny(host, ` "<>\^|`+"`")
}
