-- What all migrations together make; a test compares it. To write it anew: UPDATE_SNAPSHOTS=1 cargo test -p muster-store
-- agent_files
CREATE TABLE agent_files (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    org_id TEXT NOT NULL,
    content TEXT NOT NULL,
    encoding TEXT NOT NULL,
    size BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (agent_id, path)
)

-- agent_tokens
CREATE TABLE agent_tokens (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    agent_id TEXT,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
, enrols BIGINT NOT NULL DEFAULT 0)
CREATE UNIQUE INDEX agent_tokens_hash ON agent_tokens (hash)
CREATE INDEX agent_tokens_org ON agent_tokens (org_id, created_at, id)

-- agents
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    source TEXT NOT NULL,
    lifecycle TEXT NOT NULL,
    lifecycle_reason TEXT,
    presence TEXT NOT NULL,
    -- the model that the current definition names, for lists
    model TEXT,
    version BIGINT NOT NULL,
    mcp_server_count BIGINT NOT NULL DEFAULT 0,
    balance BIGINT NOT NULL,
    reserved BIGINT NOT NULL DEFAULT 0,
    output_tokens_used BIGINT NOT NULL DEFAULT 0,
    message_count BIGINT NOT NULL DEFAULT 0,
    message_seq BIGINT NOT NULL DEFAULT 0,
    running_turns BIGINT NOT NULL DEFAULT 0,
    last_seen_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
, hosted BIGINT NOT NULL DEFAULT 1, role TEXT, session_key TEXT, last_activity TEXT, agent_version TEXT, public_key TEXT)
CREATE INDEX agents_changed ON agents (org_id, changed_at, id)
CREATE INDEX agents_created ON agents (org_id, created_at, id)
CREATE UNIQUE INDEX agents_name ON agents (org_id, name)
CREATE UNIQUE INDEX agents_number ON agents (number)
CREATE INDEX agents_seen ON agents (org_id, (COALESCE(last_seen_at, 0)), id)
CREATE UNIQUE INDEX agents_session_key ON agents (org_id, session_key)

-- api_keys
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
)
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash)
CREATE INDEX api_keys_org ON api_keys (org_id, created_at, id)

-- connector_grants
CREATE TABLE connector_grants (
    connector_id TEXT NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (connector_id, agent_id)
)
CREATE INDEX connector_grants_of_agent ON connector_grants (agent_id)

-- connectors
CREATE TABLE connectors (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    description TEXT,
    enabled BIGINT NOT NULL,
    -- without secrets, which are sealed under the connector's id
    settings TEXT NOT NULL,
    -- counts the changes of what it is, so that no connection outlives the settings that it was made with
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
)
CREATE INDEX connectors_created ON connectors (org_id, created_at, id)
CREATE UNIQUE INDEX connectors_name ON connectors (org_id, name)

-- conversations
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
)
CREATE UNIQUE INDEX conversations_key ON conversations (agent_id, key)
CREATE INDEX conversations_of_agents ON conversations (org_id, counterparty_id) WHERE counterparty_type = 'agent'
CREATE INDEX conversations_org ON conversations (org_id, last_message_at, id)
CREATE INDEX conversations_recent ON conversations (org_id, agent_id, last_message_at, id)
CREATE INDEX conversations_unread ON conversations (org_id, counterparty_id) WHERE counterparty_type = 'agent' AND unread_count > 0

-- counters
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
)

-- definitions
CREATE TABLE definitions (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    org_id TEXT NOT NULL,
    body TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL, about TEXT,
    PRIMARY KEY (agent_id, version)
)

-- enrolments
CREATE TABLE enrolments (
    -- a token or an API key
    credential_id TEXT NOT NULL,
    machine_id TEXT NOT NULL,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    -- null once the agent was deleted, so that the machine does not come back as another one
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (credential_id, machine_id)
)
CREATE INDEX enrolments_agent ON enrolments (agent_id)

-- event_heads
CREATE TABLE event_heads (
    org_id TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- the chain before this place was deleted by retention; it goes on from this hash
    pruned_seq BIGINT NOT NULL DEFAULT 0,
    pruned_hash TEXT NOT NULL DEFAULT ''
)

-- events
CREATE TABLE events (
    org_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (org_id, seq)
)
CREATE INDEX events_subject ON events (org_id, subject, seq)
CREATE INDEX events_type ON events (org_id, type, seq)

-- idempotency
CREATE TABLE idempotency (
    org_id TEXT NOT NULL,
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    subject TEXT,
    status BIGINT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, principal, key)
)
CREATE INDEX idempotency_age ON idempotency (created_at)

-- jobs
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    org_id TEXT,
    payload TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL
)
CREATE INDEX jobs_due ON jobs (run_at, id)
CREATE UNIQUE INDEX jobs_key ON jobs (kind, key)

-- links
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
)
CREATE INDEX links_node ON links (node_id)
CREATE INDEX links_org ON links (org_id, since, agent_id)

-- memory
CREATE TABLE memory (
    org_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    size BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, owner, key)
)
CREATE INDEX memory_recent ON memory (org_id, owner, changed_at)
CREATE INDEX memory_size ON memory (org_id, owner, size)

