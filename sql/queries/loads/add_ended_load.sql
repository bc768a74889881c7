-- The row of a load that has ended in the transaction that stores it. It may have got its id before, for its history; when
-- it changed readings is said as late as that can be.
INSERT INTO loads (
    id, project_owner_id, user_id, kind, file_name, size, sha256, bytes_read, is_dry_run, status, message, request_id,
    counts, energy, undoes, changed, started, ended
)
OVERRIDING SYSTEM VALUE
VALUES (
    coalesce(%(id)s::bigint, nextval(pg_get_serial_sequence('loads', 'id'))),
    %(project_owner_id)s, %(user_id)s, %(kind)s, %(file_name)s, %(size)s::bigint, %(sha256)s::bytea, coalesce(%(size)s::bigint, 0), false,
    %(status)s, %(message)s, %(request_id)s, %(counts)s, %(energy)s, %(undoes)s,
    CASE WHEN %(has_changes)s THEN clock_timestamp() END, now(), clock_timestamp()
)
RETURNING id
