import { ActionIcon, TextInput } from '@mantine/core';
import { IconEye, IconEyeOff, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { ContainerDetail } from '@/api/types';
import { t } from '@/i18n';
import { Card } from './Card';
import classes from './Detail.module.css';

type Variable = ContainerDetail['env'][number];

const FILTER_FROM = 8;

/** The environment variables. Secrets are covered until asked for, and never sent to someone who may not see them. */
export function Environment({ detail: { env } }: { detail: ContainerDetail }) {
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const shown = env.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <Card title={t('container.env')}>
      {env.length === 0 && <p className={classes.none}>{t('container.envEmpty')}</p>}
      {env.length >= FILTER_FROM && (
        <TextInput
          size="sm"
          mb={8}
          aria-label={t('container.envSearch')}
          placeholder={t('container.envSearch')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          leftSection={<IconSearch size={16} stroke={1.75} />}
        />
      )}
      <dl className={classes.env}>
        {shown.map((variable) => (
          <VariableRow key={variable.name} variable={variable} />
        ))}
      </dl>
    </Card>
  );
}

function VariableRow({ variable: { name, value, secret } }: { variable: Variable }) {
  const [open, setOpen] = useState(!secret);
  const Icon = open ? IconEyeOff : IconEye;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span>{value === null ? t('container.envHidden') : open ? value : '••••••••'}</span>
        {secret && value !== null && (
          <ActionIcon
            size={26}
            aria-label={`${t(open ? 'action.hide' : 'action.show')} ${name}`}
            aria-pressed={open}
            onClick={() => setOpen(!open)}
          >
            <Icon size={16} stroke={1.75} />
          </ActionIcon>
        )}
      </dd>
    </div>
  );
}