-- messages
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
, number BIGINT, depth BIGINT NOT NULL DEFAULT 0)
CREATE UNIQUE INDEX messages_agent ON messages (agent_id, seq)
CREATE INDEX messages_conversation ON messages (conversation_id, seq)
CREATE INDEX messages_hour ON messages (org_id, created_at, role)
CREATE UNIQUE INDEX messages_number ON messages (org_id, number) WHERE turn_id IS NULL OR channel = 'agent'
CREATE UNIQUE INDEX messages_reply ON messages (reply_to_id) WHERE role = 'assistant' AND turn_id IS NULL
CREATE INDEX messages_turn ON messages (turn_id)
CREATE INDEX messages_unread ON messages (conversation_id, seq) WHERE role = 'assistant' AND channel = 'agent' AND read_at IS NULL
CREATE INDEX messages_waiting ON messages (agent_id, seq) WHERE turn_id IS NULL AND read_at IS NULL AND role = 'user'

-- meta
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)

-- nodes
CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL
)

-- orgs
CREATE TABLE orgs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    time_zone TEXT,
    features TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
)

-- secrets
CREATE TABLE secrets (
    org_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    field TEXT NOT NULL,
    sealed TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, owner, field)
)

-- sessions
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    org_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
)
CREATE INDEX sessions_expiry ON sessions (expires_at)
CREATE INDEX sessions_user ON sessions (user_id)

-- tasks
CREATE TABLE tasks (
    number BIGINT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    -- 0 critical, 1 high, 2 medium, 3 low
    priority BIGINT NOT NULL,
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    due_at BIGINT,
    metadata TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    finished_at BIGINT
)
CREATE INDEX tasks_free ON tasks (org_id, priority, created_at, number) WHERE agent_id IS NULL AND status IN ('inbox', 'assigned')
CREATE INDEX tasks_of_agent ON tasks (agent_id, status, priority, created_at, number)
CREATE INDEX tasks_recent ON tasks (org_id, created_at, number)

-- token_usage
CREATE TABLE token_usage (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    task BIGINT REFERENCES tasks (number) ON DELETE SET NULL,
    model TEXT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    created_at BIGINT NOT NULL
)
CREATE INDEX token_usage_of_agent ON token_usage (agent_id, created_at)
CREATE INDEX token_usage_of_task ON token_usage (task) WHERE task IS NOT NULL
CREATE INDEX token_usage_recent ON token_usage (org_id, created_at)

-- traffic
CREATE TABLE traffic (
    org_id TEXT PRIMARY KEY REFERENCES orgs (id) ON DELETE CASCADE,
    bytes BIGINT NOT NULL
)

-- turn_steps
CREATE TABLE turn_steps (
    turn_id TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    step BIGINT NOT NULL,
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- stable over attempts, so that what is called can tell a repetition
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 1,
    input TEXT,
    output TEXT,
    error TEXT,
    input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    cached_input_tokens BIGINT NOT NULL DEFAULT 0,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (turn_id, step)
)

-- turn_stream
CREATE TABLE turn_stream (
    turn_id TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (turn_id, seq)
)
CREATE INDEX turn_stream_age ON turn_stream (at)

-- turns
CREATE TABLE turns (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    version BIGINT,
    state TEXT NOT NULL,
    -- why a queued turn may not be taken up yet: behind (another runs), paused, balance; null when it may
    hold TEXT,
    run_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    reminders BIGINT NOT NULL DEFAULT 0,
    depth BIGINT NOT NULL DEFAULT 0,
    cancel TEXT,
    lease_owner TEXT,
    lease_until BIGINT,
    model TEXT,
    input_tokens BIGINT NOT NULL DEFAULT 0,
    output_tokens BIGINT NOT NULL DEFAULT 0,
    cached_input_tokens BIGINT NOT NULL DEFAULT 0,
    model_ms BIGINT NOT NULL DEFAULT 0,
    cost_micro_usd BIGINT,
    reserved BIGINT NOT NULL DEFAULT 0,
    stream_seq BIGINT NOT NULL DEFAULT 0,
    prompt TEXT,
    reply_id TEXT,
    error_code TEXT,
    error_message TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
)
CREATE INDEX turns_agent ON turns (agent_id, created_at, id)
CREATE INDEX turns_agent_open ON turns (agent_id, state) WHERE state IN ('queued', 'running')
CREATE INDEX turns_conversation ON turns (conversation_id, created_at, id)
CREATE INDEX turns_finished ON turns (org_id, finished_at)
CREATE INDEX turns_leased ON turns (lease_until) WHERE state = 'running'
CREATE UNIQUE INDEX turns_one_queued ON turns (conversation_id) WHERE state = 'queued'
CREATE UNIQUE INDEX turns_one_running ON turns (conversation_id) WHERE state = 'running'
CREATE INDEX turns_open_org ON turns (org_id, state) WHERE state IN ('queued', 'running')
CREATE INDEX turns_org ON turns (org_id, created_at, id)
CREATE INDEX turns_ready ON turns (run_at, id) WHERE state = 'queued' AND hold IS NULL

-- users
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    username TEXT NOT NULL,
    display_name TEXT,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    disabled BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    last_login_at BIGINT
)
CREATE INDEX users_org ON users (org_id, created_at, id)
CREATE UNIQUE INDEX users_username ON users (username)
