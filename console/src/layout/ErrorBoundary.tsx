import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button';
import { Empty } from '../ui/Note';

interface BoundaryProps {
  /** Another place is another try. */
  place: string;
  children: ReactNode;
}

interface BoundaryState {
  error: unknown;
  place: string;
}

/** A page that cannot be drawn takes neither the menu nor the other pages with it. */
export class ErrorBoundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { error };
  }

  static getDerivedStateFromProps(props: BoundaryProps, state: BoundaryState): Partial<BoundaryState> | null {
    return props.place === state.place ? null : { error: null, place: props.place };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="page">
        <Empty
          whole
          icon="warn"
          title="This page cannot be shown"
          action={
            <Button look="primary" icon="refresh" onClick={() => window.location.reload()}>
              Load it again
            </Button>
          }
        >
          {isOutdated(this.state.error)
            ? 'The server has another version of the console by now.'
            : 'Something in it is not as expected. If it stays so after loading it again, please report it.'}
        </Empty>
      </div>
    );
  }
}

/** Parts of the console are loaded when they are needed; after an update of the server the old ones are gone. */
function isOutdated(error: unknown): boolean {
  return error instanceof TypeError && /import|module|fetch/i.test(error.message);
}
