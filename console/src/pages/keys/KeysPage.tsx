import { useState } from 'react';
import { useKeys, useRevokeKey } from '../../api/keys';
import type { ApiKey, MadeKey } from '../../api/types';
import { Button } from '../../ui/Button';
import { MorePages } from '../../ui/MorePages';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { Revoke } from '../../ui/Revoke';
import { KeyDialog } from './KeyDialog';
import { KeyTable } from './KeyTable';
import { SecretDialog } from './SecretDialog';

type Open = { what: 'create' } | { what: 'edit' | 'revoke'; key: ApiKey } | { what: 'secret'; key: MadeKey } | null;

export function KeysPage() {
  const list = useKeys();
  const [open, setOpen] = useState<Open>(null);
  const keys = list.data?.pages.flatMap((page) => page.data) ?? [];
  const close = () => setOpen(null);
  const create = (
    <Button look="primary" icon="plus" onClick={() => setOpen({ what: 'create' })}>
      New API key
    </Button>
  );
  return (
    <Page title="API keys" lead="For programs that call this server in the organization’s name." actions={create}>
      {list.isPending && <Loading boxed rows={5} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && keys.length === 0 && (
        <Empty icon="keys" title="No API keys yet" action={create}>
          Make one for each program, with no more rights than it needs.
        </Empty>
      )}
      {keys.length > 0 && (
        <KeyTable
          keys={keys}
          onEdit={(key) => setOpen({ what: 'edit', key })}
          onRevoke={(key) => setOpen({ what: 'revoke', key })}
        />
      )}
      <MorePages list={list} label="Load more keys" />
      {open?.what === 'create' && <KeyDialog onClose={close} onCreated={(key) => setOpen({ what: 'secret', key })} />}
      {open?.what === 'edit' && <KeyDialog stored={open.key} onClose={close} />}
      {open?.what === 'secret' && <SecretDialog made={open.key} onClose={close} />}
      {open?.what === 'revoke' && <RevokeDialog stored={open.key} onClose={close} />}
    </Page>
  );
}

function RevokeDialog({ stored, onClose }: { stored: ApiKey; onClose: () => void }) {
  return (
    <Revoke credential={stored} revoke={useRevokeKey()} onClose={onClose}>
      Whatever uses this key is refused from now on. This cannot be undone.
    </Revoke>
  );
}
