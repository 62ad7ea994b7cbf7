import { NativeSelect, SegmentedControl, Switch, Textarea, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { may } from '@/app/pages';
import { useUser } from '@/app/session';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { usePlaces } from '../places';
import { uploadSource } from './upload';

interface Props {
  onSaved: () => Promise<void>;
  onClose: () => void;
}

const WAYS = ['file', 'text', 'url', 'repository', 'path'] as const;
type Way = (typeof WAYS)[number];
const order = ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[];

/** Adds a source in one of five ways; it is read in the background. */
export default function SourceForm({ onSaved, onClose }: Props) {
  const admin = may(useUser(), '*');
  const [way, setWay] = useState<Way>('file');
  const [files, setFiles] = useState<File[]>([]);
  const [value, setValue] = useState('');
  const [title, setTitle] = useState('');
  const [place, setPlace] = useState('');
  const [watch, setWatch] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const places = usePlaces();
  const wayName = useId();
  const fileName = useId();
  const send = async (): Promise<boolean> => {
    if (way === 'file') {
      const added = [];
      for (const file of files) added.push(await uploadSource(file, files.length === 1 ? title.trim() : '', place));
      return added.every(({ deduped }) => deduped);
    }
    const given = { [way]: value, ...(way === 'path' && { watch }), ...(title.trim() && { title: title.trim() }), ...(place && { workspace_id: place }) };
    return (await unwrap(api.POST('/v1/memory/sources', { body: given }))).deduped;
  };
  const save = async (): Promise<boolean> => {
    if (way === 'file' ? files.length === 0 : value.trim() === '') {
      setProblem(t('memory.needed'));
      return false;
    }
    try {
      const deduped = await send();
      toast(deduped ? { tone: 'info', title: t('material.wasThere') } : { tone: 'ok', title: t('material.added') });
    } catch (error) {
      if (!(error instanceof ApiError) || error.field === null) throw error;
      setProblem(error.message);
      return false;
    }
    await onSaved();
    return true;
  };
  const change = (next: string) => {
    setValue(next);
    setProblem(null);
  };
  return (
    <FormDialog title={t('material.add')} submitLabel={t('material.add')} onSubmit={save} onClose={onClose}>
      <div>
        <span className={classes.label} id={wayName}>
          {t('material.way')}
        </span>
        <NativeSelect
          aria-labelledby={wayName}
          hiddenFrom="xs"
          value={way}
          onChange={(event) => setWay(WAYS.find((each) => each === event.currentTarget.value) ?? 'file')}
          data={WAYS.filter((each) => admin || each !== 'path').map((each) => ({ value: each, label: t(`material.way.${each}`) }))}
        />
        <SegmentedControl
          fullWidth
          visibleFrom="xs"
          aria-labelledby={wayName}
          value={way}
          onChange={(next) => setWay(WAYS.find((each) => each === next) ?? 'file')}
          data={WAYS.filter((each) => admin || each !== 'path').map((each) => ({ value: each, label: t(`material.way.${each}`) }))}
        />
      </div>
      {way === 'file' && (
        <div>
          <label className={classes.label} htmlFor={fileName}>
            {t('material.file')}
          </label>
          <input
            id={fileName}
            type="file"
            multiple
            className={classes.file}
            aria-invalid={problem !== null}
            aria-describedby={`${fileName}-help`}
            onChange={(event) => {
              setFiles([...(event.currentTarget.files ?? [])]);
              setProblem(null);
            }}
          />
          <p className={classes.below} id={`${fileName}-help`}>
            {t('material.fileHelp')}
          </p>
          {problem !== null && (
            <p className={classes.problem} role="alert">
              {problem}
            </p>
          )}
        </div>
      )}
      {way === 'text' && <Textarea label={t('material.way.text')} rows={8} value={value} error={problem} onChange={(event) => change(event.currentTarget.value)} />}
      {(way === 'url' || way === 'repository' || way === 'path') && (
        <TextInput
          label={t(`material.label.${way}`)}
          description={t(`material.help.${way}`)}
          inputWrapperOrder={order}
          inputMode={way === 'path' ? undefined : 'url'}
          autoCapitalize="none"
          spellCheck={false}
          value={value}
          error={problem}
          onChange={(event) => change(event.currentTarget.value)}
        />
      )}
      {way === 'path' && <Switch label={t('material.watch')} description={t('material.watchHelp')} checked={watch} onChange={(event) => setWatch(event.currentTarget.checked)} />}
      {(way !== 'file' || files.length < 2) && (
        <TextInput
          label={t('material.name')}
          description={t('material.nameHelp')}
          inputWrapperOrder={order}
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
      )}
      {places.length > 1 && <NativeSelect label={t('memory.place')} value={place} onChange={(event) => setPlace(event.currentTarget.value)} data={places} />}
    </FormDialog>
  );
}
