import { useState } from 'react';
import type { Connector, ConnectorType } from '../../../api/types';
import {
  draftOf,
  fieldsOf,
  movedPlace,
  settingsOf,
  splitStored,
  type Field,
  type Schema,
  type SchemaDraft,
} from '../../../ui/schema/schema';

export interface ConnectorDraft {
  name: string;
  description: string;
  settings: SchemaDraft;
}

/** What the form holds, begun from what is stored. */
export function beginDraft(fields: Field[], stored?: Connector): ConnectorDraft {
  return {
    name: stored?.name ?? '',
    description: stored?.description ?? '',
    settings: draftOf(fields, stored && splitStored(stored.settings).plain),
  };
}

export function useConnectorDraft(type: ConnectorType, stored?: Connector) {
  const [fields] = useState(() => fieldsOf(type.settingsSchema as Schema));
  const [draft, setDraft] = useState(() => beginDraft(fields, stored));
  const known = stored && splitStored(stored.settings);
  const moved = known && movedPlace(fields, known.plain, draft.settings);
  return {
    fields,
    draft,
    /** The setting that sends what is stored of secrets to another place than they were given for. */
    moved,
    set: (change: Partial<ConnectorDraft>) => setDraft((before) => ({ ...before, ...change })),
    setSettings: (change: SchemaDraft) =>
      setDraft((before) => ({ ...before, settings: { ...before.settings, ...change } })),
    begin: (from: Connector) => setDraft(beginDraft(fields, from)),
    read: () => settingsOf(fields, draft.settings, known?.secrets, moved),
  };
}
