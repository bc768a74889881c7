INSERT INTO loads (project_owner_id, user_id, kind, is_dry_run, status, counts, energy, changed, started, ended)
VALUES (1, 1, 'records', false, 'SUCCESS', '{"created": 1, "updated": 1}', '{"KWH": {"added": 2.5, "removed": 1}}', now(), now(), now());
INSERT INTO loads (project_owner_id, user_id, kind, is_dry_run, status, counts, energy, undoes, started, ended)
VALUES (1, 1, 'undo', false, 'SUCCESS', '{}', '{}', 1, now(), now());
INSERT INTO record_additions (metadata_id, load_id, first_start, last_start, part) VALUES (1, 2, '2013-07-01Z', '2013-07-01Z', 0);
INSERT INTO record_versions (metadata_id, month, first_start, last_start, readings, energy, step, value, load_id, part)
VALUES (1, '2013-07-01', '2013-07-02Z', '2013-07-02Z', 1, 1, 0, '{1}', 2, 0);
