-- Directory: the workspaces that have subscriptions.
CREATE TABLE webhook_home (
	workspace_id {{id}} NOT NULL PRIMARY KEY
) {{keyed}};

-- Which process sends the webhooks of a workspace, and until when it may.
CREATE TABLE webhook_lease (
	workspace_id {{id}}  NOT NULL PRIMARY KEY,
	owner        {{id}}  NOT NULL,
	until        {{int}} NOT NULL
) {{keyed}};

-- revision and seq are the place in the log of events up to which the subscription has read.
CREATE TABLE webhook (
	workspace_id   {{id}}   NOT NULL,
	id             {{id}}   NOT NULL,
	integration_id {{id}}   NOT NULL,
	url            {{text}} NOT NULL,
	events         {{text}} NOT NULL,
	api_version    {{text}} NOT NULL,
	token          {{text}} NOT NULL,
	state          {{text}} NOT NULL,
	reason         {{text}} NOT NULL,
	created_time   {{int}}  NOT NULL,
	revision       {{int}}  NOT NULL,
	seq            {{int}}  NOT NULL,
	failing_since  {{int}},
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

-- What has happened to one node and is held back for what may still follow.
CREATE TABLE webhook_fold (
	workspace_id {{id}}   NOT NULL,
	webhook_id   {{id}}   NOT NULL,
	node_id      {{id}}   NOT NULL,
	due_time     {{int}}  NOT NULL,
	state        {{text}} NOT NULL,
	PRIMARY KEY (workspace_id, webhook_id, node_id)
) {{table}};

CREATE INDEX webhook_fold_due ON webhook_fold (workspace_id, webhook_id, due_time, node_id);

-- An event on its way to a subscription; due_time is NULL when it needs no more attempts.
CREATE TABLE webhook_delivery (
	workspace_id {{id}}   NOT NULL,
	webhook_id   {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	type         {{text}} NOT NULL,
	entity_id    {{id}}   NOT NULL,
	created_time {{int}}  NOT NULL,
	due_time     {{int}},
	state        {{text}} NOT NULL,
	attempts     {{int}}  NOT NULL,
	body         {{text}} NOT NULL,
	log          {{text}} NOT NULL,
	PRIMARY KEY (workspace_id, webhook_id, id)
) {{table}};

CREATE INDEX webhook_delivery_due ON webhook_delivery (workspace_id, webhook_id, due_time, id) WHERE due_time IS NOT NULL;

CREATE INDEX webhook_delivery_done ON webhook_delivery (workspace_id, created_time) WHERE due_time IS NULL;

-- The revision up to which the log of events has been forgotten.
ALTER TABLE workspace_state ADD COLUMN forgotten {{int}} NOT NULL DEFAULT 0;

UPDATE meta SET value = '8' WHERE name = 'state_format';
