-- The picture of an emoji as an uploaded file, in the stored form of package media; NULL for one
-- that is at its url.
ALTER TABLE custom_emoji ADD COLUMN picture {{text}};

UPDATE meta SET value = '22' WHERE name = 'state_format';
