import { ActionIcon, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPencil, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { Loaded } from '@/components/Loaded';
import { t } from '@/i18n';
import { whole } from '@/i18n/format';
import classes from '../Ai.module.css';
import { dollars } from '../money';

const ModelForm = lazy(() => import('./ModelForm'));

export type Model = components['schemas']['CatalogModel'];

const MOST = 500;
const price = (amount: number) => (amount === 0 ? t('ai.free') : dollars(amount));

const COLUMNS: Column<Model>[] = [
  {
    id: 'name',
    label: t('ai.model'),
    value: ({ name }) => name,
    show: ({ name, id, provider, changed }) => (
      <>
        <span className={classes.strong}>{name}</span> {changed.length > 0 && <span className={classes.badge}>{t('ai.changed')}</span>}
        <span className={classes.below}>
          {provider} · <span className={classes.code}>{id}</span>
        </span>
      </>
    ),
    width: '34%',
  },
  {
    id: 'can',
    label: t('ai.can'),
    value: ({ capabilities }) => capabilities.length,
    show: ({ capabilities }) => (
      <span className={classes.presets}>
        {capabilities.map((each) => (
          <span key={each} className={classes.badge}>
            {each}
          </span>
        ))}
      </span>
    ),
  },
  { id: 'context', label: t('ai.context'), value: ({ context }) => context, show: ({ context }) => (context === null ? '–' : whole(context)), end: true },
  { id: 'input', label: t('ai.inputPrice'), value: ({ inputPer1M }) => inputPer1M, show: ({ inputPer1M }) => price(inputPer1M), end: true },
  { id: 'output', label: t('ai.outputPrice'), value: ({ outputPer1M }) => outputPer1M, show: ({ outputPer1M }) => price(outputPer1M), end: true },
];

/** The models that are known, what they can do, and what the gateway counts for them. */
export default function ModelsTab() {
  const mayChange = useMay('providers:write');
  const wide = useWide();
  const [offered, setOffered] = useState(true);
  const [provider, setProvider] = useState('');
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search, 150);
  const [edited, setEdited] = useState<Model | null>(null);
  const query = { search: settled, offered, limit: MOST, ...(provider !== '' && { provider }) };
  const list = useQuery({
    queryKey: ['ai', 'models', query],
    queryFn: () => unwrap(api.GET('/api/gateway/models', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const tools = (
    <>
      <TextInput
        type="search"
        aria-label={t('ai.findModel')}
        placeholder={t('ai.findModel')}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        leftSection={<IconSearch size={16} stroke={1.75} />}
      />
      <NativeSelect
        aria-label={t('ai.provider')}
        value={provider}
        onChange={(event) => setProvider(event.currentTarget.value)}
        data={[{ value: '', label: t('ai.allProviders') }, ...(list.data?.providers ?? [])]}
      />
      <Switch label={t('ai.onlyOffered')} checked={offered} onChange={(event) => setOffered(event.currentTarget.checked)} />
    </>
  );
  return (
    <>
      <Loaded list={list}>
        {({ models, total, researchedAt }) => (
          <>
            <DataList
              name="ai.models"
              label={t('ai.models')}
              columns={COLUMNS}
              rows={models}
              rowKey={({ provider: of, id }) => `${of}/${id}`}
              order={{ sort: 'name', descending: false }}
              tools={tools}
              actions={
                mayChange
                  ? (model) => (
                      <ActionIcon size={wide ? 34 : 44} aria-label={t('ai.editOf', model)} title={t('ai.editOf', model)} onClick={() => setEdited(model)}>
                        <IconPencil size={18} stroke={1.75} />
                      </ActionIcon>
                    )
                  : undefined
              }
              empty={<p className={classes.text}>{t(offered ? 'ai.noneOffered' : 'ai.noModels')}</p>}
            />
            <p className={classes.below}>
              {t('ai.modelsInAll', { count: total })} {researchedAt !== null && t('ai.pricesOf', { day: researchedAt })}
            </p>
          </>
        )}
      </Loaded>
      <Suspense>{edited && <ModelForm model={edited} onSaved={async () => void (await list.refetch())} onClose={() => setEdited(null)} />}</Suspense>
    </>
  );
}
