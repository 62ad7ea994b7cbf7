import { Button, Modal } from '@mantine/core';
import { t } from '@/i18n';
import classes from '../dialogs/Dialogs.module.css';

interface Props {
  busy: boolean;
  onOverwrite: () => void;
  onCopy: () => void;
  onTheirs: () => void;
  onClose: () => void;
}

/** Somebody else saved the same text meanwhile: nobody's work is lost without being asked. */
export default function Changed({ busy, onOverwrite, onCopy, onTheirs, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={t('files.changedTitle')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.body}>
        <p>{t('files.changedText')}</p>
        <div className={classes.actions}>
          <Button variant="default" onClick={onTheirs}>
            {t('files.takeTheirs')}
          </Button>
          <Button variant="default" loading={busy} onClick={onOverwrite}>
            {t('files.overwrite')}
          </Button>
          <Button loading={busy} data-autofocus onClick={onCopy}>
            {t('files.saveCopy')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
