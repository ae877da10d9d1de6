-- The title of a data source as plain text.
ALTER TABLE data_source ADD COLUMN name {{text}} NOT NULL DEFAULT '';

-- The words that titles of pages and data sources are found by; package words makes them.
CREATE TABLE title_word (
	workspace_id {{id}}   NOT NULL,
	word         {{text}} NOT NULL,
	node_id      {{id}}   NOT NULL,
	PRIMARY KEY (workspace_id, word, node_id)
) {{keyed}};

-- What searches find, by when it was edited.
CREATE INDEX found_edited ON block (workspace_id, type, in_trash, last_edited_time, id) WHERE type = 'child_page' OR type = 'data_source';

-- What is in the trash by itself.
CREATE INDEX block_trash ON block (workspace_id, id) WHERE in_trash = TRUE;

-- Migration 10 writes names and words for what is stored already.
UPDATE meta SET value = '9' WHERE name = 'state_format';
