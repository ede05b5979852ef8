import { Icon } from '../../ui/Icon';
import { useOpenPalette } from './PaletteProvider';

const KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';

/** Opens the palette; `onOpen` puts away what the button stands in. */
export function SearchButton({ onOpen }: { onOpen: (() => void) | undefined }) {
  const open = useOpenPalette();
  return (
    <button
      type="button"
      className="search-button"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={() => {
        onOpen?.();
        open();
      }}
    >
      <Icon name="search" />
      Go to…
      <kbd>{KEY}</kbd>
    </button>
  );
}
