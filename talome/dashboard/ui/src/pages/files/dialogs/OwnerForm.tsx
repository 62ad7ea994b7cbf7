import { Checkbox, NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import { FormDialog } from '@/components/FormDialog';
import { type FileInfo, nameOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import type { Operations } from '../operations';
import classes from './Dialogs.module.css';

const MODES = ['600', '644', '664', '666'] as const;
const HIGHEST = 2 ** 31 - 1;

interface Props {
  info: FileInfo;
  operations: Operations;
  onClose: () => void;
}

/** Whose a file or folder is for the machine, and who of it may read and change it. What stays as it is, is not sent. */
export default function OwnerForm({ info, operations, onClose }: Props) {
  const [uid, setUid] = useState<string | number>(info.uid);
  const [gid, setGid] = useState<string | number>(info.gid);
  const [mode, setMode] = useState<string | null>(null);
  const [below, setBelow] = useState(true);
  const folder = info.kind === 'folder';
  const wrong = typeof uid !== 'number' || typeof gid !== 'number';
  const same = uid === info.uid && gid === info.gid && mode === null;
  const submit = async () => {
    if (wrong) return false;
    const owner = folder && below ? { uid, gid } : { ...(uid !== info.uid && { uid }), ...(gid !== info.gid && { gid }) };
    await operations.setOwner(info.path, { ...owner, ...(mode !== null && { mode }), below: folder && below });
    return true;
  };
  const number = { min: 0, max: HIGHEST, allowDecimal: false, allowNegative: false, clampBehavior: 'strict' } as const;
  return (
    <FormDialog
      title={t('files.ownerOf', { name: shownName(nameOf(info.path)) })}
      submitLabel={t('files.ownerSet')}
      disabled={wrong || (same && !(folder && below))}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className={classes.hint}>{t('files.ownerText')}</p>
      <NumberInput {...number} label={t('files.uid')} description={info.owner} value={uid} onChange={setUid} data-autofocus />
      <NumberInput {...number} label={t('files.gid')} description={info.group} value={gid} onChange={setGid} />
      <Select
        label={t('files.mode')}
        placeholder={t('files.modeKeep')}
        clearable
        value={mode}
        onChange={setMode}
        data={MODES.map((value) => ({ value, label: t(`files.mode.${value}`) }))}
      />
      {folder && (
        <Checkbox label={t('files.ownerBelow')} checked={below} onChange={(event) => setBelow(event.currentTarget.checked)} />
      )}
    </FormDialog>
  );
}
