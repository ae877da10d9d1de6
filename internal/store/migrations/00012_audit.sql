-- Directory: what administrators have done. id is that of the request; workspace_id and target_id are zero where there is
-- none; status is 0 until it is known what came of it.
CREATE TABLE audit_entry (
	id           {{id}}   NOT NULL PRIMARY KEY,
	time         {{int}}  NOT NULL,
	workspace_id {{id}}   NOT NULL,
	actor        {{text}} NOT NULL,
	address      {{text}} NOT NULL,
	client       {{text}} NOT NULL,
	action       {{text}} NOT NULL,
	target_id    {{id}}   NOT NULL,
	parameters   {{text}} NOT NULL,
	status       {{int}}  NOT NULL,
	code         {{text}} NOT NULL
) {{keyed}};

CREATE INDEX audit_entry_time ON audit_entry (time, id);

CREATE INDEX audit_entry_target ON audit_entry (target_id, time, id);

UPDATE meta SET value = '12' WHERE name = 'state_format';
