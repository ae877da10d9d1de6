CREATE TABLE custom_emoji (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	name         {{text}} NOT NULL,
	url          {{text}} NOT NULL,
	created_time {{int}}  NOT NULL,
	PRIMARY KEY (workspace_id, id),
	UNIQUE (workspace_id, name)
) {{keyed}};

UPDATE meta SET value = '18' WHERE name = 'state_format';
