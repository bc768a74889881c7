-- The row of a load that has ended in the transaction that stores it. It may have got its id before, for its history; when
-- it changed readings is said as late as that can be, and is when it ended: who asks for the readings of then gets its own.
WITH moment AS MATERIALIZED (
    SELECT clock_timestamp() AS now
)
INSERT INTO loads (
    id, project_owner_id, user_id, kind, file_name, size, sha256, bytes_read, is_dry_run, status, message, request_id,
    counts, energy, undoes, changed, started, ended
)
OVERRIDING SYSTEM VALUE
SELECT
    coalesce(%(id)s::bigint, nextval(pg_get_serial_sequence('loads', 'id'))),
    %(project_owner_id)s, %(user_id)s, %(kind)s, %(file_name)s, %(size)s::bigint, %(sha256)s::bytea,
    coalesce(%(size)s::bigint, 0), false, %(status)s, %(message)s, %(request_id)s, %(counts)s::jsonb, %(energy)s::jsonb,
    %(undoes)s::bigint, CASE WHEN %(has_changes)s THEN moment.now END, now(), moment.now
FROM moment
RETURNING id
