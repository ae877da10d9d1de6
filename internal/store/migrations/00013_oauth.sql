-- Directory: public integrations as they are registered. Who authorises one gets an integration of their own in their
-- workspace, which carries client_id.
CREATE TABLE oauth_client (
	id            {{id}}    NOT NULL PRIMARY KEY,
	name          {{text}}  NOT NULL,
	capabilities  {{text}}  NOT NULL,
	redirect_uris {{text}}  NOT NULL,
	secret_hash   {{bytes}} NOT NULL,
	created_time  {{int}}   NOT NULL,
	disabled      {{bool}}  NOT NULL
) {{keyed}};

-- Directory: one authorisation, its code, and with it the family of the tokens that come of it.
CREATE TABLE oauth_grant (
	id                {{id}}    NOT NULL PRIMARY KEY,
	code_hash         {{bytes}} NOT NULL UNIQUE,
	client_id         {{id}}    NOT NULL,
	workspace_id      {{id}}    NOT NULL,
	integration_id    {{id}}    NOT NULL,
	redirect_uri      {{text}},
	challenge         {{text}},
	created_time      {{int}}   NOT NULL,
	code_expires_time {{int}}   NOT NULL,
	code_used_time    {{int}},
	revoked_time      {{int}}
) {{keyed}};

-- Codes that nobody has used.
CREATE INDEX oauth_grant_unused ON oauth_grant (code_expires_time) WHERE code_used_time IS NULL;

-- Directory: a refresh token. A used one stays, so that its second use is noticed.
CREATE TABLE oauth_refresh (
	hash         {{bytes}} NOT NULL PRIMARY KEY,
	grant_id     {{id}}    NOT NULL,
	created_time {{int}}   NOT NULL,
	used_time    {{int}}
) {{keyed}};

CREATE INDEX oauth_refresh_of_grant ON oauth_refresh (grant_id);

ALTER TABLE token ADD COLUMN grant_id {{id}};

CREATE INDEX token_of_grant ON token (grant_id) WHERE grant_id IS NOT NULL;

ALTER TABLE integration ADD COLUMN client_id {{id}};

CREATE INDEX integration_of_client ON integration (workspace_id, client_id, owner_id) WHERE client_id IS NOT NULL;

UPDATE meta SET value = '13' WHERE name = 'state_format';
