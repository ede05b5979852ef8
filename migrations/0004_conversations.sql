-- One store of messages, whoever they are from and whichever way they came.
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    -- unique in the agent: a name that a client chose, or the default of one counterparty on one channel
    key TEXT NOT NULL,
    chosen BIGINT NOT NULL DEFAULT 0,
    channel TEXT NOT NULL,
    counterparty_id TEXT NOT NULL,
    counterparty_type TEXT NOT NULL,
    counterparty_name TEXT NOT NULL,
    message_count BIGINT NOT NULL DEFAULT 0,
    unread_count BIGINT NOT NULL DEFAULT 0,
    last_message_at BIGINT NOT NULL,
    last_message_preview TEXT,
    -- what compaction made of the messages up to and including summary_seq
    summary TEXT,
    summary_seq BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_key ON conversations (agent_id, key);
CREATE INDEX conversations_recent ON conversations (org_id, agent_id, last_message_at, id);
CREATE INDEX conversations_org ON conversations (org_id, last_message_at, id);

CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    role TEXT NOT NULL,
    sender_type TEXT NOT NULL,
    sender_id TEXT NOT NULL,
    content TEXT NOT NULL,
    metadata TEXT,
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    queue_mode TEXT NOT NULL,
    reply_to_id TEXT,
    turn_id TEXT,
    error TEXT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    read_at BIGINT
);
CREATE UNIQUE INDEX messages_agent ON messages (agent_id, seq);
CREATE INDEX messages_conversation ON messages (conversation_id, seq);
CREATE INDEX messages_turn ON messages (turn_id);
CREATE INDEX messages_hour ON messages (org_id, created_at, role);
