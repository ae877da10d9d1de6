-- The zone of the days that a workspace lives by, by its name in the IANA database.
ALTER TABLE workspace ADD COLUMN time_zone {{text}} NOT NULL DEFAULT 'UTC';

UPDATE meta SET value = '4' WHERE name = 'state_format';
