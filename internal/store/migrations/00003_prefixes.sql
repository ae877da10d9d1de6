-- Which prefixes of unique_id are taken, folded.
CREATE TABLE id_prefix (
	workspace_id   {{id}}   NOT NULL,
	prefix         {{text}} NOT NULL,
	data_source_id {{id}}   NOT NULL,
	PRIMARY KEY (workspace_id, prefix)
) {{keyed}};

CREATE INDEX id_prefix_source ON id_prefix (workspace_id, data_source_id);

UPDATE meta SET value = '3' WHERE name = 'state_format';
