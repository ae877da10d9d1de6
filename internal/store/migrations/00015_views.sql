-- A view of a database. data_source_id is zero for a dashboard, dashboard_id for a view that
-- is no widget of one. Package view says what the last four columns hold.
CREATE TABLE database_view (
	workspace_id     {{id}}   NOT NULL,
	id               {{id}}   NOT NULL,
	database_id      {{id}}   NOT NULL,
	data_source_id   {{id}}   NOT NULL,
	dashboard_id     {{id}}   NOT NULL,
	ord              {{text}} NOT NULL,
	type             {{text}} NOT NULL,
	name             {{text}} NOT NULL,
	created_time     {{int}}  NOT NULL,
	created_by       {{id}}   NOT NULL,
	last_edited_time {{int}}  NOT NULL,
	last_edited_by   {{id}}   NOT NULL,
	filter           {{text}},
	sorts            {{text}},
	quick_filters    {{text}},
	configuration    {{text}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

CREATE INDEX database_view_of ON database_view (workspace_id, database_id, ord, id);

CREATE INDEX database_view_over ON database_view (workspace_id, data_source_id, id);

-- What a view answered at one time: the ids of the pages, one after the other.
CREATE TABLE view_query (
	workspace_id   {{id}}    NOT NULL,
	id             {{id}}    NOT NULL,
	view_id        {{id}}    NOT NULL,
	integration_id {{id}}    NOT NULL,
	expires_time   {{int}}   NOT NULL,
	incomplete     {{bool}}  NOT NULL,
	pages          {{bytes}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

CREATE INDEX view_query_expires ON view_query (workspace_id, expires_time);

-- Migration 16 gives the data sources that are there the view that new ones are made with.
UPDATE meta SET value = '15' WHERE name = 'state_format';
