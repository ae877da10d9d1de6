-- A database is a block of type child_database, a data source a block of type data_source
-- below it; these tables hold what only they have.

CREATE TABLE database (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	title        {{text}} NOT NULL,
	description  {{text}} NOT NULL,
	icon         {{text}},
	cover        {{text}},
	is_inline    {{bool}} NOT NULL,
	is_locked    {{bool}} NOT NULL,
	dynamic      {{bool}} NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

CREATE TABLE data_source (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	title        {{text}} NOT NULL,
	description  {{text}} NOT NULL,
	icon         {{text}},
	dynamic      {{bool}} NOT NULL,
	properties   {{text}} NOT NULL,
	retired      {{text}} NOT NULL,
	next_number  {{int}}  NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{table}};

-- What a row keeps of the data sources it was in before.
ALTER TABLE page ADD COLUMN kept {{text}};

-- What filters and sorts ask of the values of rows. key holds a value so that its bytes are
-- in the order of values; package query makes it.
CREATE TABLE cell (
	workspace_id   {{id}}    NOT NULL,
	data_source_id {{id}}    NOT NULL,
	property_id    {{text}}  NOT NULL,
	page_id        {{id}}    NOT NULL,
	seq            {{int}}   NOT NULL,
	key            {{bytes}} NOT NULL,
	folded         {{text}},
	to_time        {{int}},
	whole_day      {{bool}}  NOT NULL,
	PRIMARY KEY (workspace_id, data_source_id, property_id, page_id, seq)
) {{keyed}};

CREATE INDEX cell_key ON cell (workspace_id, data_source_id, property_id, key, page_id, seq);

-- Rows by when they were edited. The condition keeps most blocks out: what is directly on a
-- page has its page as its parent.
CREATE INDEX row_edited ON block (workspace_id, parent_id, in_trash, last_edited_time, id) WHERE page_id < parent_id;

CREATE INDEX page_archived ON page (workspace_id, id) WHERE is_archived = TRUE;

CREATE TABLE relation (
	workspace_id   {{id}}   NOT NULL,
	data_source_id {{id}}   NOT NULL,
	property_id    {{text}} NOT NULL,
	from_id        {{id}}   NOT NULL,
	ord            {{int}}  NOT NULL,
	to_id          {{id}}   NOT NULL,
	PRIMARY KEY (workspace_id, data_source_id, property_id, from_id, ord)
) {{keyed}};

-- Which pages point at one page, through any property or through one.
CREATE UNIQUE INDEX relation_to ON relation (workspace_id, to_id, data_source_id, property_id, from_id);

UPDATE meta SET value = '2' WHERE name = 'state_format';
