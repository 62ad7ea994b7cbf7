import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import { ApiError } from '@/api/errors';
import { CopyButton } from '@/components/CopyButton';
import { errorDetails, explain } from '@/components/explain';
import { t } from '@/i18n';
import classes from './Gate.module.css';

const ICONS = { danger: IconAlertTriangle, info: IconInfoCircle, ok: IconCheck };

export function FormNotice({ tone, children }: { tone: keyof typeof ICONS; children: string }) {
  const Icon = ICONS[tone];
  return (
    <div className={classes.notice} data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon size={18} aria-hidden />
      <p>{children}</p>
    </div>
  );
}

/** A refused form: a sentence for what usually happens, the server's own words for the rest. */
export function FormError({ error, refused }: { error: unknown; refused: string }) {
  if (error instanceof ApiError && error.status === 401) return <FormNotice tone="danger">{refused}</FormNotice>;
  const { what, why, advice } = explain(error);
  const lead = error instanceof ApiError && !error.unreachable ? null : what;
  return (
    <div>
      <FormNotice tone="danger">{[lead, why, advice].filter(Boolean).join(' ')}</FormNotice>
      <CopyButton mt={8} text={errorDetails(what, error)} label={t('action.copyDetails')} />
    </div>
  );
}
