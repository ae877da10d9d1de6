package api

import "octavo/internal/notion"

func getAsyncTask(a *API, c *call) (notion.Object, error) {
	return a.core.AsyncTask(c.ctx, c.principal, c.text["task_id"])
}
