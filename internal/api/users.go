package api

import "octavo/internal/notion"

func getSelf(a *API, c *call) (notion.Object, error) {
	return a.core.Self(c.ctx, c.principal)
}

func getUser(a *API, c *call) (notion.Object, error) {
	return a.core.User(c.ctx, c.principal, c.ids["user_id"])
}

func listUsers(a *API, c *call) (notion.Object, error) {
	return a.core.Users(c.ctx, c.principal, c.pageOf())
}
