-- Pages that administrators have marked as templates of a data source.
CREATE TABLE page_template (
	workspace_id   {{id}}  NOT NULL,
	data_source_id {{id}}  NOT NULL,
	page_id        {{id}}  NOT NULL,
	is_default     {{bool}} NOT NULL,
	created_time   {{int}} NOT NULL,
	PRIMARY KEY (workspace_id, data_source_id, page_id)
) {{keyed}};

CREATE INDEX page_template_page ON page_template (workspace_id, page_id);

UPDATE meta SET value = '19' WHERE name = 'state_format';
