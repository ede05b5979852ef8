-- What agents remember: values by key, of one agent (owner is its id) or of all agents of the org (owner is empty).
CREATE TABLE memory (
    org_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    size BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, owner, key)
);
CREATE INDEX memory_recent ON memory (org_id, owner, changed_at);
