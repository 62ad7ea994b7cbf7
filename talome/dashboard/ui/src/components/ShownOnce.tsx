import { Button, Modal } from '@mantine/core';
import { t } from '@/i18n';
import { CopyButton } from './CopyButton';
import classes from './ShownOnce.module.css';

interface Props {
  title: string;
  text: string;
  secret: string;
  onClose: () => void;
}

/** A secret that was just made: it can be copied now, and is not shown again. */
export function ShownOnce({ title, text, secret, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.body}>
        <p className={classes.text}>{text}</p>
        <code className={classes.secret}>{secret}</code>
        <div className={classes.row}>
          <CopyButton size="sm" text={secret} />
          <Button onClick={onClose}>{t('action.close')}</Button>
        </div>
      </div>
    </Modal>
  );
}
