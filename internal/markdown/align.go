package markdown

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"strconv"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Op is what an [Edit] does.
type Op uint8

// What edits do.
const (
	// Update changes the payload of Block by Patch, as [block.Update] does.
	Update Op = iota + 1
	// Place puts Nodes below Block, the page if zero, behind its child After, or before all
	// others if zero. Of the nodes and those below them, one that has an Existing is that
	// block, to be moved here with all that hangs on it; every other is new. A page or
	// database that is not on this page comes from elsewhere.
	Place
	// Delete moves Block into the trash with what still hangs on it.
	Delete
)

// Edit is one step of a [Change].
type Edit struct {
	Op    Op
	Block notion.ID
	// Type is that of Block in an [Update].
	Type  string
	Patch jsonx.Value
	After notion.ID
	Nodes []*Node
}

// Change is what has to be done to the blocks of a page, in this order, so that they say
// what a text says. One without edits has nothing to write.
type Change struct {
	Edits    []Edit
	Warnings []Warning
}

// Writes returns how many rows of blocks the change writes: those updated, made, moved and
// deleted, not counting what goes with those moved or deleted.
func (c *Change) Writes() int {
	n := 0
	for i := range c.Edits {
		if c.Edits[i].Op == Place {
			n += countPlaced(c.Edits[i].Nodes)
			continue
		}
		n++
	}
	return n
}

func countPlaced(nodes []*Node) int {
	n := len(nodes)
	for _, node := range nodes {
		if node.Existing.IsZero() {
			n += countPlaced(node.Children)
		}
	}
	return n
}

// knot is a node in one of the two trees that are compared.
type knot struct {
	node   *Node
	self   uint64 // of what the node says, without its children
	tree   uint64 // of that and of all below it
	kids   []*knot
	parent *knot
	// mate is what it is in the other tree, nil when it is not there. One that is moved does
	// not hang where its mate does, or not in the same order.
	mate  *knot
	moved bool
	// broken says that something below it has moved away.
	broken bool
	words  *words
}

// aligner compares the tree of a page with the tree of a text.
type aligner struct {
	seed     maphash.Seed
	buf      []byte
	byID     map[notion.ID]*knot // the old tree
	seen     map[notion.ID]bool
	src      string
	page     notion.ID
	depth    int
	warnings []Warning
	err      error
}

// align finds the change from the nodes of the page to those of a text.
func (d *Document) align(nodes []*Node, src string, allowDeleting bool) (*Change, error) {
	a := &aligner{seed: maphash.MakeSeed(), byID: map[notion.ID]*knot{}, seen: map[notion.ID]bool{}, src: src, page: d.o.Page}
	old := a.knots(d.nodes, nil)
	a.index(old)
	nodes = a.settle(nodes)
	if a.err != nil {
		return nil, a.err
	}
	made := a.knots(nodes, nil)
	a.lists(old, made)
	a.move(old, made)
	if err := refuseLoss(old, allowDeleting); err != nil {
		return nil, err
	}
	w := changeWriter{}
	w.list(notion.ID{}, made)
	w.deletes(old, false)
	return &Change{Edits: w.edits(), Warnings: a.warnings}, nil
}

// knots builds a tree. What hangs on a copy, and what text cannot change, counts for nothing.
func (a *aligner) knots(nodes []*Node, parent *knot) []*knot {
	if len(nodes) == 0 {
		return nil
	}
	made := make([]knot, len(nodes))
	list := make([]*knot, len(nodes))
	for i, n := range nodes {
		k := &made[i]
		*k = knot{node: n, parent: parent}
		list[i] = k
		k.self = a.hash(n)
		k.tree = k.self
		if !n.isOpaque() {
			k.kids = a.knots(n.Children, k)
			for _, kid := range k.kids {
				k.tree = (k.tree ^ kid.tree) * 0x9e3779b97f4a7c15
				k.tree ^= k.tree >> 29
			}
		}
	}
	return list
}

// isOpaque reports whether the children of a node are not the text's to change.
func (n *Node) isOpaque() bool {
	return !n.original.IsZero() || n.Type == sectionType && n.alt != notesSection
}

