import { lazy, type ReactNode, Suspense, useState } from 'react';
import { toast, toastError } from './toasts';

const Confirm = lazy(() => import('./Confirm').then((module) => ({ default: module.Confirm })));

interface Removal<Thing> {
  title: string;
  text: ReactNode;
  confirmLabel: string;
  name: (thing: Thing) => string;
  /** Rejects with the reason. */
  remove: (thing: Thing) => Promise<unknown>;
  /** What is said where it failed. */
  failed: (name: string) => string;
  /** What is said once it is gone; nothing where the list alone tells it. */
  done?: (name: string) => string;
  /** Looks at the list anew, also where it failed: it may be gone already. */
  refresh: () => Promise<unknown>;
}

/** For the removal of one thing of a list: what asks for it, and the dialog that is asked with. */
export function useRemoval<Thing>({ title, text, confirmLabel, name, remove, failed, done, refresh }: Removal<Thing>) {
  const [asked, setAsked] = useState<Thing | null>(null);
  const confirm = async (thing: Thing) => {
    setAsked(null);
    try {
      await remove(thing);
      if (done !== undefined) toast({ tone: 'ok', title: done(name(thing)) });
    } catch (error) {
      toastError(failed(name(thing)), error);
    }
    await refresh();
  };
  const dialog = asked !== null && (
    <Suspense>
      <Confirm
        title={title}
        names={[name(asked)]}
        confirmLabel={confirmLabel}
        dangerous
        onConfirm={() => void confirm(asked)}
        onClose={() => setAsked(null)}
      >
        {text}
      </Confirm>
    </Suspense>
  );
  return [setAsked as (thing: Thing) => void, dialog] as const;
}
