-- The ledger of the turns of hosted agents: what was to be done, by whom it is being done, and each step of it.
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
);
-- one running and one waiting turn per conversation, whatever happens
CREATE UNIQUE INDEX turns_one_running ON turns (conversation_id) WHERE state = 'running';
CREATE UNIQUE INDEX turns_one_queued ON turns (conversation_id) WHERE state = 'queued';
CREATE INDEX turns_ready ON turns (run_at, id) WHERE state = 'queued' AND hold IS NULL;
CREATE INDEX turns_leased ON turns (lease_until) WHERE state = 'running';
CREATE INDEX turns_agent_open ON turns (agent_id, state) WHERE state IN ('queued', 'running');
CREATE INDEX turns_agent ON turns (agent_id, created_at, id);
CREATE INDEX turns_conversation ON turns (conversation_id, created_at, id);
CREATE INDEX turns_org ON turns (org_id, created_at, id);
CREATE INDEX turns_finished ON turns (org_id, finished_at);
CREATE INDEX turns_open_org ON turns (org_id, state) WHERE state IN ('queued', 'running');

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
);

-- what a stream of the turn shows, in order; readers come back with the last seq they saw
CREATE TABLE turn_stream (
    turn_id TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (turn_id, seq)
);
CREATE INDEX turn_stream_age ON turn_stream (at);