// isReference reports whether a node stands for one certain block, by the address in its
// tag.
func (n *Node) isReference() bool {
	switch n.Type {
	case "", block.ChildPage, block.ChildDatabase, meetingType:
		return true
	case block.Synced:
		return n.original.IsZero()
	}
	return false
}

func (a *aligner) hash(n *Node) uint64 {
	a.buf = append(a.buf[:0], n.Type...)
	switch {
	case n.isReference():
		a.buf = append(append(a.buf, 0), n.Existing[:]...)
	case n.Type == sectionType:
		a.buf = append(append(a.buf, 0), n.alt...)
	default:
		a.buf = n.appendKey(append(a.buf, 0))
	}
	return maphash.Bytes(a.seed, a.buf)
}

// appendKey appends all that a node says, so that nodes that say something else have
// another key. Lengths stand before what can be of any length.
func (n *Node) appendKey(dst []byte) []byte {
	dst = appendSpansKey(dst, n.text)
	dst = binary.AppendUvarint(dst, uint64(len(n.cells)))
	for _, cell := range n.cells {
		dst = appendSpansKey(dst, cell)
	}
	for _, s := range []string{n.color, n.icon.String(), n.language, n.expression, n.address} {
		dst = appendStringKey(dst, s)
	}
	for _, b := range []bool{n.checked, n.toggleable, n.columns, n.rows} {
		dst = strconv.AppendBool(dst, b)
	}
	dst = binary.AppendUvarint(dst, uint64(n.width))
	dst = binary.AppendUvarint(dst, math.Float64bits(n.ratio))
	dst = append(dst, n.upload[:]...)
	return append(dst, n.original[:]...)
}

func appendStringKey(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendSpansKey(dst []byte, spans []span) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(spans)))
	for i := range spans {
		s := &spans[i]
		dst = append(dst, byte(s.kind), byte(s.style))
		if s.kind <= equationSpan {
			dst = appendStringKey(dst, s.text)
		}
		for _, part := range []string{s.color, s.link, s.start, s.end} {
			dst = appendStringKey(dst, part)
		}
		dst = append(dst, s.id[:]...)
	}
	return dst
}

func (a *aligner) index(old []*knot) {
	for _, k := range old {
		a.byID[k.node.Existing] = k
		a.index(k.kids)
	}
}

// settle drops from the nodes of a text what can stand for no block: a second tag of the
// same block, and a tag of one that is not here and could not be moved here.
func (a *aligner) settle(nodes []*Node) []*Node {
	kept := nodes
	for i, n := range nodes {
		switch stands := a.stands(n); {
		case !stands && len(kept) == len(nodes):
			kept = slices.Clone(nodes[:i])
		case stands && len(kept) < len(nodes):
			kept = append(kept, n)
		}
		if n.Type == meetingType {
			a.settleSections(n)
		}
		if !n.isOpaque() {
			n.Children = a.settle(n.Children)
		}
	}
	return kept
}

// settleSections gives meeting notes the sections that they have. A text that leaves one out
// does not delete it.
func (a *aligner) settleSections(n *Node) {
	old := a.byID[n.Existing]
	if old == nil {
		return
	}
	sections := slices.Clone(old.node.Children)
	for i, section := range sections {
		at := slices.IndexFunc(n.Children, func(s *Node) bool { return s.Type == sectionType && s.alt == section.alt })
		if section.Type == sectionType && at >= 0 {
			sections[i] = n.Children[at]
		}
	}
	n.Children = sections
}

func (a *aligner) stands(n *Node) bool {
	if !n.isReference() || n.Existing.IsZero() {
		return true
	}
	old := a.byID[n.Existing]
	switch {
	case n.Existing == a.page:
		a.err = invalid("A page cannot be moved into itself or into what is below it.")
		return false
	case a.seen[n.Existing]:
		a.warn(n, "A block was named twice; the second tag was left out.")
		return false
	case old == nil && n.Type == block.Synced:
		a.warn(n, "A synced block that is not on this page was made anew.")
		n.Existing = notion.ID{}
		return true
	case old == nil && (n.Type == block.ChildPage || n.Type == block.ChildDatabase):
	case old != nil && n.Type == "":
		*n = *old.node // the other grammar may have had no words for it
	case old == nil || old.node.Type != n.Type:
		a.warn(n, "A tag names a block that is not on this page; it was left out.")
		return false
	}
	a.seen[n.Existing] = true
	return true
}

