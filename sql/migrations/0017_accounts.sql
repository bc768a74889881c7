-- Attempts to log in since the last that succeeded, by whom they say they are and from where. UNLOGGED: a crash of the
-- server may forget them.
CREATE UNLOGGED TABLE login_attempts (
    who      bytea PRIMARY KEY,
    attempts integer NOT NULL DEFAULT 1,
    tried    timestamptz NOT NULL DEFAULT clock_timestamp(),
    next     timestamptz NOT NULL DEFAULT clock_timestamp()  -- no attempt is looked at before
);

-- Browsers in which somebody has logged in. Their cookies name the row, and are worthless without it.
CREATE TABLE logins (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires timestamptz NOT NULL
);
CREATE INDEX ix_logins_user_id ON logins (user_id);

-- The OAuth2 client that a token was given to, none for one that a person has made.
ALTER TABLE tokens ADD COLUMN client_id bigint REFERENCES oauth_clients (id) ON DELETE CASCADE;
CREATE INDEX ix_tokens_client_id ON tokens (client_id);

-- Of the token of a registry its hash, which proves it, and from which nobody reads it.
ALTER TABLE registry_connections ADD COLUMN token_digest bytea;
UPDATE registry_connections SET token_digest = sha256(token::text::bytea);
ALTER TABLE registry_connections
    ALTER COLUMN token_digest SET NOT NULL,
    DROP COLUMN token,
    ADD CONSTRAINT registry_connections_token_key UNIQUE (token_digest);
