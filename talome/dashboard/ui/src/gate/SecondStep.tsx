import { Button } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { askForPasskey, wasDeclined } from '@/api/passkeys';
import type { paths } from '@/api/schema';
import { keepProof } from '@/api/session';
import { addTexts, t } from '@/i18n';
import { second } from '@/i18n/en/second';
import { listed } from '@/i18n/format';
import { CodeField, CodesLeft, DIGITS, isAtField } from './CodeField';
import type { Demand } from './demand';
import { FormNotice } from './FormNotice';
import classes from './Gate.module.css';
import { SubmitRow } from './SubmitRow';
import { useSubmit } from './useSubmit';

addTexts(second);

type Sent = paths['/api/auth/second-factor']['post']['requestBody']['content']['application/json'];
type Proof = Partial<Omit<Sent, 'ticket'>>;
type Way = 'code' | 'recovery' | 'passkey';

interface Props {
  demand: Demand;
  /** The person has just chosen a new password. */
  recovered: boolean;
  onEnter: () => void;
  /** `ranOut`: the sign-in has to begin anew. */
  onBack: (ranOut: boolean) => void;
}

/** After the password: a code, a passkey or a recovery code. */
export default function SecondStep({ demand, recovered, onEnter, onBack }: Props) {
  const hasCode = demand.methods.includes('totp');
  const [way, setWay] = useState<Way>(hasCode ? 'code' : demand.passkeyOptions ? 'passkey' : 'recovery');
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const [codesLeft, setCodesLeft] = useState<number | null>(null);
  const submission = useSubmit();

  const send = (find: () => Promise<Proof> | Proof) =>
    submission.submit(async () => {
      try {
        const body = { ticket: demand.ticket, ...(await find()) };
        const answer = await unwrap(api.POST('/api/auth/second-factor', { body }));
        keepProof(answer);
        if (answer.recoveryCodesLeft == null) onEnter();
        else setCodesLeft(answer.recoveryCodesLeft);
      } catch (error) {
        if (error instanceof ApiError && error.code === 'sign_in_over') onBack(true);
        else throw wasDeclined(error) ? new Error(t('second.declined')) : error;
      }
    });
  const choose = (next: Way) => {
    setWay(next);
    setTyped('');
    setTried(false);
  };
  const change = (value: string) => {
    setTyped(value);
    const digits = value.replace(/\s/g, '');
    if (way === 'code' && /^\d{6}$/.test(digits) && digits !== typed.replace(/\s/g, '')) send(() => ({ code: digits }));
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const { passkeyOptions } = demand;
    if (way === 'passkey' && passkeyOptions) send(async () => ({ passkey: await askForPasskey(passkeyOptions) }));
    else if (way === 'recovery' && typed.trim() !== '') send(() => ({ recoveryCode: typed.trim() }));
    else if (way === 'code' && typed.replace(/\s/g, '').length === DIGITS) send(() => ({ code: typed.replace(/\s/g, '') }));
  };

  if (codesLeft !== null) return <CodesLeft count={codesLeft} onEnter={onEnter} />;
  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      <h1 className={classes.title}>{t('second.title')}</h1>
      {recovered && <FormNotice tone="ok">{t('second.recovered')}</FormNotice>}
      <p className={classes.text}>{t(TEXTS[way])}</p>
      {way !== 'passkey' && <CodeField key={way} way={way} typed={typed} tried={tried} error={submission.error} onChange={change} />}
      <SubmitRow
        submission={{ ...submission, error: isAtField(submission.error) && way !== 'passkey' ? null : plain(submission.error) }}
        label={t(way === 'passkey' ? 'second.usePasskey' : 'second.go')}
        refused={t('second.wrong')}
      />
      <div className={classes.ways}>
        {way !== 'passkey' && demand.passkeyOptions && (
          <Button variant="default" leftSection={<IconFingerprint size={18} stroke={1.75} />} onClick={() => choose('passkey')}>
            {t('second.usePasskey')}
          </Button>
        )}
        {way !== 'code' && hasCode && (
          <Button variant="default" onClick={() => choose('code')}>
            {t('second.useCode')}
          </Button>
        )}
        {way !== 'recovery' && (
          <Button variant="subtle" onClick={() => choose('recovery')}>
            {t('second.useRecovery')}
          </Button>
        )}
        <Button variant="subtle" onClick={() => onBack(false)}>
          {t('second.back')}
        </Button>
      </div>
      {demand.passkeyHosts.length > 0 && (
        <p className={classes.aside}>{t('second.elsewhere', { hosts: listed(demand.passkeyHosts) })}</p>
      )}
    </form>
  );
}

const TEXTS = { code: 'second.codeText', recovery: 'second.recoveryText', passkey: 'second.passkeyText' } as const;

/** A refusal keeps the server's words, since they say what to do. */
const plain = (error: unknown) => (error instanceof ApiError && error.status === 401 ? new Error(error.message) : error);
