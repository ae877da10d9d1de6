-- A discussion is a thread of comments on one page or block.
CREATE TABLE discussion (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	node_id      {{id}}   NOT NULL,
	resolved     {{bool}} NOT NULL,
	created_time {{int}}  NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

CREATE INDEX discussion_of_node ON discussion (workspace_id, node_id, id);

-- node_id and resolved are those of the discussion, so that a listing is one range of an index.
CREATE TABLE comment (
	workspace_id     {{id}}   NOT NULL,
	id               {{id}}   NOT NULL,
	discussion_id    {{id}}   NOT NULL,
	node_id          {{id}}   NOT NULL,
	revision         {{int}}  NOT NULL,
	created_time     {{int}}  NOT NULL,
	created_by       {{id}}   NOT NULL,
	last_edited_time {{int}}  NOT NULL,
	rich_text        {{text}} NOT NULL,
	dynamic          {{bool}} NOT NULL,
	attachments      {{text}},
	display_type     {{text}} NOT NULL,
	display_id       {{id}}   NOT NULL,
	display_name     {{text}} NOT NULL,
	resolved         {{bool}} NOT NULL,
	deleted          {{bool}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

CREATE INDEX comment_open ON comment (workspace_id, node_id, revision, id) WHERE deleted = FALSE AND resolved = FALSE;

CREATE INDEX comment_of_discussion ON comment (workspace_id, discussion_id) WHERE deleted = FALSE;

UPDATE meta SET value = '5' WHERE name = 'state_format';
