package notion

import (
	"strconv"
	"time"

	"octavo/internal/jsonx"
)

// AsyncTask is something that is done after the answer to the request for it
// (pages-blocks.md §7).
type AsyncTask struct {
	ID ID
	// Status is "queued", "running", "succeeded" or "failed".
	Status string
	// StatusURL is where the status is asked for.
	StatusURL   string
	CreatedTime time.Time
	// PollAfter is when to ask next, in seconds; only a task that is not done says it.
	PollAfter int
	// Operation is the method and path of the request.
	Operation string
	// Result is what came of it, nil unless it succeeded, and Error why it failed, nil unless
	// it did.
	Result, Error Raw
}

// asyncTaskPrefix stands before the id of a task.
const asyncTaskPrefix = "task_"

// AsyncTaskID returns the id of a task as answers show it.
func AsyncTaskID(id ID) string { return asyncTaskPrefix + id.Compact() }

// ParseAsyncTaskID reads what [AsyncTaskID] returned.
func ParseAsyncTaskID(s string) (ID, bool) {
	if len(s) < len(asyncTaskPrefix) || s[:len(asyncTaskPrefix)] != asyncTaskPrefix {
		return ID{}, false
	}
	id, ok := ParseID(s[len(asyncTaskPrefix):])
	return id, ok && AsyncTaskID(id) == s
}

// AppendJSON appends the task.
func (t *AsyncTask) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"async_task","id":"`...)
	dst = append(dst, AsyncTaskID(t.ID)...)
	dst = append(dst, `","status":"`...)
	dst = append(dst, t.Status...)
	dst = append(dst, `","status_url":`...)
	dst = jsonx.AppendString(dst, t.StatusURL)
	dst = append(dst, `,"created_time":"`...)
	dst = t.CreatedTime.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(dst, '"')
	if t.PollAfter > 0 {
		dst = append(dst, `,"poll_after_seconds":`...)
		dst = strconv.AppendInt(dst, int64(t.PollAfter), 10)
	}
	dst = append(dst, `,"operation":{"surface":"rest","name":`...)
	dst = jsonx.AppendString(dst, t.Operation)
	dst = append(dst, '}')
	if t.Result != nil {
		dst = append(append(dst, `,"result":`...), t.Result...)
	}
	if t.Error != nil {
		dst = append(append(dst, `,"error":`...), t.Error...)
	}
	return append(dst, '}')
}
