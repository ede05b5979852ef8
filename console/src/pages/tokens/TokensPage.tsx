import { useState } from 'react';
import { useRevokeToken, useTokens } from '../../api/tokens';
import type { AgentToken, MadeToken } from '../../api/types';
import { Button } from '../../ui/Button';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { Revoke } from '../../ui/Revoke';
import { MadeDialog } from './MadeDialog';
import { TokenDialog } from './TokenDialog';
import { TokenTable } from './TokenTable';

type Open = { what: 'create' } | { what: 'made'; token: MadeToken } | { what: 'revoke'; token: AgentToken } | null;

/** What agents enrol with when they dial in. */
export function TokensPage() {
  const list = useTokens();
  const [open, setOpen] = useState<Open>(null);
  const tokens = list.data?.data ?? [];
  const close = () => setOpen(null);
  const create = (
    <Button look="primary" icon="plus" onClick={() => setOpen({ what: 'create' })}>
      New agent token
    </Button>
  );
  return (
    <Page title="Agent tokens" lead="What agents that run elsewhere enrol and dial in with." actions={create}>
      {list.isPending && <Loading boxed rows={4} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && tokens.length === 0 && (
        <Empty icon="token" title="No agent tokens yet" action={create}>
          Make one for a machine or a fleet of them. Whoever dials in with it becomes an agent here.
        </Empty>
      )}
      {tokens.length > 0 && <TokenTable tokens={tokens} onRevoke={(token) => setOpen({ what: 'revoke', token })} />}
      {open?.what === 'create' && (
        <TokenDialog onClose={close} onCreated={(token) => setOpen({ what: 'made', token })} />
      )}
      {open?.what === 'made' && <MadeDialog made={open.token} onClose={close} />}
      {open?.what === 'revoke' && <RevokeDialog stored={open.token} onClose={close} />}
    </Page>
  );
}

function RevokeDialog({ stored, onClose }: { stored: AgentToken; onClose: () => void }) {
  return (
    <Revoke credential={stored} revoke={useRevokeToken()} onClose={onClose}>
      Agents that use this token are cut off and cannot come back with it. The agents themselves stay.
    </Revoke>
  );
}
