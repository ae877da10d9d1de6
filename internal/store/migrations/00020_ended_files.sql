-- Uploads that are over are forgotten after a while. What they were last edited at is when
-- they ended.
CREATE INDEX file_upload_ended ON file_upload (workspace_id, last_edited_time) WHERE status IN ('expired', 'failed');

UPDATE meta SET value = '20' WHERE name = 'state_format';
