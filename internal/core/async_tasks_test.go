package core_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// later takes on to make a page and returns the task.
func (b *bench) later(p *core.Principal, text string) string {
	b.t.Helper()
	o, err := b.CreatePageLater(b.ctx, p, core.NewPage{
		Parent:   jsonx.ObjectValue(jsonx.M("page_id", jsonx.StringValue(b.first.Page.String()))),
		Markdown: jsonx.StringValue(text), MarkdownVersion: markdown.V1,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return field(b.t, o, "id")
}

// field returns a string of an answer.
func field(t *testing.T, o notion.Object, key string) string {
	t.Helper()
	v, err := jsonx.Parse(o.AppendJSON(nil))
	if err != nil {
		t.Fatal(err)
	}
	return v.Get(key).Text()
}

func (b *bench) taskStatus(p *core.Principal, id string) string {
	b.t.Helper()
	o, err := b.AsyncTask(b.ctx, p, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return field(b.t, o, "status")
}

func (b *bench) tasksDone() {
	b.t.Helper()
	if err := b.AsyncTasksDone(b.ctx); err != nil {
		b.t.Fatal(err)
	}
}

// TestTasksSurviveTheEnd: what was taken on when a server ended is done by the next one, once.
func TestTasksSurviveTheEnd(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.HoldTasks()
		p := b.principal()
		var tasks []string
		for i := range 3 {
			tasks = append(tasks, b.later(p, fmt.Sprintf("# Page %d\ntext", i)))
		}
		tasks = append(tasks, b.later(p, "<mention-page url=\"https://o/00000000000000000000000000000001\"/>"))
		if status := b.taskStatus(p, tasks[0]); status != "queued" {
			t.Errorf("a task that nobody does is %s", status)
		}
		b.tasksDone()
		page := b.first.Page
		before := b.countPages(page)
		b.Close()

		b.start(core.BootstrapOptions{})
		for range 2 { // two servers that share the data may both find it
			if err := b.ResumeAsyncTasks(b.ctx); err != nil {
				t.Fatal(err)
			}
			b.tasksDone()
		}
		for i, id := range tasks {
			want := "succeeded"
			if i == 3 {
				want = "failed"
			}
			if status := b.taskStatus(p, id); status != want {
				t.Errorf("task %d is %s", i, status)
			}
		}
		if made := b.countPages(page) - before; made != 3 {
			t.Errorf("%d pages were made", made)
		}
	})
}

// countPages counts what is directly on a page.
func (b *bench) countPages(on notion.ID) (n int) {
	b.t.Helper()
	err := b.store.View(b.ctx, b.first.Workspace, func(tx *store.Tx) error {
		rows, err := tx.Children(on, store.From{}, 100)
		n = len(rows)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// TestTasksThatAreAskedForAreDone: a task that its process has left undone is done by
// whichever is asked for it.
func TestTasksThatAreAskedForAreDone(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		other := core.New(b.store, b.clock, b.ids, core.Options{PublicURL: "http://octavo.test"})
		defer other.Close()
		b.HoldTasks()
		p := b.principal()
		id := b.later(p, "# Title")
		b.tasksDone()
		if _, err := other.AsyncTask(b.ctx, p, id); err != nil {
			t.Fatal(err)
		}
		if err := other.AsyncTasksDone(b.ctx); err != nil {
			t.Fatal(err)
		}
		if status := b.taskStatus(p, id); status != "succeeded" {
			t.Errorf("the task is %s", status)
		}
	})
}

// TestTasksActForTheirConnection: who may no longer write when the task is done is refused.
func TestTasksActForTheirConnection(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.HoldTasks()
		p := b.principal()
		id := b.later(p, "# Title")
		b.tasksDone()
		reading := []string{"read_content"}
		if _, err := b.UpdateIntegration(b.ctx, b.first.Workspace, p.Integration, core.IntegrationChange{Capabilities: reading}); err != nil {
			t.Fatal(err)
		}
		b.start(core.BootstrapOptions{})
		if err := b.ResumeAsyncTasks(b.ctx); err != nil {
			t.Fatal(err)
		}
		b.tasksDone()
		o, err := b.AsyncTask(b.ctx, p, id)
		if err != nil || !strings.Contains(string(o.AppendJSON(nil)), `"error":{"object":"error","status":403,"code":"restricted_resource"`) {
			t.Errorf("%s, %v", o.AppendJSON(nil), err)
		}
	})
}

// TestOldTasksAreForgotten: tasks go from the database a day after they were done, however long
// changes are remembered, and those that wait stay.
func TestOldTasksAreForgotten(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		done := b.later(p, "# Done")
		b.tasksDone()
		b.HoldTasks()
		waits := b.later(p, "# Waits")
		b.tasksDone()
		b.clock.Advance(core.AsyncTaskLife - time.Second)
		for _, want := range []int{2, 1, 1} {
			if err := b.ForgetExpired(b.ctx); err != nil {
				t.Fatal(err)
			}
			if n := b.stored(done, waits); n != want {
				t.Errorf("%d tasks are stored, want %d", n, want)
			}
			b.clock.Advance(time.Second)
		}
	})
}

// stored counts which tasks there are in the database.
func (b *bench) stored(tasks ...string) (n int) {
	b.t.Helper()
	err := b.store.View(b.ctx, b.first.Workspace, func(tx *store.Tx) error {
		for _, name := range tasks {
			id, _ := notion.ParseAsyncTaskID(name)
			switch _, err := tx.AsyncTask(id); {
			case err == nil:
				n++
			case !errors.Is(err, store.ErrNotFound):
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}
