import { Button, NumberInput, Switch } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { FormDialog } from '@/components/FormDialog';
import { t } from '@/i18n';
import type { Model } from './ModelsTab';

interface Props {
  model: Model;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

const PRICES = ['inputPer1M', 'outputPer1M', 'cacheReadPer1M', 'cacheWritePer1M'] as const;

/** What the gateway counts for a model: the list's prices, until somebody who knows better writes others. */
export default function ModelForm({ model, onSaved, onClose }: Props) {
  const [prices, setPrices] = useState<Partial<Record<(typeof PRICES)[number], number>>>({});
  const [context, setContext] = useState<number | null>(null);
  const [deprecated, setDeprecated] = useState(model.deprecated);
  const query = { provider: model.provider, id: model.id };
  const save = async (): Promise<boolean> => {
    const change = { ...prices, ...(context !== null && { context }), ...(deprecated !== model.deprecated && { deprecated }) };
    await unwrap(api.PATCH('/api/gateway/models', { body: { ...query, change } }));
    await onSaved();
    return true;
  };
  const restore = async () => {
    await unwrap(api.POST('/api/gateway/models/restore', { body: query }));
    await onSaved();
    onClose();
  };
  return (
    <FormDialog title={model.name} submitLabel={t('ai.save')} onSubmit={save} onClose={onClose}>
      {PRICES.map((field) => (
        <NumberInput
          key={field}
          label={t(`ai.price.${field}`)}
          prefix="$"
          min={0}
          decimalScale={6}
          value={prices[field] ?? model[field]}
          onChange={(value) => typeof value === 'number' && setPrices({ ...prices, [field]: value })}
        />
      ))}
      <NumberInput
        label={t('ai.context')}
        description={t('ai.contextHelp')}
        min={0}
        allowDecimal={false}
        value={context ?? model.context ?? ''}
        onChange={(value) => typeof value === 'number' && setContext(value)}
      />
      <Switch label={t('ai.deprecated')} description={t('ai.deprecatedHelp')} checked={deprecated} onChange={(event) => setDeprecated(event.currentTarget.checked)} />
      {model.changed.length > 0 && (
        <Button variant="default" onClick={() => void restore()}>
          {t('ai.restore')}
        </Button>
      )}
    </FormDialog>
  );
}
