-- Something that a connection has asked to be done later. finished_time, and either result
-- or error, are NULL until it is done.
CREATE TABLE async_task (
	workspace_id   {{id}}   NOT NULL,
	id             {{id}}   NOT NULL,
	integration_id {{id}}   NOT NULL,
	operation      {{text}} NOT NULL,
	request        {{text}} NOT NULL,
	created_time   {{int}}  NOT NULL,
	finished_time  {{int}},
	result         {{text}},
	error          {{text}},
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

CREATE INDEX async_task_finished ON async_task (workspace_id, finished_time, id);

-- In the directory: the workspaces that have, or have had, such tasks.
CREATE TABLE async_task_home (
	workspace_id {{id}} NOT NULL PRIMARY KEY
) {{keyed}};

UPDATE meta SET value = '17' WHERE name = 'state_format';
