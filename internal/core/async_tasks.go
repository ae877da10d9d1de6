package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// A task is stored with what was asked for before the request is answered, and done after it.
// What it does and the note that it is done are one write: a task is done once, whenever the
// process dies, and by one process where several share a database.

const (
	// asyncTaskLife is how long a task can be asked for after it is done.
	asyncTaskLife = 24 * time.Hour
	// asyncTaskPoll is when to ask for a task that is not done, in seconds.
	asyncTaskPoll = 2
)

// asyncOperation is something that can be done later.
type asyncOperation struct {
	name  string // the method and path of the request
	needs Capability
	do    func(c *Core, tx *store.Tx, p *Principal, request jsonx.Value) (notion.Object, error)
}

var (
	createPageLater = asyncOperation{"POST /v1/pages", InsertContent, func(c *Core, tx *store.Tx, p *Principal, request jsonx.Value) (notion.Object, error) {
		return c.makePage(tx, p, readNewPage(request), nil, nil)
	}}
	updateMarkdownLater = asyncOperation{"PATCH /v1/pages/:page_id/markdown", UpdateContent, func(c *Core, tx *store.Tx, p *Principal, request jsonx.Value) (notion.Object, error) {
		id, _ := notion.ParseID(request.Get("page_id").Text())
		return c.editText(tx, p, id, markdown.Version(request.Get("version").Float()), request.Get("body"))
	}}
	asyncOperations = []*asyncOperation{&createPageLater, &updateMarkdownLater}
)

// CreatePageLater takes on to make a page with content that is text, and answers with a task
// (pages-blocks.md §7). What is wrong with the place of the page is refused at once, what is
// wrong with the rest fails the task.
func (c *Core) CreatePageLater(ctx context.Context, p *Principal, n NewPage) (notion.Object, error) {
	return c.later(ctx, p, &createPageLater, n.request(), func(tx *store.Tx) error {
		_, err := c.pageParent(tx, p, n.Parent)
		return err
	})
}

// UpdatePageMarkdownLater is [Core.UpdatePageMarkdown] by a task (pages-blocks.md §7).
func (c *Core) UpdatePageMarkdownLater(ctx context.Context, p *Principal, id notion.ID, v markdown.Version, body jsonx.Value) (notion.Object, error) {
	request := jsonx.ObjectValue(jsonx.M("page_id", jsonx.StringValue(id.String())),
		jsonx.M("version", jsonx.NumberValue(float64(v))), jsonx.M("body", body))
	return c.later(ctx, p, &updateMarkdownLater, request, func(tx *store.Tx) error {
		_, err := c.locateWritable(tx, p, id)
		return err
	})
}

// request is what a task remembers of a page to be made.
func (n *NewPage) request() jsonx.Value {
	var members []jsonx.Member
	for _, m := range []jsonx.Member{
		jsonx.M("parent", n.Parent), jsonx.M("properties", n.Properties), jsonx.M("icon", n.Icon), jsonx.M("cover", n.Cover),
		jsonx.M("markdown", n.Markdown), jsonx.M("version", jsonx.NumberValue(float64(n.MarkdownVersion))),
		jsonx.M("at", jsonx.NumberValue(float64(n.Position.At))), jsonx.M("after", jsonx.StringValue(n.Position.Block.String())),
	} {
		if m.Value.Defined() {
			members = append(members, m)
		}
	}
	if n.Show != nil {
		shown := make([]jsonx.Value, len(n.Show))
		for i, id := range n.Show {
			shown[i] = jsonx.StringValue(id)
		}
		members = append(members, jsonx.M("show", jsonx.ArrayValue(shown...)))
	}
	return jsonx.ObjectValue(members...)
}

// readNewPage reads what request has written.
func readNewPage(v jsonx.Value) NewPage {
	n := NewPage{
		Parent: v.Get("parent"), Properties: v.Get("properties"), Icon: v.Get("icon"), Cover: v.Get("cover"),
		Markdown: v.Get("markdown"), MarkdownVersion: markdown.Version(v.Get("version").Float()),
		Position: Position{At: Where(v.Get("at").Float())},
	}
	n.Position.Block, _ = notion.ParseID(v.Get("after").Text())
	if shown := v.Get("show"); shown.Defined() {
		n.Show = []string{}
		for _, id := range shown.Items() {
			n.Show = append(n.Show, id.Text())
		}
	}
	return n
}

