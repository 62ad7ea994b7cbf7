import { Button, Modal } from '@mantine/core';
import { t } from '@/i18n';
import type { OnConflict, Taken } from '../operations';
import classes from './Dialogs.module.css';

const ANSWERS: { answer: OnConflict; label: 'files.keepBoth' | 'files.replace' | 'files.skip' }[] = [
  { answer: 'skip', label: 'files.skip' },
  { answer: 'replace', label: 'files.replace' },
  { answer: 'keep_both', label: 'files.keepBoth' },
];

/** Asks what becomes of names that are taken. */
export default function ConflictDialog({ taken, onClose }: { taken: Taken; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t('files.taken', { count: Math.max(1, taken.names.length) })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.body}>
        {taken.names.length > 0 && (
          <ul className={classes.names} tabIndex={0} aria-label={t('files.takenNames')}>
            {taken.names.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        )}
        <p>{t('files.takenText')}</p>
        <div className={classes.actions}>
          {ANSWERS.map(({ answer, label }) => (
            <Button
              key={answer}
              variant={answer === 'keep_both' ? 'filled' : 'default'}
              data-autofocus={answer === 'keep_both' || undefined}
              onClick={() => {
                onClose();
                void taken.go(answer);
              }}
            >
              {t(label)}
            </Button>
          ))}
        </div>
      </div>
    </Modal>
  );
}
