import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { Board, Widget, WidgetManifest } from '@/api/types';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { BOARD } from '../useBoard';
import classes from './Arrange.module.css';
import { type Draft, draftOf, emptyDraft, manifestOf, problemsOf, type Problems } from './draft';
import { LinkFields } from './LinkFields';
import { SourceFields } from './SourceFields';

interface Props {
  kind: WidgetManifest['kind'];
  widget: Widget | null;
  onSaved: () => void;
  onBack: () => void;
}

const LONGEST_TITLE = 80;
const LONGEST_TEXT = 2000;

/** Makes or changes a widget of one's own. */
export function WidgetForm({ kind, widget, onSaved, onBack }: Props) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(widget ? draftOf(widget.manifest) : emptyDraft);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<Problems>({});
  const [busy, setBusy] = useState(false);
  const sourced = kind !== 'links' && kind !== 'text';
  const options = useQuery({
    queryKey: ['widgets', 'options'],
    queryFn: () => unwrap(api.GET('/api/widgets/options')),
    staleTime: Infinity,
    enabled: sourced,
  });
  const option = options.data?.find(({ operation }) => operation === draft.operation);
  const problems = { ...(tried ? problemsOf(kind, draft, option) : {}), ...refused };
  const change = (part: Partial<Draft>) => {
    setDraft((known) => ({ ...known, ...part }));
    setRefused({});
  };
  const save = async () => {
    setBusy(true);
    try {
      const saved = await unwrap(api.POST('/api/widgets', { body: { manifest: manifestOf(kind, draft), id: widget?.id } }));
      queries.setQueryData<Board>(BOARD, (board) => withWidget(board, saved));
      onSaved();
    } catch (error) {
      // "manifest.links.links.0.url" is the field "links.0.url" of this form.
      const field = error instanceof ApiError ? error.field?.replace(/^manifest\.(\w+\.(?=\w+))?/, '') : undefined;
      if (field && (field in draft || field.startsWith('links'))) setRefused({ [field]: (error as ApiError).message });
      else toastError(t('home.widgetNotSaved'), error);
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problemsOf(kind, draft, option)).length === 0) void save();
  };
  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      <TextInput
        label={t('home.widgetTitle')}
        value={draft.title}
        maxLength={LONGEST_TITLE}
        dir="auto"
        error={problems.title}
        onChange={(event) => change({ title: event.currentTarget.value })}
        data-autofocus
      />
      {kind === 'text' && (
        <Textarea
          label={t('home.widgetText')}
          value={draft.text}
          maxLength={LONGEST_TEXT}
          rows={6}
          dir="auto"
          error={problems.text}
          onChange={(event) => change({ text: event.currentTarget.value })}
        />
      )}
      {kind === 'links' && <LinkFields links={draft.links} problems={problems} onChange={(links) => change({ links })} />}
      {sourced && (
        <SourceFields kind={kind} draft={draft} options={options.data ?? []} option={option} problems={problems} onChange={change} />
      )}
      <div className={classes.actions}>
        <Button variant="default" onClick={onBack}>
          {t(widget ? 'action.cancel' : 'home.widgetBack')}
        </Button>
        <Button type="submit" loading={busy}>
          {t(widget ? 'home.widgetSave' : 'home.widgetAdd')}
        </Button>
      </div>
    </form>
  );
}

/** The board with a widget that was made or changed; a new one stands at the end of what is shown. */
function withWidget(board: Board | undefined, saved: Widget): Board | undefined {
  if (board === undefined) return undefined;
  const known = board.widgets.some(({ id }) => id === saved.id);
  const widgets = known ? board.widgets.map((each) => (each.id === saved.id ? saved : each)) : [...board.widgets, saved];
  const place = { id: saved.id, size: 'small' as const, shown: true };
  return { ...board, widgets, places: known ? board.places : [...board.places, place] };
}
