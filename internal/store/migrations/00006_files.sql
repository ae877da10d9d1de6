-- A file that is, was or will be uploaded. expires_time is NULL once the upload lasts for
-- good, or is over.
CREATE TABLE file_upload (
	workspace_id      {{id}}   NOT NULL,
	id                {{id}}   NOT NULL,
	integration_id    {{id}}   NOT NULL,
	created_by        {{id}}   NOT NULL,
	by_person         {{bool}} NOT NULL,
	created_time      {{int}}  NOT NULL,
	last_edited_time  {{int}}  NOT NULL,
	expires_time      {{int}},
	status            {{text}} NOT NULL,
	mode              {{text}} NOT NULL,
	filename          {{text}},
	content_type      {{text}},
	content_length    {{int}}  NOT NULL,
	parts             {{int}}  NOT NULL,
	parts_sent        {{int}}  NOT NULL,
	source_url        {{text}},
	claimed_until     {{int}},
	import_result     {{text}},
	attached_revision {{int}}  NOT NULL,
	unreferenced_time {{int}},
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

CREATE INDEX file_upload_of ON file_upload (workspace_id, integration_id, id);

CREATE INDEX file_upload_expires ON file_upload (workspace_id, expires_time) WHERE expires_time IS NOT NULL;

-- What lies in the file storage, and what may lie there: a row is written before the bytes
-- are, and removed after they are, so that a crash leaves nothing behind that is not known.
CREATE TABLE file_part (
	workspace_id {{id}}   NOT NULL,
	id           {{id}}   NOT NULL,
	upload_id    {{id}}   NOT NULL,
	number       {{int}}  NOT NULL,
	size         {{int}}  NOT NULL,
	sha256       {{bytes}},
	state        {{text}} NOT NULL,
	noted_time   {{int}}  NOT NULL,
	PRIMARY KEY (workspace_id, id)
) {{keyed}};

CREATE INDEX file_part_of ON file_part (workspace_id, upload_id, number);

CREATE INDEX file_part_loose ON file_part (workspace_id, state, noted_time) WHERE state <> 'kept';

UPDATE meta SET value = '6' WHERE name = 'state_format';
