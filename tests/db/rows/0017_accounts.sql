INSERT INTO login_attempts (who) VALUES ('\x03');
INSERT INTO logins (user_id, expires) VALUES (1, '2100-01-01Z');