func (a *aligner) warn(n *Node, message string) {
	p := parser{src: a.src}
	p.warn(min(n.at, len(a.src)), message)
	a.warnings = append(a.warnings, p.warnings...)
}

// pair makes two knots one block, and finds what their children have in common.
func (a *aligner) pair(old, made *knot) {
	old.mate, made.mate = made, old
	if old.tree == made.tree {
		for i := range made.kids {
			a.pair(old.kids[i], made.kids[i])
		}
	} else {
		a.lists(old.kids, made.kids)
	}
	if !made.node.original.IsZero() && !a.sameContent(old.node, made.node) {
		a.warn(made.node, "What is in a copy of a synced block belongs to its original and was not changed.")
	}
}

// sameContent reports whether two copies show the same.
func (a *aligner) sameContent(old, made *Node) bool {
	x, y := a.knots(old.Children, nil), a.knots(made.Children, nil)
	return slices.EqualFunc(x, y, func(x, y *knot) bool { return x.tree == y.tree })
}

// mayPair reports whether a block of the page can become one of the text by an update.
func mayPair(old, made *knot) bool {
	a, b := old.node, made.node
	switch {
	case a.Type != b.Type:
		return false
	case a.isReference(), a.Type == block.Synced, a.Type == sectionType:
		return old.self == made.self
	case a.Type == "table":
		return a.width == b.width
	case a.Type == "paragraph":
		return !a.icon.Defined() || b.icon.Defined() // no update takes an icon away
	}
	return true
}

// maxAlignDepth is how often what is the same is looked for within what it leaves, so that
// no text takes more time than its length.
const maxAlignDepth = 4 * MaxDepth

// lists finds what two lists of siblings have in common, in order: first what is the same
// at both ends, then between what is the same and only once in both, then what is most
// alike in the gaps that are left.
func (a *aligner) lists(old, made []*knot) {
	a.depth++
	defer func() { a.depth-- }()
	for len(old) > 0 && len(made) > 0 && old[0].tree == made[0].tree {
		a.pair(old[0], made[0])
		old, made = old[1:], made[1:]
	}
	for len(old) > 0 && len(made) > 0 && old[len(old)-1].tree == made[len(made)-1].tree {
		a.pair(old[len(old)-1], made[len(made)-1])
		old, made = old[:len(old)-1], made[:len(made)-1]
	}
	if len(old) == 0 || len(made) == 0 {
		return
	}
	var anchors [][2]int
	if a.depth < maxAlignDepth {
		anchors = uniques(old, made)
	}
	if len(anchors) == 0 {
		a.gap(old, made)
		return
	}
	i, j := 0, 0
	for _, at := range anchors {
		a.lists(old[i:at[0]], made[j:at[1]])
		a.pair(old[at[0]], made[at[1]])
		i, j = at[0]+1, at[1]+1
	}
	a.lists(old[i:], made[j:])
}

// uniques returns the places of what is the same and only once in both lists, as many as
// are in the same order in both.
func uniques(old, made []*knot) [][2]int {
	type places struct{ old, made, olds, mades int }
	at := make(map[uint64]places, len(old))
	for i, k := range old {
		p := at[k.tree]
		p.old, p.olds = i, p.olds+1
		at[k.tree] = p
	}
	for j, k := range made {
		if p, ok := at[k.tree]; ok {
			p.made, p.mades = j, p.mades+1
			at[k.tree] = p
		}
	}
	var pairs [][2]int
	for i, k := range old {
		if p := at[k.tree]; p.olds == 1 && p.mades == 1 {
			pairs = append(pairs, [2]int{i, p.made})
		}
	}
	return increasing(pairs)
}

