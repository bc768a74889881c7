-- Of all tokens of a client the latest stay valid.
DELETE FROM tokens
WHERE client_id = %(client_id)s
  AND id NOT IN (SELECT id FROM tokens WHERE client_id = %(client_id)s ORDER BY id DESC LIMIT %(kept)s)