// later stores a task unless check refuses, and has it done.
func (c *Core) later(ctx context.Context, p *Principal, operation *asyncOperation, request jsonx.Value, check func(*store.Tx) error) (notion.Object, error) {
	if !c.tasks.knows(p.Workspace) {
		if err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error { return tx.AddAsyncTaskHome(p.Workspace) }); err != nil {
			return nil, storeError(err)
		}
		c.tasks.learn(p.Workspace)
	}
	var t store.AsyncTask
	err := c.update(ctx, p, func(tx *store.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		t = store.AsyncTask{
			ID: c.ids.New(tx.Now()), IntegrationID: p.Integration, Operation: operation.name, Request: request.String(), CreatedTime: tx.Now(),
		}
		return tx.InsertAsyncTask(t)
	})
	if err != nil {
		return nil, err
	}
	o := c.showAsyncTask(&t, false)
	c.tasks.add(taskRef{p.Workspace, t.ID})
	return o, nil
}

// AsyncTask returns a task of p's own by its id as answers show it. One that was done too
// long ago is not found, nor is that of another connection.
func (c *Core) AsyncTask(ctx context.Context, p *Principal, name string) (notion.Object, error) {
	id, ok := notion.ParseAsyncTaskID(name)
	if !ok {
		return nil, p.notFoundText("async_task", name)
	}
	var t store.AsyncTask
	err := c.view(ctx, p, func(tx *store.Tx) (err error) {
		t, err = tx.AsyncTask(id)
		over := !t.FinishedTime.IsZero() && !tx.Now().Before(t.FinishedTime.Add(asyncTaskLife))
		if errors.Is(err, store.ErrNotFound) || err == nil && (t.IntegrationID != p.Integration || over) {
			return p.notFoundText("async_task", name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	ref := taskRef{p.Workspace, id}
	if t.FinishedTime.IsZero() {
		c.tasks.add(ref) // who was at it may have died, or found the database busy
	}
	return c.showAsyncTask(&t, c.tasks.runs(ref)), nil
}

func (c *Core) showAsyncTask(t *store.AsyncTask, runs bool) *notion.AsyncTask {
	o := &notion.AsyncTask{
		ID: t.ID, StatusURL: c.opts.PublicURL + "/v1/async_tasks/" + notion.AsyncTaskID(t.ID),
		CreatedTime: t.CreatedTime, Operation: t.Operation, Result: t.Result, Error: t.Error,
	}
	switch {
	case t.Error != nil:
		o.Status = "failed"
	case t.Result != nil:
		o.Status = "succeeded"
	case runs:
		o.Status, o.PollAfter = "running", asyncTaskPoll
	default:
		o.Status, o.PollAfter = "queued", asyncTaskPoll
	}
	return o
}

// ResumeAsyncTasks has the tasks done that were not when the server before ended.
func (c *Core) ResumeAsyncTasks(ctx context.Context) error {
	var homes []notion.ID
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		homes, err = tx.AsyncTaskHomes()
		return err
	})
	for i := 0; err == nil && i < len(homes); i++ {
		c.tasks.learn(homes[i])
		err = c.resumeIn(ctx, homes[i])
	}
	return err
}

func (c *Core) resumeIn(ctx context.Context, ws notion.ID) error {
	const atOnce = 1000
	for after := (notion.ID{}); ; {
		var waiting []notion.ID
		err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
			waiting, err = tx.WaitingAsyncTasks(after, atOnce)
			return err
		})
		if err != nil || len(waiting) == 0 {
			return err
		}
		for _, id := range waiting {
			c.tasks.add(taskRef{ws, id})
			after = id
		}
	}
}

// AsyncTasksDone waits until no task of this process is waiting or running.
func (c *Core) AsyncTasksDone(ctx context.Context) error { return c.tasks.wait(ctx) }

// doTask does a task, unless it is done already, and notes what came of it.
func (c *Core) doTask(ref taskRef) {
	ctx := context.Background()
	p, err := c.principalOf(ctx, ref.workspace)
	if err == nil {
		err = c.store.Update(ctx, ref.workspace, func(tx *store.Tx) error { return c.doTaskIn(tx, *p, ref.id) })
	}
	if err == nil || errors.Is(err, store.ErrNotFound) {
		return
	}
	failure := apierr.From(storeError(err))
	if isTransient(failure.Code) {
		c.log.Warn("a task is put off", "workspace_id", ref.workspace.String(), "task_id", notion.AsyncTaskID(ref.id), "error", err)
		return // until it is asked for again, or the server starts again
	}
	if failure.Code == apierr.InternalServerError {
		c.log.Error("a task failed", "workspace_id", ref.workspace.String(), "task_id", notion.AsyncTaskID(ref.id), "error", err)
	}
	err = c.store.Update(ctx, ref.workspace, func(tx *store.Tx) error {
		t, err := tx.AsyncTask(ref.id)
		if err != nil || !t.FinishedTime.IsZero() {
			return err
		}
		return tx.FinishAsyncTask(ref.id, nil, failure.AppendJSON(nil))
	})
	if err != nil {
		c.log.Warn("a failed task is not noted", "workspace_id", ref.workspace.String(), "task_id", notion.AsyncTaskID(ref.id), "error", err)
	}
}

