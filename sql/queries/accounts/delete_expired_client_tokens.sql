-- Programs get a new token when one has expired; people see for how long theirs were valid.
DELETE FROM tokens WHERE client_id IS NOT NULL AND expires < now() - interval '1 day'
