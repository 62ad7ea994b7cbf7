import { Button } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { SettingSchema, SettingState } from '@/api/types';
import { Confirm } from '@/components/Confirm';
import { t } from '@/i18n';
import classes from './Settings.module.css';
import type { Editing } from './useDrafts';
import { isOvertaken } from './values';

interface Props {
  editing: Editing;
  schemas: Map<string, SettingSchema>;
  states: Map<string, SettingState>;
  /** Makes every setting visible. */
  onShow: () => void;
}

/** What is not saved yet, and the way to save it; leaving the page asks first. */
export function SaveBar({ editing: { drafts, keys, save, saving, drop }, schemas, states, onShow }: Props) {
  const dirty = keys.length > 0;
  const leaving = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const overtaken = keys.some((key) => {
    const [draft, state] = [drafts[key], states.get(key)];
    return draft !== undefined && state !== undefined && isOvertaken(draft, state);
  });
  const submit = async () => {
    const blocking = await save();
    if (blocking === null) return;
    onShow();
    requestAnimationFrame(() => {
      const row = document.getElementById(blocking);
      row?.scrollIntoView({ block: 'center' });
      row?.querySelector<HTMLElement>('input, select, [role="alert"] button')?.focus({ preventScroll: true });
    });
  };
  useSaveShortcut(dirty ? () => void submit() : null);
  return (
    <>
      {dirty && (
        <div className={classes.bar} role="region" aria-label={t('settings.unsavedLabel')}>
          <span role="status">{overtaken ? t('settings.chooseFirst') : t('settings.unsaved', { count: keys.length })}</span>
          <Button variant="default" onClick={() => drop(keys)} disabled={saving}>
            {t('settings.discard')}
          </Button>
          <Button loading={saving} onClick={() => void submit()}>
            {t('settings.save')}
          </Button>
        </div>
      )}
      {leaving.status === 'blocked' && (
        <Confirm
          title={t('settings.leaveTitle')}
          names={keys.map((key) => schemas.get(key)?.title ?? key)}
          confirmLabel={t('settings.leave')}
          dangerous
          onConfirm={leaving.proceed}
          onClose={leaving.reset}
        >
          {t('settings.leaveText')}
        </Confirm>
      )}
    </>
  );
}

/** Enter in a field saves, and so does Ctrl or Cmd with S. */
function useSaveShortcut(run: (() => void) | null) {
  useEffect(() => {
    if (run === null) return;
    const onKey = (event: KeyboardEvent) => {
      const inField = event.target instanceof HTMLInputElement && event.target.type !== 'search' && event.target.closest('main') !== null;
      const byLetter = event.key.toLowerCase() === 's' && (event.ctrlKey || event.metaKey);
      if (!byLetter && !(event.key === 'Enter' && inField)) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}
