INSERT INTO loads (project_owner_id, user_id, kind, file_name, size, sha256, is_dry_run, status, bytes_read, outcome, refused_rows, started, ended)
VALUES (1, 1, 'energy', 'main.csv', 120, sha256('x'), false, 'SUCCESS', 120, '{"refused": 1}', 'line,error', now(), now());
