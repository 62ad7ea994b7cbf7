import '../found/texts';
import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { AppPart, ExtraFolder } from '@/domain/apps';
import { t } from '@/i18n';
import { bytes, decimal } from '@/i18n/format';
import { type Changes, folderOf, limitsOf } from './partChanges';
import classes from './Parts.module.css';

const MB = 2 ** 20;
const MEMORY = [128, 256, 512, 1024, 2048, 4096, 8192, 16384].map((size) => size * MB);
const CPUS = [0.25, 0.5, 1, 2, 4, 8];

interface Props {
  parts: AppPart[];
  changes: Changes;
  onChange: (changes: Changes) => void;
}

/** Each choice, and what is in force where it is none of them. */
function choices(presets: number[], now: number | null | undefined, words: (value: number) => string) {
  const values = now && !presets.includes(now) ? [...presets, now].sort((a, b) => a - b) : presets;
  return [{ value: '', label: t('parts.asFile') }, ...values.map((value) => ({ value: String(value), label: words(value) }))];
}

/** How much each part of an app may use. */
export function LimitFields({ parts, changes, onChange }: Props) {
  return (
    <div className={classes.ports}>
      {parts.map((part) => {
        const { service } = part;
        const { memoryBytes, cpus } = limitsOf(part, changes);
        const set = (limit: object) =>
          onChange({ ...changes, limits: { ...changes.limits, [service]: { memoryBytes, cpus, ...limit } } });
        return [
          <NativeSelect
            size="md"
            key={`${service} memory`}
            label={t('parts.memory', { service })}
            data={choices(MEMORY, memoryBytes, bytes)}
            value={memoryBytes ?? ''}
            onChange={(event) => set({ memoryBytes: Number(event.currentTarget.value) || null })}
          />,
          <NativeSelect
            size="md"
            key={`${service} cpus`}
            label={t('parts.cpus', { service })}
            data={choices(CPUS, cpus, (count) => t('parts.cores', { count: decimal(count) }))}
            value={cpus ?? ''}
            onChange={(event) => set({ cpus: Number(event.currentTarget.value) || null })}
          />,
        ];
      })}
    </div>
  );
}

/** Other places for what the app mounts. */
export function FolderFields({ parts, changes, onChange, refused }: Props & { refused?: string }) {
  return (
    <>
      {parts.flatMap(({ service, folders }) =>
        folders.map((folder) => (
          <TextInput
            key={folder.key}
            label={t('parts.folder', { service, target: folder.target })}
            description={folder.moved ? t('parts.reset') : undefined}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={folderOf(folder, changes)}
            maxLength={1024}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => onChange({ ...changes, folders: { ...changes.folders, [folder.key]: event.currentTarget.value } })}
          />
        )),
      )}
      <Refused text={refused} />
    </>
  );
}

interface ExtraProps {
  services: string[];
  folders: ExtraFolder[];
  refused?: string;
  onChange: (folders: ExtraFolder[]) => void;
}

/** Folders of the machine that the app sees besides its own. */
export function ExtraFolders({ services, folders, refused, onChange }: ExtraProps) {
  const first = services[0] ?? '';
  const set = (at: number, change: Partial<ExtraFolder>) =>
    onChange(folders.map((folder, index) => (index === at ? { ...folder, ...change } : folder)));
  return (
    <>
      {folders.map((folder, at) => (
        <div key={at} className={classes.extra}>
          <TextInput
            label={t('parts.source')}
            value={folder.source}
            maxLength={1024}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => set(at, { source: event.currentTarget.value })}
          />
          <TextInput
            label={t('parts.target')}
            value={folder.target}
            maxLength={1024}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => set(at, { target: event.currentTarget.value })}
          />
          {services.length > 1 && (
            <NativeSelect
              size="md"
              label={t('parts.part')}
              data={services}
              value={folder.service}
              onChange={(event) => set(at, { service: event.currentTarget.value })}
            />
          )}
          <Switch
            size="md"
            label={t('parts.write')}
            checked={folder.readOnly === false}
            onChange={(event) => set(at, { readOnly: !event.currentTarget.checked })}
          />
          <Button
            variant="default"
            aria-label={t('parts.remove', { source: folder.source })}
            leftSection={<IconTrash size={18} stroke={1.75} />}
            onClick={() => onChange(folders.filter((_, index) => index !== at))}
          >
            {t('parts.takeAway')}
          </Button>
        </div>
      ))}
      <Refused text={refused} />
      <Button
        variant="default"
        leftSection={<IconPlus size={18} stroke={1.75} />}
        onClick={() => onChange([...folders, { service: first, source: '', target: '', readOnly: true }])}
      >
        {t('parts.add')}
      </Button>
    </>
  );
}

function Refused({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p className={classes.refused} role="alert">
      {text}
    </p>
  );
}
