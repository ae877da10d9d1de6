package core

import "strings"

// Capability is a set of things an integration may do (contract.md §5).
type Capability uint8

// The capabilities. ReadEmails includes ReadUsers.
const (
	ReadContent Capability = 1 << iota
	UpdateContent
	InsertContent
	ReadComments
	InsertComments
	ReadUsers
	ReadEmails

	// AllCapabilities is every capability there is.
	AllCapabilities = ReadContent | UpdateContent | InsertContent | ReadComments | InsertComments | ReadUsers | ReadEmails
)

// capabilityNames are the names that token introspection lists in `scope`.
var capabilityNames = []struct {
	Capability
	Name string
}{
	{ReadContent, "read_content"},
	{UpdateContent, "update_content"},
	{InsertContent, "insert_content"},
	{ReadComments, "read_comment"},
	{InsertComments, "insert_comment"},
	{ReadUsers, "read_user_without_email"},
	{ReadEmails, "read_user_with_email"},
}

// Has reports whether the set includes every capability of need.
func (c Capability) Has(need Capability) bool { return c&need == need }

// Names lists the capabilities of the set by name.
func (c Capability) Names() []string {
	var names []string
	for _, n := range capabilityNames {
		if c.Has(n.Capability) {
			names = append(names, n.Name)
		}
	}
	return names
}

// String returns the names with spaces between them, as they are stored.
func (c Capability) String() string { return strings.Join(c.Names(), " ") }

// ParseCapabilities reads a list of names. The second result is the first name it does
// not know, "" when it knows all.
func ParseCapabilities(names []string) (set Capability, unknown string) {
next:
	for _, name := range names {
		for _, n := range capabilityNames {
			if n.Name == name {
				set |= n.Capability
				continue next
			}
		}
		return 0, name
	}
	if set.Has(ReadEmails) {
		set |= ReadUsers
	}
	return set, ""
}
