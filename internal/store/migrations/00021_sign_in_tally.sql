-- Directory: how often passwords have been tried in a window of time, by a hash of what is counted.
CREATE TABLE sign_in_tally (
	hash      {{bytes}} NOT NULL PRIMARY KEY,
	tried     {{int}}   NOT NULL,
	ends_time {{int}}   NOT NULL
) {{keyed}};

CREATE INDEX sign_in_tally_ends ON sign_in_tally (ends_time);

UPDATE meta SET value = '21' WHERE name = 'state_format';
