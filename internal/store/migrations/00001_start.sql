CREATE TABLE meta (
	name  {{text}} NOT NULL PRIMARY KEY,
	value {{text}} NOT NULL
) {{keyed}};

-- The directory: what has to be known before the workspace is.

CREATE TABLE workspace (
	id           {{id}}   NOT NULL PRIMARY KEY,
	name         {{text}} NOT NULL,
	node         {{text}} NOT NULL,
	created_time {{int}}  NOT NULL
) {{keyed}};

CREATE TABLE token (
	hash           {{bytes}} NOT NULL PRIMARY KEY,
	id             {{id}}    NOT NULL UNIQUE,
	workspace_id   {{id}}    NOT NULL,
	integration_id {{id}}    NOT NULL,
	name           {{text}}  NOT NULL,
	last4          {{text}}  NOT NULL,
	created_time   {{int}}   NOT NULL,
	expires_time   {{int}},
	revoked_time   {{int}}
) {{keyed}};

CREATE INDEX token_of_workspace ON token (workspace_id, integration_id, id);

-- The workspaces: every key begins with workspace_id.

CREATE TABLE workspace_state (
	workspace_id {{id}}  NOT NULL PRIMARY KEY,
	revision     {{int}} NOT NULL
) {{keyed}};

CREATE TABLE user_account (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	type         {{text}} NOT NULL,
	name         {{text}} NOT NULL,
	avatar_url   {{text}},
	email        {{text}},
	role         {{text}} NOT NULL,
	created_time {{int}}  NOT NULL,
	deactivated  {{bool}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

CREATE UNIQUE INDEX user_account_email ON user_account (workspace_id, email);

CREATE TABLE integration (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	bot_id       {{id}}   NOT NULL,
	name         {{text}} NOT NULL,
	kind         {{text}} NOT NULL,
	capabilities {{text}} NOT NULL,
	owner_id     {{id}}   NOT NULL,
	created_time {{int}}  NOT NULL,
	disabled     {{bool}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

CREATE INDEX integration_bot ON integration (workspace_id, bot_id);

CREATE TABLE share (
	workspace_id   {{id}} NOT NULL,
	integration_id {{id}} NOT NULL,
	node_id        {{id}} NOT NULL,
	PRIMARY KEY (workspace_id, integration_id, node_id)
) {{keyed}};

CREATE INDEX share_of_node ON share (workspace_id, node_id, integration_id);

CREATE TABLE block (
	workspace_id     {{id}}   NOT NULL,
	id               {{id}}   NOT NULL,
	type             {{text}} NOT NULL,
	parent_id        {{id}}   NOT NULL,
	page_id          {{id}}   NOT NULL,
	ord              {{text}} NOT NULL,
	created_time     {{int}}  NOT NULL,
	created_by       {{id}}   NOT NULL,
	last_edited_time {{int}}  NOT NULL,
	last_edited_by   {{id}}   NOT NULL,
	in_trash         {{bool}} NOT NULL,
	dynamic          {{bool}} NOT NULL,
	payload          {{text}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

-- in_trash comes before the order so that a listing and the question whether there are
-- children at all never walk over what is in the trash.
CREATE INDEX block_children ON block (workspace_id, parent_id, in_trash, ord, id);

CREATE TABLE page (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	properties   {{text}} NOT NULL,
	icon         {{text}},
	cover        {{text}},
	title        {{text}} NOT NULL,
	is_locked    {{bool}} NOT NULL,
	is_archived  {{bool}} NOT NULL,
	dynamic      {{bool}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

CREATE TABLE event (
	workspace_id {{id}}   NOT NULL,
	revision     {{int}}  NOT NULL,
	seq          {{int}}  NOT NULL,
	type         {{text}} NOT NULL,
	node_id      {{id}}   NOT NULL,
	author_id    {{id}}   NOT NULL,
	time         {{int}}  NOT NULL,
	data         {{text}} NOT NULL,
	PRIMARY KEY (workspace_id, revision, seq)
) {{keyed}};

INSERT INTO meta (name, value) VALUES ('state_format', '1');
