// Generated from docs/openapi.json by `npm run types`; not to be edited.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        HostingAgentBalance: {
            message: string;
            /** Format: int64 */
            new_balance: number;
            /** Format: int64 */
            previous_balance: number;
        };
        HostingAgentList: {
            agents: components["schemas"]["HostingListedAgent"][];
            pagination: components["schemas"]["HostingPagination"];
        };
        HostingAgentReadiness: {
            /**
             * Format: date-time
             * @description When what runs the agent last gave a sign of life.
             */
            last_heartbeat?: string | null;
            /** @description running, pending, not_running or error. */
            pod_status: string;
            ready: boolean;
            /** @description Why it is not ready. */
            reason?: string | null;
            status: components["schemas"]["HostingLifecycle"];
        };
        HostingAgentStatus: {
            message: string;
            status: components["schemas"]["HostingLifecycle"];
        };
        HostingAgentSummary: {
            /** Format: date-time */
            created_at: string;
            /** Format: int64 */
            mcp_server_count: number;
            /** Format: int64 */
            message_count: number;
            name: string;
            /** Format: int64 */
            output_token_balance: number;
            status: components["schemas"]["HostingLifecycle"];
            /** Format: int64 */
            total_output_tokens_used: number;
            /** Format: date-time */
            updated_at: string;
            /** @description The agent's id. */
            uuid: string;
        };
        /** @enum {string} */
        HostingBalanceType: "increment" | "set";
        /** @description Limits of one turn and of one day. */
        HostingBudget: {
            /**
             * Format: int64
             * @description The most output tokens within 24 hours.
             */
            max_output_tokens_per_day?: number | null;
            /**
             * Format: int64
             * @description The most output tokens of one turn.
             */
            max_output_tokens_per_turn?: number | null;
            /**
             * Format: int64
             * @description The most tool calls of one turn (50).
             */
            max_tool_calls_per_turn?: number | null;
        };
        HostingChangeBalance: {
            /**
             * Format: int64
             * @description Output tokens.
             */
            amount: number;
            /** @description increment or set. */
            type: components["schemas"]["HostingBalanceType"];
        };
        /** @description When older messages are replaced by a summary. */
        HostingCompaction: {
            /** @description On unless it says false. */
            enabled?: boolean | null;
            /** @description What the summary must keep. */
            instructions?: string | null;
            /** @description The model that writes the summary; the agent's own when absent. */
            model?: string | null;
            /**
             * Format: double
             * @description The share of the model's context window that starts it, 0.1 to 0.95 (0.8); above 1 it is a number of tokens.
             */
            threshold_trigger?: number | null;
        };
        /** @description How the turns of an agent run. */
        HostingConfiguration: {
            /** @description Limits of one turn and of one day. */
            budget?: components["schemas"]["HostingBudget"] | null;
            /** @description When older messages are replaced by a summary. */
            compaction?: components["schemas"]["HostingCompaction"] | null;
            /** @description Environment variables of the agent's environment, at most 20. */
            custom_env?: {
                [key: string]: string;
            };
            /** @description MCP servers by name: `{"url", "headers"?, ...}`. */
            mcp_servers?: {
                [key: string]: unknown;
            };
            /** @description How much the agent may remember. */
            memory_config?: components["schemas"]["HostingMemoryConfig"] | null;
            /** @description `provider/model`, or just a model's name. */
            model?: string | null;
            /** @description What the agent's environment may use. */
            resources?: components["schemas"]["HostingResources"] | null;
            /**
             * Format: int64
             * @description How long a turn may take, in seconds (3600).
             * @default 3600
             */
            timeout_seconds: number;
            /**
             * Format: int64
             * @description How long after a failed turn its messages are put before the agent again, in milliseconds (at least 10,000).
             */
            unread_reminder_interval_ms?: number | null;
            /** @description Where to call when something happened. */
            webhooks?: components["schemas"]["HostingWebhooks"] | null;
        };
        /** @description How the turns of an agent run. */
        HostingConfigurationInput: {
            /** @description Limits of one turn and of one day. */
            budget?: components["schemas"]["HostingBudget"] | null;
            /** @description When older messages are replaced by a summary. */
            compaction?: components["schemas"]["HostingCompaction"] | null;
            /** @description Environment variables of the agent's environment, at most 20. */
            custom_env?: {
                [key: string]: string;
            };
            /** @description MCP servers by name: `{"url", "headers"?, ...}`. */
            mcp_servers?: {
                [key: string]: unknown;
            };
            /** @description How much the agent may remember. */
            memory_config?: components["schemas"]["HostingMemoryConfig"] | null;
            /** @description `provider/model`, or just a model's name. */
            model?: string | null;
            /** @description What the agent's environment may use. */
            resources?: components["schemas"]["HostingResources"] | null;
            /**
             * Format: int64
             * @description How long a turn may take, in seconds (3600).
             * @default 3600
             */
            timeout_seconds?: number;
            /**
             * Format: int64
             * @description How long after a failed turn its messages are put before the agent again, in milliseconds (at least 10,000).
             */
            unread_reminder_interval_ms?: number | null;
            /** @description Where to call when something happened. */
            webhooks?: components["schemas"]["HostingWebhooks"] | null;
        };
        HostingConversationMessage: {
            content: string;
            /** Format: date-time */
            created_at: string;
            recipient_type: string;
            recipient_uuid: string;
            sender_type: string;
            sender_uuid: string;
            status: components["schemas"]["HostingStatus"];
            uuid: string;
        };
        HostingCounterparty: {
            name: string;
            /** @description user or agent. */
            type: string;
            uuid: string;
        };
        /** @description An agent to be made. */
        HostingCreateAgent: {
            /** @description The agent's own key of this provider; write-only. */
            anthropic_api_key?: string | null;
            /** @description How its turns run. */
            configuration?: components["schemas"]["HostingConfigurationInput"] | null;
            /** @description Up to 500 characters. */
            description?: string | null;
            /** @description Write-only. */
            discord_bot_token?: string | null;
            /** @description Its first files. */
            initial_files?: components["schemas"]["HostingInitialFile"][] | null;
            /** @description 1 to 100 characters, unique in the org. */
            name: string;
            /** @description The agent's own key of this provider; write-only. */
            openai_api_key?: string | null;
            /**
             * Format: int64
             * @description Output tokens that it may use (1000000).
             */
            output_token_balance?: number | null;
            /** @description The workspace's quota, e.g. `1Gi`. */
            pvc_size?: string | null;
            /** @description persistent (default) shows a turn the conversation, ephemeral only its own messages. */
            session_mode?: components["schemas"]["HostingSessionMode"] | null;
            /** @description Write-only. */
            slack_bot_token?: components["schemas"]["HostingSlackTokens"] | null;
            /** @description The agent's instructions. */
            system_prompt?: string | null;
            /** @description append (default) puts them after Muster's own guidance, replace in its place. */
            system_prompt_type?: components["schemas"]["HostingPromptType"] | null;
            /** @description Write-only. */
            telegram_bot_token?: string | null;
            /**
             * Format: int64
             * @description Idle time before the environment is put to sleep, at least 300000; null never.
             */
            warmth_window_ms?: number | null;
        };
        HostingCursorPagination: {
            has_more: boolean;
            next_cursor: string | null;
        };
        HostingDeleteAgent: {
            /**
             * @description Also while a turn runs.
             * @default null
             */
            force?: boolean | null;
        };
        /** @description A sentence about what was done. */
        HostingDone: {
            /** @description The sentence. */
            message: string;
        };
        /** @description An error. */
        HostingError: {
            /** @description What went wrong. */
            error: components["schemas"]["HostingErrorInner"];
            /** @description The request. */
            meta: components["schemas"]["HostingErrorMeta"];
            /** @description Always false. */
            success: boolean;
        };
        HostingErrorDetails: {
            /** @description The input field that is wrong. */
            field: string;
            /** @description What would be right. */
            reason: string;
        };
        HostingErrorInner: {
            /** @description e.g. `INVALID_REQUEST`. */
            code: string;
            details?: components["schemas"]["HostingErrorDetails"] | null;
            /** @description What to fix. */
            message: string;
        };
        HostingErrorMeta: {
            request_id: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description A file to write or delete. */
        HostingFileChange: {
            /** @description Required to write. */
            content?: string | null;
            /** @description utf-8 (default) or base64. */
            encoding?: string | null;
            operation: components["schemas"]["HostingFileOperation"];
            path: string;
        };
        /** @enum {string} */
        HostingFileOperation: "write" | "delete";
        /** @description What is in an agent's workspace. */
        HostingFilesystemSummary: {
            /** Format: date-time */
            last_modified: string | null;
            /** Format: int64 */
            total_files: number;
            /** Format: double */
            total_size_mb: number;
        };
        /** @description An agent in full. */
        HostingHostedAgent: {
            configuration: components["schemas"]["HostingConfiguration"];
            /** Format: date-time */
            created_at: string;
            description: string | null;
            filesystem_summary: components["schemas"]["HostingFilesystemSummary"];
            /** @description Slug, immutable. */
            id: string;
            mcp_servers: components["schemas"]["HostingMcpServerView"][];
            name: string;
            /** Format: int64 */
            output_token_balance: number;
            pvc_size: string | null;
            session_mode: components["schemas"]["HostingSessionMode"];
            /** @description active, paused, stopped or error. */
            status: components["schemas"]["HostingLifecycle"];
            /** @description Why the agent is in error. */
            status_reason?: string | null;
            system_prompt: string | null;
            system_prompt_type: components["schemas"]["HostingPromptType"];
            /** Format: date-time */
            updated_at: string;
            /** Format: int64 */
            warmth_window_ms: number | null;
        };
        HostingHostedConversation: {
            /** @description As it stands in messages. */
            conversation_id: string;
            counterparty: components["schemas"]["HostingCounterparty"];
            /** Format: date-time */
            last_message_at: string;
            messages: components["schemas"]["HostingConversationMessage"][];
            /** Format: int64 */
            total_messages: number;
            /** Format: int64 */
            unread_count: number;
        };
        HostingHostedConversations: {
            conversations: components["schemas"]["HostingHostedConversation"][];
            pagination: components["schemas"]["HostingCursorPagination"];
        };
        HostingHostedMessage: {
            channel: string;
            content: string;
            conversation_id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            delivered_at: string | null;
            error?: string | null;
            id: string;
            metadata?: unknown;
            queue_mode: string;
            /** Format: date-time */
            read_at: string | null;
            reply_to_id: string | null;
            /** @description user or assistant. */
            role: string;
            status: components["schemas"]["HostingStatus"];
            turn_id?: string | null;
        };
        /** @description A file. */
        HostingInitialFile: {
            content: string;
            /** @description utf-8 (default) or base64. */
            encoding?: string | null;
            path: string;
        };
        /** @description Whether a hosted agent takes turns. */
        HostingLifecycle: "active" | "paused" | "stopped" | "error";
        HostingListedAgent: {
            /** Format: date-time */
            created_at: string;
            description: string | null;
            id: string;
            /** Format: int64 */
            mcp_server_count: number;
            /** Format: int64 */
            message_count: number;
            name: string;
            status: components["schemas"]["HostingLifecycle"];
            /** Format: date-time */
            updated_at: string;
        };
        /** @description An MCP server of an agent's configuration. */
        HostingMcpServerView: {
            /** @description all or selected. */
            access_mode: string;
            id: string;
            name: string;
            /** @description active, inactive or error. */
            status: string;
        };
        /** @description How much an agent may remember. */
        HostingMemoryConfig: {
            /**
             * Format: int64
             * @description The most that all values may take together, 1 to 1024 MB.
             */
            max_size_mb?: number | null;
            /** @description False forgets with the conversation: nothing can be set. */
            persistence?: boolean | null;
            /** @description `key_value` (default) or `none`: no memory tools and nothing recalled. */
            type?: string | null;
        };
        HostingMessageList: {
            has_more: boolean;
            messages: components["schemas"]["HostingHostedMessage"][];
        };
        HostingPagination: {
            /** Format: int64 */
            limit: number;
            /** Format: int64 */
            page: number;
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            total_pages: number;
        };
        /** @description How the agent's instructions stand to Muster's own. */
        HostingPromptType: "append" | "replace";
        /** @description What a message does while a turn runs. */
        HostingQueueMode: "collect" | "interrupt";
        /** @description What the agent's environment may use, as Kubernetes writes it. */
        HostingResources: {
            /** @description e.g. `500m` or `2`. */
            cpu?: string | null;
            /** @description e.g. `512Mi`. */
            memory?: string | null;
        };
        /** @description A message to be sent. */
        HostingSendMessage: {
            /** @description Where it comes from (api). */
            channel?: string | null;
            /** @description The text. */
            content: string;
            /** @description A conversation to go on with, or a name of your own for a new one. */
            conversation_id?: string | null;
            /** @description Anything; kept with the message. */
            metadata?: unknown;
            /** @description collect (default) waits while a turn runs, interrupt cancels the running turn. */
            queue_mode?: components["schemas"]["HostingQueueMode"] | null;
        };
        HostingSentMessage: {
            channel: string;
            content: string;
            conversation_id: string;
            /** Format: date-time */
            created_at: string;
            id: string;
            queue_mode: string;
            /** @description user */
            role: string;
            status: components["schemas"]["HostingStatus"];
        };
        /** @description What a turn sees of the turns before it. */
        HostingSessionMode: "ephemeral" | "persistent";
        HostingSetAgentStatus: {
            /** @description active, paused or stopped. */
            status: string;
        };
        /** @description Slack's three secrets of a bot. */
        HostingSlackTokens: {
            /** @description `xapp-...`, for socket mode. */
            app_token?: string | null;
            /** @description `xoxb-...` */
            bot_token: string;
            /** @description Signs what Slack sends. */
            signing_secret?: string | null;
        };
        /** @description How far a message has got. */
        HostingStatus: "pending" | "processing" | "completed" | "failed" | "cancelled";
        /** @description What to change. Absent fields stay as they are, null clears. */
        HostingUpdateAgent: {
            /** @description Write-only. */
            anthropic_api_key?: string | null;
            /** @description Merged into what is there (RFC 7396). */
            configuration?: components["schemas"]["HostingConfigurationInput"] | null;
            description?: string | null;
            /** @description Write-only. */
            discord_bot_token?: string | null;
            /** @description Files to write or delete. */
            files?: components["schemas"]["HostingFileChange"][] | null;
            name?: string | null;
            /** @description Write-only. */
            openai_api_key?: string | null;
            /** Format: int64 */
            output_token_balance?: number | null;
            pvc_size?: string | null;
            session_mode?: components["schemas"]["HostingSessionMode"] | null;
            /** @description Write-only. */
            slack_bot_token?: components["schemas"]["HostingSlackTokens"] | null;
            system_prompt?: string | null;
            system_prompt_type?: components["schemas"]["HostingPromptType"] | null;
            /** @description Write-only. */
            telegram_bot_token?: string | null;
            /** Format: int64 */
            warmth_window_ms?: number | null;
        };
        /** @description Where to call when something happened. */
        HostingWebhooks: {
            /** @description When the agent goes into error. */
            agent_error?: string | null;
            /** @description After a reply. */
            message_complete?: string | null;
            /** @description After a failed turn. */
            message_failed?: string | null;
        };
        /** @description What somebody signs in with. */
        MissionCredentials: {
            /** @description The password. */
            password: string;
            /** @description The user name. */
            username: string;
        };
        /** @description It is done. */
        MissionDone: {
            /** @description True. */
            success: boolean;
        };
        /** @description What went wrong. */
        MissionError: {
            /** @description What is wrong with the input, each as `field: problem`. */
            details?: string[] | null;
            /** @description A sentence for people. */
            error: string;
        };
        /** @description Who is signed in. */
        MissionMe: {
            /** @description The user, or what the credential stands for. */
            user: components["schemas"]["MissionSignedInUser"];
        };
        /** @description The org that a user belongs to. */
        MissionOrgOfUser: {
            /** @description Its slug. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description What kind of caller it is. */
        MissionPrincipalKind: "user" | "key" | "agent" | "system";
        /** @description What a caller is in their org. */
        MissionRole: "viewer" | "operator" | "admin" | "owner";
        /** @description A session's token. */
        MissionSessionToken: {
            /** @description The token; shown once. */
            token: string;
        };
        /** @description A user, or what another credential stands for. */
        MissionSignedInUser: {
            /** @description What others see; null when none was chosen. Keys and tokens have none. */
            displayName: string | null;
            /** @description Their id. */
            id: string;
            /** @description `key` or `agent` when it is no user. */
            kind?: components["schemas"]["MissionPrincipalKind"] | null;
            /** @description Their org. */
            org: components["schemas"]["MissionOrgOfUser"];
            /** @description Their role. */
            role: components["schemas"]["MissionRole"];
            /** @description What they sign in with; the name of a key or token. */
            username: string;
        };
        /** @description Who caused an event. */
        OrgsActor: {
            /** @description The id of the user, key or agent. */
            id: string;
            /** @description user, key, agent or system. */
            kind: string;
            /** @description Their name at the time. */
            name: string;
        };
        /** @description An agent. */
        OrgsAgent: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is for. */
            description?: string | null;
            /** @description A URL-safe slug, immutable. */
            id: string;
            /** @description Branding and contact, e.g. `brandColor`, `contactEmail`, `identityPreamble`. */
            identity: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description Its last sign of life.
             */
            lastSeenAt?: string | null;
            /** @description Whether it takes turns. */
            lifecycle: components["schemas"]["OrgsLifecycle"];
            /**
             * Format: int64
             * @description Messages from and to it.
             */
            messageCount: number;
            /** @description The model that its definition names. */
            model?: string | null;
            /** @description Unique in its org. */
            name: string;
            /**
             * Format: int64
             * @description A number that is unique in the deployment.
             */
            number: number;
            /** @description Its org. */
            orgId: string;
            /**
             * Format: int64
             * @description Output tokens left.
             */
            outputTokenBalance: number;
            /** @description Whether it is there. */
            presence: components["schemas"]["OrgsPresence"];
            /** @description How it joined: `hosted`, `sdk`, `host`, `api` or `gateway`. */
            source: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
            /**
             * Format: int64
             * @description The version of its definition.
             */
            version: number;
        };
        /** @description How many agents there are. */
        OrgsAgentCounts: {
            /** @description By whether they take turns. */
            lifecycle: components["schemas"]["OrgsLifecycleCounts"];
            /** @description By whether they are there. */
            presence: components["schemas"]["OrgsPresenceCounts"];
            /**
             * Format: int64
             * @description All.
             */
            total: number;
        };
        /** @description A page of a list. */
        OrgsAgentList: {
            /** @description The items. */
            data: components["schemas"]["OrgsAgent"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description An API key without its secret. */
        OrgsApiKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is for. */
            description?: string | null;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt?: string | null;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When it was last used, to about a minute.
             */
            lastUsedAt?: string | null;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the secret, to tell keys apart. */
            prefix: string;
            /** @description Its role. */
            role: components["schemas"]["OrgsRole"];
            /** @description The scopes that were chosen; none means all that the role may. */
            scopes: string[];
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description What to change of a key. */
        OrgsApiKeyChange: {
            /** @description A new description; null clears it. */
            description?: string | null;
            /**
             * Format: date-time
             * @description A new end; null makes it last for ever.
             */
            expiresAt?: string | null;
            /** @description A new name, 1 to 100 characters. */
            name?: string | null;
            /** @description A new role. */
            role?: components["schemas"]["OrgsRole"] | null;
            /** @description New scopes in place of all that it has. */
            scopes?: string[] | null;
        };
        /** @description A page of a list. */
        OrgsApiKeyList: {
            /** @description The items. */
            data: components["schemas"]["OrgsApiKey"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description A conversation of an agent with one counterparty on one channel. */
        OrgsConversation: {
            /** @description The agent. */
            agentId: string;
            /** @description `api`, `discord`, ... */
            channel: string;
            /** @description Whom the agent talks with. */
            counterparty: components["schemas"]["OrgsCounterparty"];
            /**
             * Format: date-time
             * @description When it began.
             */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /**
             * Format: date-time
             * @description When the last message came.
             */
            lastMessageAt: string;
            /** @description The beginning of the last message. */
            lastMessagePreview?: string | null;
            /**
             * Format: int64
             * @description Messages in it.
             */
            messageCount: number;
            /** @description What the client that began it calls it; its id when the client chose none. */
            name: string;
            /**
             * Format: int64
             * @description Replies that were not read.
             */
            unreadCount: number;
        };
        /** @description A page of a list. */
        OrgsConversationList: {
            /** @description The items. */
            data: components["schemas"]["OrgsConversation"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description Whom an agent talks with. */
        OrgsCounterparty: {
            /** @description The id of the user, key or agent. */
            id: string;
            /** @description Their name. */
            name: string;
            /** @description `user`, `agent` or `system`. */
            type: string;
        };
        /** @description What went wrong. */
        OrgsError: {
            /** @description A dot-namespaced code for programs, e.g. `auth.scope_missing`. */
            code: string;
            /** @description The input field that is wrong. */
            field?: string | null;
            /** @description A sentence for people that says what to do. */
            message: string;
            /**
             * Format: uint16
             * @description The HTTP status.
             */
            statusCode: number;
        };
        /** @description Something that happened. */
        OrgsEvent: {
            /** @description Who caused it. */
            actor: components["schemas"]["OrgsActor"];
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description More about it. */
            data: {
                [key: string]: unknown;
            };
            /** @description The hash over this event and the one before. */
            hash: string;
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description Its place in the org's log, from 1.
             */
            seq: number;
            /** @description What it happened to, usually an id. */
            subject: string;
            /** @description What happened, e.g. `agent.created`. */
            type: string;
        };
        /** @description Events; read on with `after` or `before`. */
        OrgsEventList: {
            /** @description The events. */
            data: components["schemas"]["OrgsEvent"][];
        };
        /** @description Messages of one hour. */
        OrgsHour: {
            /**
             * Format: date-time
             * @description When the hour begins.
             */
            hour: string;
            /**
             * Format: int64
             * @description Messages to agents.
             */
            received: number;
            /**
             * Format: int64
             * @description Replies.
             */
            sent: number;
        };
        /** @description Whether a hosted agent takes turns. */
        OrgsLifecycle: "active" | "paused" | "stopped" | "error";
        /** @description Agents by lifecycle. */
        OrgsLifecycleCounts: {
            /**
             * Format: int64
             * @description Take turns.
             */
            active: number;
            /**
             * Format: int64
             * @description Need a person.
             */
            error: number;
            /**
             * Format: int64
             * @description Keep messages waiting.
             */
            paused: number;
            /**
             * Format: int64
             * @description Refuse messages.
             */
            stopped: number;
        };
        /** @description A key that was just made. */
        OrgsMadeKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is for. */
            description?: string | null;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expiresAt?: string | null;
            /** @description Its id. */
            id: string;
            /** @description The secret; only its hash is kept. */
            key: string;
            /**
             * Format: date-time
             * @description When it was last used, to about a minute.
             */
            lastUsedAt?: string | null;
            /** @description Its name. */
            name: string;
            /** @description The beginning of the secret, to tell keys apart. */
            prefix: string;
            /** @description Its role. */
            role: components["schemas"]["OrgsRole"];
            /** @description The scopes that were chosen; none means all that the role may. */
            scopes: string[];
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description A key to be made. */
        OrgsNewApiKey: {
            /** @description What it is for, up to 500 characters. */
            description?: string | null;
            /**
             * Format: date-time
             * @description When it ends; never when absent.
             */
            expiresAt?: string | null;
            /** @description 1 to 100 characters. */
            name: string;
            /** @description Its role, operator unless said otherwise; not above the maker's own. */
            role?: components["schemas"]["OrgsRole"] | null;
            /**
             * @description Its scopes, e.g. `agents:read`; none means all that the role may.
             * @default []
             */
            scopes?: string[];
        };
        /** @description A user to be added. */
        OrgsNewUser: {
            /** @description What others see, up to 100 characters. */
            displayName?: string | null;
            /** @description At least 10 characters. */
            password: string;
            /** @description Their role, viewer unless said otherwise; not above the maker's own. */
            role?: components["schemas"]["OrgsRole"] | null;
            /** @description 1 to 100 characters without white space, unique in the deployment. */
            username: string;
        };
        /** @description The order of events. */
        OrgsOrder: "asc" | "desc";
        /** @description An org. */
        OrgsOrg: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /** @description What it is. */
            description?: string | null;
            /** @description What is switched on, e.g. `hosting`. */
            features: string[];
            /** @description Its slug. */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description What it has bought: nothing, since it hosts itself. */
            products: string[];
            /** @description An IANA time zone, e.g. `Europe/Paris`. */
            timeZone?: string | null;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updatedAt: string;
        };
        /** @description What to change of the org; anything else is refused. */
        OrgsOrgChange: {
            /** @description A new description, up to 500 characters; null clears it. */
            description?: string | null;
            /** @description A new name, 1 to 100 characters. */
            name?: string | null;
            /** @description An IANA time zone; null clears it. */
            timeZone?: string | null;
        };
        /** @description An org at a glance. */
        OrgsOverview: {
            /** @description Its agents. */
            agents: components["schemas"]["OrgsAgentCounts"];
            /** @description Messages of each of the last 24 hours, oldest first. */
            messagesPerHour: components["schemas"]["OrgsHour"][];
            /**
             * Format: int64
             * @description Output tokens of turns that ended within 24 hours.
             */
            outputTokens24h: number;
            /** @description Their turns. */
            turns: components["schemas"]["OrgsTurnCounts"];
        };
        /** @description Whether an agent is there. */
        OrgsPresence: "online" | "idle" | "busy" | "offline" | "error";
        /** @description Agents by presence. */
        OrgsPresenceCounts: {
            /**
             * Format: int64
             * @description At work.
             */
            busy: number;
            /**
             * Format: int64
             * @description In trouble.
             */
            error: number;
            /**
             * Format: int64
             * @description There, and nothing happened for a while.
             */
            idle: number;
            /**
             * Format: int64
             * @description Not there.
             */
            offline: number;
            /**
             * Format: int64
             * @description There.
             */
            online: number;
        };
        /** @description What the model was told first. */
        OrgsPrompt: {
            /** @description The conversation that it was shown, oldest first. */
            messages: components["schemas"]["OrgsPromptMessage"][];
            /** @description The instructions. */
            system: string;
        };
        /** @description A message of a prompt. */
        OrgsPromptMessage: {
            /** @description The text. */
            content: string;
            /** @description `user` or `assistant`. */
            role: string;
        };
        /** @description What a caller is in their org. */
        OrgsRole: "viewer" | "operator" | "admin" | "owner";
        /** @description By what agents are sorted. */
        OrgsSortBy: "name" | "created" | "updated";
        /** @description How far a turn has got. */
        OrgsState: "queued" | "running" | "succeeded" | "failed" | "cancelled";
        /** @description How far a message has got. */
        OrgsStatus: "pending" | "processing" | "completed" | "failed" | "cancelled";
        /** @description What sort of step it is. */
        OrgsStepKind: "model" | "tool" | "compaction";
        /** @description Tokens of one model call. */
        OrgsStepUsage: {
            /**
             * Format: int64
             * @description Tokens of the prompt that the provider had cached.
             */
            cachedInputTokens: number;
            /**
             * Format: int64
             * @description Tokens of the prompt, cached ones included.
             */
            inputTokens: number;
            /**
             * Format: int64
             * @description Tokens of the answer.
             */
            outputTokens: number;
        };
        /** @description A turn in full. */
        OrgsTurn: {
            /** @description The agent. */
            agentId: string;
            /**
             * Format: int64
             * @description How often it was taken up.
             */
            attempt: number;
            /** @description The conversation. */
            conversationId: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: int64
             * @description The version of the agent's definition that it runs under; null until it has begun.
             */
            definitionVersion: number | null;
            /** @description Why it gave no reply. */
            error?: components["schemas"]["OrgsTurnError"] | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt?: string | null;
            /** @description Its id. */
            id: string;
            /** @description The messages that it took up. */
            messages: components["schemas"]["OrgsTurnMessage"][];
            /** @description `provider/model`, once one was called. */
            model?: string | null;
            /** @description What the model was told first. */
            prompt?: components["schemas"]["OrgsPrompt"] | null;
            /** @description The reply. */
            reply?: components["schemas"]["OrgsTurnMessage"] | null;
            /**
             * Format: date-time
             * @description When it was first taken up.
             */
            startedAt?: string | null;
            /** @description How far it has got. */
            state: components["schemas"]["OrgsState"];
            /** @description Its steps in their order. */
            steps: components["schemas"]["OrgsTurnStep"][];
            /** @description What it used. */
            usage: components["schemas"]["OrgsTurnUsage"];
        };
        /** @description How many turns there are. */
        OrgsTurnCounts: {
            /**
             * Format: int64
             * @description Failed within 24 hours.
             */
            failed24h: number;
            /**
             * Format: int64
             * @description Waiting.
             */
            queued: number;
            /**
             * Format: int64
             * @description Being worked on.
             */
            running: number;
        };
        /** @description Why a turn gave no reply. */
        OrgsTurnError: {
            /** @description Upper snake case, e.g. `MODEL_ERROR`. */
            code: string;
            /** @description A sentence for people. */
            message: string;
        };
        /** @description A message of a turn. */
        OrgsTurnMessage: {
            /** @description The text. */
            content: string;
            /**
             * Format: date-time
             * @description When it came.
             */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /** @description `user` or `assistant`. */
            role: string;
            /** @description How far it has got. */
            status: components["schemas"]["OrgsStatus"];
        };
        /** @description A step of a turn. */
        OrgsTurnStep: {
            /**
             * Format: int64
             * @description How often it was begun.
             */
            attempts: number;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            durationMs?: number | null;
            /** @description Why it failed. */
            error?: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt?: string | null;
            /**
             * Format: int64
             * @description Its place in the turn, from 0.
             */
            index: number;
            /** @description What it was given. */
            input: unknown;
            /** @description What sort. */
            kind: components["schemas"]["OrgsStepKind"];
            /** @description The model's or tool's name. */
            name: string;
            /** @description What it gave; null until it is done. */
            output: unknown;
            /**
             * Format: date-time
             * @description When it began.
             */
            startedAt: string;
            /** @description `running`, `done` or `failed`. */
            state: string;
            /** @description Tokens, for model calls. */
            usage?: components["schemas"]["OrgsStepUsage"] | null;
        };
        /** @description A turn in brief. */
        OrgsTurnSummary: {
            /** @description The agent. */
            agentId: string;
            /**
             * Format: int64
             * @description How often it was taken up.
             */
            attempt: number;
            /** @description The conversation. */
            conversationId: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            createdAt: string;
            /**
             * Format: int64
             * @description The version of the agent's definition that it runs under; null until it has begun.
             */
            definitionVersion: number | null;
            /** @description Why it gave no reply. */
            error?: components["schemas"]["OrgsTurnError"] | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finishedAt?: string | null;
            /** @description Its id. */
            id: string;
            /** @description `provider/model`, once one was called. */
            model?: string | null;
            /**
             * Format: date-time
             * @description When it was first taken up.
             */
            startedAt?: string | null;
            /** @description How far it has got. */
            state: components["schemas"]["OrgsState"];
            /** @description What it used. */
            usage: components["schemas"]["OrgsTurnUsage"];
        };
        /** @description A page of a list. */
        OrgsTurnSummaryList: {
            /** @description The items. */
            data: components["schemas"]["OrgsTurnSummary"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description What a turn used. */
        OrgsTurnUsage: {
            /**
             * Format: int64
             * @description Tokens of the prompts that the provider had cached.
             */
            cachedInputTokens: number;
            /**
             * Format: double
             * @description What it cost in US dollars, when the price is known.
             */
            costUsd?: number | null;
            /**
             * Format: int64
             * @description Tokens of the prompts, cached ones included.
             */
            inputTokens: number;
            /**
             * Format: int64
             * @description Milliseconds within model calls.
             */
            modelMs: number;
            /**
             * Format: int64
             * @description Tokens of the answers.
             */
            outputTokens: number;
        };
        /** @description A person who may sign in. */
        OrgsUser: {
            /**
             * Format: date-time
             * @description When they were added.
             */
            createdAt: string;
            /** @description Whether signing in is closed to them. */
            disabled: boolean;
            /** @description What others see. */
            displayName?: string | null;
            /** @description Their id. */
            id: string;
            /**
             * Format: date-time
             * @description When they last signed in.
             */
            lastLoginAt?: string | null;
            /** @description Their role. */
            role: components["schemas"]["OrgsRole"];
            /**
             * Format: date-time
             * @description When they were last changed.
             */
            updatedAt: string;
            /** @description What they sign in with. */
            username: string;
        };
        /** @description What to change of a user. */
        OrgsUserChange: {
            /** @description Closes or opens signing in. */
            disabled?: boolean | null;
            /** @description A new name; null clears it. */
            displayName?: string | null;
            /** @description A new password; all their sessions end. */
            password?: string | null;
            /** @description A new role. */
            role?: components["schemas"]["OrgsRole"] | null;
        };
        /** @description A page of a list. */
        OrgsUserList: {
            /** @description The items. */
            data: components["schemas"]["OrgsUser"][];
            /** @description Hand it back as `pageToken` to read on; absent on the last page. */
            nextPageToken?: string | null;
        };
        /** @description What a check of the chain found. */
        OrgsVerification: {
            /**
             * Format: int64
             * @description The first event whose hash does not fit.
             */
            brokenAt?: number | null;
            /**
             * Format: int64
             * @description How many events were checked.
             */
            checked: number;
            /** @description The hash of the newest event: note it elsewhere to prove later that nothing before it was changed. */
            head: string;
            /** @description Whether every event is as it was written. */
            intact: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type HostingAgentBalance = components['schemas']['HostingAgentBalance'];
export type HostingAgentList = components['schemas']['HostingAgentList'];
export type HostingAgentReadiness = components['schemas']['HostingAgentReadiness'];
export type HostingAgentStatus = components['schemas']['HostingAgentStatus'];
export type HostingAgentSummary = components['schemas']['HostingAgentSummary'];
export type HostingBalanceType = components['schemas']['HostingBalanceType'];
export type HostingBudget = components['schemas']['HostingBudget'];
export type HostingChangeBalance = components['schemas']['HostingChangeBalance'];
export type HostingCompaction = components['schemas']['HostingCompaction'];
export type HostingConfiguration = components['schemas']['HostingConfiguration'];
export type HostingConfigurationInput = components['schemas']['HostingConfigurationInput'];
export type HostingConversationMessage = components['schemas']['HostingConversationMessage'];
export type HostingCounterparty = components['schemas']['HostingCounterparty'];
export type HostingCreateAgent = components['schemas']['HostingCreateAgent'];
export type HostingCursorPagination = components['schemas']['HostingCursorPagination'];
export type HostingDeleteAgent = components['schemas']['HostingDeleteAgent'];
export type HostingDone = components['schemas']['HostingDone'];
export type HostingError = components['schemas']['HostingError'];
export type HostingErrorDetails = components['schemas']['HostingErrorDetails'];
export type HostingErrorInner = components['schemas']['HostingErrorInner'];
export type HostingErrorMeta = components['schemas']['HostingErrorMeta'];
export type HostingFileChange = components['schemas']['HostingFileChange'];
export type HostingFileOperation = components['schemas']['HostingFileOperation'];
export type HostingFilesystemSummary = components['schemas']['HostingFilesystemSummary'];
export type HostingHostedAgent = components['schemas']['HostingHostedAgent'];
export type HostingHostedConversation = components['schemas']['HostingHostedConversation'];
export type HostingHostedConversations = components['schemas']['HostingHostedConversations'];
export type HostingHostedMessage = components['schemas']['HostingHostedMessage'];
export type HostingInitialFile = components['schemas']['HostingInitialFile'];
export type HostingLifecycle = components['schemas']['HostingLifecycle'];
export type HostingListedAgent = components['schemas']['HostingListedAgent'];
export type HostingMcpServerView = components['schemas']['HostingMcpServerView'];
export type HostingMemoryConfig = components['schemas']['HostingMemoryConfig'];
export type HostingMessageList = components['schemas']['HostingMessageList'];
export type HostingPagination = components['schemas']['HostingPagination'];
export type HostingPromptType = components['schemas']['HostingPromptType'];
export type HostingQueueMode = components['schemas']['HostingQueueMode'];
export type HostingResources = components['schemas']['HostingResources'];
export type HostingSendMessage = components['schemas']['HostingSendMessage'];
export type HostingSentMessage = components['schemas']['HostingSentMessage'];
export type HostingSessionMode = components['schemas']['HostingSessionMode'];
export type HostingSetAgentStatus = components['schemas']['HostingSetAgentStatus'];
export type HostingSlackTokens = components['schemas']['HostingSlackTokens'];
export type HostingStatus = components['schemas']['HostingStatus'];
export type HostingUpdateAgent = components['schemas']['HostingUpdateAgent'];
export type HostingWebhooks = components['schemas']['HostingWebhooks'];
export type MissionCredentials = components['schemas']['MissionCredentials'];
export type MissionDone = components['schemas']['MissionDone'];
export type MissionError = components['schemas']['MissionError'];
export type MissionMe = components['schemas']['MissionMe'];
export type MissionOrgOfUser = components['schemas']['MissionOrgOfUser'];
export type MissionPrincipalKind = components['schemas']['MissionPrincipalKind'];
export type MissionRole = components['schemas']['MissionRole'];
export type MissionSessionToken = components['schemas']['MissionSessionToken'];
export type MissionSignedInUser = components['schemas']['MissionSignedInUser'];
export type OrgsActor = components['schemas']['OrgsActor'];
export type OrgsAgent = components['schemas']['OrgsAgent'];
export type OrgsAgentCounts = components['schemas']['OrgsAgentCounts'];
export type OrgsAgentList = components['schemas']['OrgsAgentList'];
export type OrgsApiKey = components['schemas']['OrgsApiKey'];
export type OrgsApiKeyChange = components['schemas']['OrgsApiKeyChange'];
export type OrgsApiKeyList = components['schemas']['OrgsApiKeyList'];
export type OrgsConversation = components['schemas']['OrgsConversation'];
export type OrgsConversationList = components['schemas']['OrgsConversationList'];
export type OrgsCounterparty = components['schemas']['OrgsCounterparty'];
export type OrgsError = components['schemas']['OrgsError'];
export type OrgsEvent = components['schemas']['OrgsEvent'];
export type OrgsEventList = components['schemas']['OrgsEventList'];
export type OrgsHour = components['schemas']['OrgsHour'];
export type OrgsLifecycle = components['schemas']['OrgsLifecycle'];
export type OrgsLifecycleCounts = components['schemas']['OrgsLifecycleCounts'];
export type OrgsMadeKey = components['schemas']['OrgsMadeKey'];
export type OrgsNewApiKey = components['schemas']['OrgsNewApiKey'];
export type OrgsNewUser = components['schemas']['OrgsNewUser'];
export type OrgsOrder = components['schemas']['OrgsOrder'];
export type OrgsOrg = components['schemas']['OrgsOrg'];
export type OrgsOrgChange = components['schemas']['OrgsOrgChange'];
export type OrgsOverview = components['schemas']['OrgsOverview'];
export type OrgsPresence = components['schemas']['OrgsPresence'];
export type OrgsPresenceCounts = components['schemas']['OrgsPresenceCounts'];
export type OrgsPrompt = components['schemas']['OrgsPrompt'];
export type OrgsPromptMessage = components['schemas']['OrgsPromptMessage'];
export type OrgsRole = components['schemas']['OrgsRole'];
export type OrgsSortBy = components['schemas']['OrgsSortBy'];
export type OrgsState = components['schemas']['OrgsState'];
export type OrgsStatus = components['schemas']['OrgsStatus'];
export type OrgsStepKind = components['schemas']['OrgsStepKind'];
export type OrgsStepUsage = components['schemas']['OrgsStepUsage'];
export type OrgsTurn = components['schemas']['OrgsTurn'];
export type OrgsTurnCounts = components['schemas']['OrgsTurnCounts'];
export type OrgsTurnError = components['schemas']['OrgsTurnError'];
export type OrgsTurnMessage = components['schemas']['OrgsTurnMessage'];
export type OrgsTurnStep = components['schemas']['OrgsTurnStep'];
export type OrgsTurnSummary = components['schemas']['OrgsTurnSummary'];
export type OrgsTurnSummaryList = components['schemas']['OrgsTurnSummaryList'];
export type OrgsTurnUsage = components['schemas']['OrgsTurnUsage'];
export type OrgsUser = components['schemas']['OrgsUser'];
export type OrgsUserChange = components['schemas']['OrgsUserChange'];
export type OrgsUserList = components['schemas']['OrgsUserList'];
export type OrgsVerification = components['schemas']['OrgsVerification'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
