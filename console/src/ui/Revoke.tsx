import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Confirm } from './Confirm';
import { useSay } from './Toasts';

interface RevokeProps {
  credential: { id: string; name: string };
  /** Takes the id. */
  revoke: UseMutationResult<unknown, Error, string>;
  onClose: () => void;
  /** What follows from it. */
  children: ReactNode;
}

/** Asks before a credential is made useless for good. */
export function Revoke({ credential, revoke, onClose, children }: RevokeProps) {
  const say = useSay();
  const confirm = () =>
    revoke.mutate(credential.id, {
      onSuccess: () => {
        say(`Revoked ${credential.name}`);
        onClose();
      },
    });
  return (
    <Confirm
      title={`Revoke ${credential.name}?`}
      action="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{children}</p>
    </Confirm>
  );
}
