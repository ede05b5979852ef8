import { useState, type FormEvent } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { useLogin, useMe } from '../../api/session';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/Field';
import { Mark } from '../../ui/Icon';
import { ErrorNote } from '../../ui/Note';
import { useTitle } from '../../ui/Page';

export function LoginPage() {
  useTitle('Log in');
  const me = useMe();
  const login = useLogin();
  const [params] = useSearchParams();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');

  if (me.data) return <Navigate to={inside(params.get('next'))} replace />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!login.isPending) login.mutate({ username, password });
  };

  return (
    <main className="login">
      <form className="login-card" onSubmit={submit} aria-labelledby="login-title">
        <Mark size={40} />
        <h1 id="login-title">Log in to Muster</h1>
        <TextField
          label="Username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {login.isError && <ErrorNote error={login.error} />}
        <Button type="submit" look="primary" busy={login.isPending}>
          Log in
        </Button>
        <p className="login-hint">
          The first user is made when the server starts for the first time; its password is printed there once.
        </p>
      </form>
    </main>
  );
}

/** Only places inside the console are gone back to. */
function inside(next: string | null): string {
  return next?.startsWith('/') && !next.startsWith('//') ? next : '/';
}
