-- Nobody can use these any more.
DELETE FROM logins WHERE expires < now()