// isTransient reports whether an error comes from what may be over the next time.
func isTransient(code apierr.Code) bool {
	switch code {
	case apierr.ConflictError, apierr.ServiceUnavailable, apierr.DatabaseConnectionUnavailable, apierr.GatewayTimeout:
		return true
	}
	return false
}

// doTaskIn does a task in the write that notes what came of it.
func (c *Core) doTaskIn(tx *store.Tx, p Principal, id notion.ID) error {
	t, err := tx.AsyncTask(id)
	if err != nil || !t.FinishedTime.IsZero() {
		return err
	}
	at := slices.IndexFunc(asyncOperations, func(o *asyncOperation) bool { return o.name == t.Operation })
	if at < 0 {
		return fmt.Errorf("there is no operation %q to do later", t.Operation)
	}
	operation := asyncOperations[at]
	p.Integration = t.IntegrationID
	switch err := p.read(tx); {
	case errors.Is(err, store.ErrNotFound):
		return apierr.New(apierr.Unauthorized)
	case err != nil:
		return err
	case !p.Caps.Has(operation.needs):
		return apierr.New(apierr.RestrictedResource)
	}
	request, err := jsonx.Parse([]byte(t.Request))
	if err != nil {
		return err
	}
	o, err := operation.do(c, tx, &p, request)
	if err != nil {
		return err
	}
	return tx.FinishAsyncTask(id, o.AppendJSON(nil), nil)
}

// principalOf is a principal of a workspace whose integration is not known yet.
func (c *Core) principalOf(ctx context.Context, ws notion.ID) (*Principal, error) {
	var workspace store.Workspace
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		workspace, err = tx.DirectoryWorkspace(ws)
		return err
	})
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(workspace.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the zone of workspace %s: %w", ws, err)
	}
	return &Principal{Workspace: ws, WorkspaceName: workspace.Name, Zone: zone}, nil
}

// taskRef names a task.
type taskRef struct{ workspace, id notion.ID }

// taskQueue has tasks done one after the other in the order in which they came, by a
// goroutine that lives only while there are any.
type taskQueue struct {
	do func(taskRef)

	mu      sync.Mutex
	queue   []taskRef
	running taskRef
	busy    chan struct{} // closed when the goroutine ends, nil while there is none
	closed  bool
	homes   map[notion.ID]bool
}

func newTaskQueue(do func(taskRef)) *taskQueue {
	return &taskQueue{do: do, homes: map[notion.ID]bool{}}
}

func (q *taskQueue) knows(ws notion.ID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.homes[ws]
}

func (q *taskQueue) learn(ws notion.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.homes[ws] = true
}

// add has a task done, once if it is added again meanwhile.
func (q *taskQueue) add(ref taskRef) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.running == ref || slices.Contains(q.queue, ref) {
		return
	}
	q.queue = append(q.queue, ref)
	if q.busy == nil {
		q.busy = make(chan struct{})
		go q.drain(q.busy)
	}
}

func (q *taskQueue) drain(busy chan struct{}) {
	defer close(busy)
	for {
		q.mu.Lock()
		q.running = taskRef{}
		if q.closed || len(q.queue) == 0 {
			q.busy = nil
			q.mu.Unlock()
			return
		}
		q.running, q.queue = q.queue[0], q.queue[1:]
		ref := q.running
		q.mu.Unlock()
		q.do(ref)
	}
}

func (q *taskQueue) runs(ref taskRef) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running == ref
}

// wait waits until nothing is left to do.
func (q *taskQueue) wait(ctx context.Context) error {
	q.mu.Lock()
	busy := q.busy
	q.mu.Unlock()
	if busy == nil {
		return nil
	}
	select {
	case <-busy:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for the task that runs. Those that wait are left to the next server.
func (q *taskQueue) close() {
	q.mu.Lock()
	q.closed = true
	busy := q.busy
	q.mu.Unlock()
	if busy != nil {
		<-busy
	}
}
