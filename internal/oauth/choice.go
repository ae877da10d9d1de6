package oauth

import (
	"errors"
	"strings"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
)

// choice is what a person chooses pages from: those that are found by their titles, or the
// tree of the workspace as far as it is open.
type choice struct {
	Query string
	// Open says which nodes are open, once for each batch of what is in them that is wanted.
	Open []notion.ID
	// Chosen are those that are chosen and not among the offered.
	Chosen  branches
	Offered branches
}

// branches are the nodes of one level.
type branches struct {
	List []branch
	// Of is the node that they are in, zero for the top; More says that there are more.
	Of   notion.ID
	More bool
}

// branch is a node as it is offered.
type branch struct {
	core.Node
	// Chosen says that it is ticked, Included that one above it is.
	Chosen, Included bool
	// Open says that what is in it is shown.
	Open   bool
	Inside branches
	// Fold and Box say that its button, or its box, is what the person goes on from.
	Fold, Box bool
}

// maxOpen is how many batches of nodes can be open at once, besides the first of the top.
const maxOpen = 40

// The buttons that change what is shown of the tree. The id of a node follows.
const (
	openNode  = "open:"
	moreNodes = "more:"
	closeNode = "close:"
)

// choose does what a button asks of the choice. The text says why it could not.
func (c *consent) choose(do string) (ch choice, problem string, err error) {
	ctx, workspace := c.visit.r.Context(), c.person.Workspace.ID
	chosen, err := c.pages.opts.Core.ChosenNodes(ctx, workspace, c.chosen)
	if err != nil {
		return ch, "", err
	}
	g := grower{chosen: map[notion.ID]bool{}, shown: map[notion.ID]bool{}}
	for _, n := range chosen {
		g.chosen[n.ID] = true
	}
	ch.Open, problem = g.turn(readIDs(c.visit.r.PostForm["open"]), do)
	g.open = map[notion.ID]int{{}: 1}
	for _, id := range ch.Open {
		g.open[id]++
	}
	if do != "browse" {
		ch.Query = strings.TrimSpace(c.visit.r.PostForm.Get("q"))
	}
	var offered core.Nodes
	if ch.Query != "" {
		offered, err = c.pages.opts.Core.FindNodes(ctx, workspace, ch.Query)
	} else {
		offered, err = c.pages.opts.Core.Tree(ctx, workspace, g.open)
	}
	var e *apierr.Error
	if errors.As(err, &e) && e.Code == apierr.ValidationError {
		problem, err = e.Message, nil
	}
	ch.Offered = g.level(offered, notion.ID{})
	for _, n := range chosen {
		if !g.shown[n.ID] {
			ch.Chosen.List = append(ch.Chosen.List, branch{Node: n, Chosen: true})
		}
	}
	return ch, problem, err
}

// readIDs reads the ids in a list of texts; what is none is left out.
func readIDs(texts []string) []notion.ID {
	var ids []notion.ID
	for _, text := range texts {
		if id, ok := notion.ParseID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// grower makes branches of nodes.
type grower struct {
	chosen map[notion.ID]bool
	open   map[notion.ID]int
	shown  map[notion.ID]bool
	// turned is the node whose button was used, more whether it was to show more of it.
	turned notion.ID
	more   bool
}

// turn opens or closes a node, if that is what a button asks. The text says why it does not.
func (g *grower) turn(open []notion.ID, do string) (now []notion.ID, problem string) {
	name, id, _ := strings.Cut(do, ":")
	node, ok := notion.ParseID(id)
	if !ok {
		return open[:min(len(open), maxOpen)], ""
	}
	g.turned = node
	switch name + ":" {
	case openNode, moreNodes:
		g.more = name+":" == moreNodes
		open = append(open, node)
	case closeNode:
		for _, other := range open {
			if other != node {
				now = append(now, other)
			}
		}
		open = now
	}
	if len(open) > maxOpen {
		return open[:maxOpen], "Too many pages are open at once. Close some, or find a page by its title."
	}
	return open, ""
}

// level makes branches of the nodes of one level.
func (g *grower) level(nodes core.Nodes, of notion.ID) branches {
	level := branches{Of: of, More: nodes.More}
	for i, n := range nodes.List {
		g.shown[n.ID] = true
		b := branch{Node: n, Chosen: g.chosen[n.ID], Included: n.In(g.chosen), Open: n.Openable && g.open[n.ID] > 0}
		b.Fold = n.ID == g.turned && !g.more
		b.Box = of == g.turned && g.more && i == (g.open[of]-1)*core.NodeBatch
		b.Inside = g.level(n.Inside, n.ID)
		level.List = append(level.List, b)
	}
	return level
}
