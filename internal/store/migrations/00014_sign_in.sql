-- Directory: the password of a person, and the e-mail they sign in with, which is that of their row in the workspace.
CREATE TABLE login (
	workspace_id {{id}}   NOT NULL,
	user_id      {{id}}   NOT NULL,
	email        {{text}} NOT NULL,
	password     {{text}} NOT NULL,
	changed_time {{int}}  NOT NULL,
	PRIMARY KEY (workspace_id, user_id)
) {{keyed}};

CREATE INDEX login_email ON login (email);

-- Directory: a link that lets a person set their password, once.
CREATE TABLE invitation (
	hash         {{bytes}} NOT NULL PRIMARY KEY,
	workspace_id {{id}}    NOT NULL,
	user_id      {{id}}    NOT NULL,
	expires_time {{int}}   NOT NULL
) {{keyed}};

CREATE INDEX invitation_of_user ON invitation (workspace_id, user_id);

-- Directory: a browser in which people are signed in, perhaps in several workspaces.
CREATE TABLE session (
	hash         {{bytes}} NOT NULL,
	workspace_id {{id}}    NOT NULL,
	user_id      {{id}}    NOT NULL,
	expires_time {{int}}   NOT NULL,
	PRIMARY KEY (hash, workspace_id, user_id)
) {{keyed}};

CREATE INDEX session_of_user ON session (workspace_id, user_id);

CREATE INDEX session_expires ON session (expires_time);

UPDATE meta SET value = '14' WHERE name = 'state_format';
