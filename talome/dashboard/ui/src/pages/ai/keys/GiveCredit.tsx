import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { amountOf, dollars } from '../money';
import type { Wallet } from './WalletsList';

interface Props {
  wallet: Wallet;
  onSaved: () => Promise<void>;
  onClose: () => void;
}

/** Gives a person credit, or takes some back. */
export default function GiveCredit({ wallet, onSaved, onClose }: Props) {
  const [amount, setAmount] = useState<number | null>(10);
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (): Promise<boolean> => {
    if (amount === null || amount === 0) {
      setProblem(t('ai.needed'));
      return false;
    }
    const path = { id: wallet.userId };
    await unwrap(api.POST('/api/gateway/wallets/{id}/grants', { params: { path }, body: { amountUsd: amount, note: note.trim() } }));
    await onSaved();
    toast({ tone: 'ok', title: t('ai.creditChanged', { name: wallet.name }) });
    return true;
  };
  return (
    <FormDialog title={t('ai.giveCreditTo', wallet)} submitLabel={t('ai.giveCredit')} onSubmit={save} onClose={onClose}>
      <NumberInput
        label={t('ai.amount')}
        description={t('ai.amountHelp', { left: dollars(wallet.balanceUsd) })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        prefix="$"
        min={-100_000}
        max={100_000}
        decimalScale={2}
        value={amount ?? ''}
        error={problem}
        onChange={(next) => {
          setAmount(amountOf(next));
          setProblem(null);
        }}
        data-autofocus
      />
      <TextInput label={t('ai.note')} value={note} maxLength={200} onChange={(event) => setNote(event.currentTarget.value)} />
    </FormDialog>
  );
}
