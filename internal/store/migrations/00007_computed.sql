-- Of which computed properties of a data source there are cells: package core writes the list.
ALTER TABLE data_source ADD COLUMN computed {{text}} NOT NULL DEFAULT '';

UPDATE meta SET value = '7' WHERE name = 'state_format';
