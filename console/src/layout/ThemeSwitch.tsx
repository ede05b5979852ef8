import { useState } from 'react';
import { Choice } from '../ui/Field';

type Theme = 'system' | 'light' | 'dark';

const KEY = 'muster-theme';

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(stored);
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    if (chosen === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = chosen;
    store(chosen);
  };
  return (
    <Choice
      compact
      legend="Theme"
      value={theme}
      onChange={choose}
      options={[
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
        { value: 'system', label: 'Auto' },
      ]}
    />
  );
}

function stored(): Theme {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function store(theme: Theme) {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be switched off; the choice then lasts until the next load.
  }
}
