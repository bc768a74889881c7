-- Who has logged in starts afresh.
DELETE FROM login_attempts WHERE who = %(who)s
