-- What applications know us by, and prove themselves with, is looked through for what ends soon.
CREATE INDEX saml_certificates_by_end ON saml_certificates (not_after);
CREATE INDEX oidc_secrets_by_end ON oidc_secrets (expires_at);

-- Those that have not ended yet, by when they will and by when they began: what has ended waits to be told, and nobody steps over it.
DROP INDEX oidc_participants_by_end;
CREATE INDEX oidc_participants_by_end ON oidc_participants (expires_at) WHERE ended = 0;
CREATE INDEX oidc_participants_by_begin ON oidc_participants (created_at) WHERE ended = 0;
