-- What links to the files of a workspace are signed with; NULL before its first upload.
ALTER TABLE workspace_state ADD COLUMN file_key {{bytes}};

UPDATE meta SET value = '11' WHERE name = 'state_format';