// increasing returns the longest part of the pairs, whose first places increase, whose
// second places increase too.
func increasing(pairs [][2]int) [][2]int {
	var ends []int                    // of the best part of each length, its last pair
	before := make([]int, len(pairs)) // the pair before it in that part
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(ends, p[1], func(e, second int) int { return pairs[e][1] - second })
		before[i] = -1
		if n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	if len(ends) == 0 {
		return nil
	}
	out := make([][2]int, len(ends))
	for n, i := len(ends)-1, ends[len(ends)-1]; n >= 0; n, i = n-1, before[i] {
		out[n] = pairs[i]
	}
	return out
}

// maxCells is how many pairs are compared to fill a gap. In a larger gap only those are
// that are about as far in it.
const maxCells = 1 << 16

// gap pairs what can be paired in two lists so that what is paired is as alike as can be.
// Every pair saves two writes for one, so that even blocks with nothing in common are
// paired if nothing better is to be had.
func (a *aligner) gap(old, made []*knot) {
	n, m := len(old), len(made)
	width := max(1, min(m, maxCells/n)/2)
	band := func(i int) (from, to int) {
		middle := i * m / n
		return max(0, middle-width), min(m, middle+width+1)
	}
	// best[i][j-from] is the worth of the pairs among old[i:] and made[j:].
	best := make([][]float32, n+1)
	worth := func(i, j int) float32 {
		from, to := band(min(i, n-1))
		if i == n || j >= to {
			return 0
		}
		return best[i][max(j, from)-from]
	}
	for i := n - 1; i >= 0; i-- {
		from, to := band(i)
		best[i] = make([]float32, to-from)
		for j := to - 1; j >= from; j-- {
			b := max(worth(i+1, j), worth(i, j+1))
			if likeness := a.likeness(old[i], made[j]); likeness > 0 {
				b = max(b, likeness+worth(i+1, j+1))
			}
			best[i][j-from] = b
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		from, to := band(i)
		switch {
		case j < from:
			j++
		case j >= to:
			i++
		case best[i][j-from] == worth(i+1, j):
			i++
		case best[i][j-from] == worth(i, j+1):
			j++
		default:
			a.pair(old[i], made[j])
			i, j = i+1, j+1
		}
	}
}

// likeness returns how much it is worth to make one block of two knots, 0 when it cannot be.
func (a *aligner) likeness(old, made *knot) float32 {
	const something, itself, all = 0.15, 2, 3
	switch {
	case old.tree == made.tree:
		return all
	case !mayPair(old, made):
		return 0
	case old.self == made.self:
		return itself + old.look().likeness(made.look())
	}
	return something + old.look().likeness(made.look())
}

// move finds what has not found its mate among its siblings but is elsewhere on the page:
// blocks named by their tags, and trees that are the same.
func (a *aligner) move(old, made []*knot) {
	left := map[uint64][]*knot{}
	var collect func(list []*knot)
	collect = func(list []*knot) {
		for _, k := range list {
			if k.mate == nil {
				left[k.tree] = append(left[k.tree], k)
			}
			collect(k.kids)
		}
	}
	collect(old)
	if len(left) > 0 {
		a.moveInto(made, left)
	}
}

func (a *aligner) moveInto(made []*knot, left map[uint64][]*knot) {
	for _, k := range made {
		if k.mate == nil {
			if from := a.elsewhere(k, left); from != nil {
				a.pair(from, k)
				k.moved = true
				for up := from.parent; up != nil && !up.broken; up = up.parent {
					up.broken = true
				}
			}
		}
		a.moveInto(k.kids, left)
	}
}

func (a *aligner) elsewhere(k *knot, left map[uint64][]*knot) *knot {
	if k.node.isReference() {
		if from := a.byID[k.node.Existing]; from != nil && from.mate == nil {
			return from
		}
		return nil
	}
	for list := left[k.tree]; len(list) > 0; list = left[k.tree] {
		from := list[0]
		left[k.tree] = list[1:]
		if from.mate == nil && !from.broken {
			return from
		}
	}
	return nil
}
