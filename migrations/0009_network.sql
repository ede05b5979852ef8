-- Agents that dial in: which agent a credential's machine is, who is linked to which node, and what went over the links.

-- what an agent's client says it is, and the key that it shows its peers
ALTER TABLE agents ADD COLUMN agent_version TEXT;
ALTER TABLE agents ADD COLUMN public_key TEXT;
-- newest seen first
CREATE INDEX agents_seen ON agents (org_id, (COALESCE(last_seen_at, 0)), id);

-- made to enrol agents; others were made for one agent
ALTER TABLE agent_tokens ADD COLUMN enrols BIGINT NOT NULL DEFAULT 0;
UPDATE agent_tokens SET enrols = 1 WHERE agent_id IS NULL;

CREATE TABLE enrolments (
    -- a token or an API key
    credential_id TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    -- null once the agent was deleted, so that the machine does not come back as another one
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (credential_id, machine_id)
);
CREATE INDEX enrolments_agent ON enrolments (agent_id);

-- Live state: a node beats while it lives, and the links of one that is silent are gone.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL
);

CREATE TABLE links (
    agent_id TEXT PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    node_id TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    version TEXT,
    since BIGINT NOT NULL,
    -- when something was last sent or received, heartbeats aside: an agent is idle after a while without
    active_at BIGINT NOT NULL,
    bytes_in BIGINT NOT NULL DEFAULT 0,
    bytes_out BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX links_org ON links (org_id, since, agent_id);
CREATE INDEX links_node ON links (node_id);

-- bytes of WebSocket payload both ways since the first start
CREATE TABLE traffic (
    org_id TEXT PRIMARY KEY REFERENCES orgs (id) ON DELETE CASCADE,
    bytes BIGINT NOT NULL
);

-- how many agents a message passed through, for those that are in no turn
ALTER TABLE messages ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
-- what an agent that runs elsewhere replied, once to each message
CREATE UNIQUE INDEX messages_reply ON messages (reply_to_id) WHERE role = 'assistant' AND turn_id IS NULL;

-- how much an owner remembers, without reading the values
CREATE INDEX memory_size ON memory (org_id, owner, size);
