import type { components } from '@/api/schema';
import { t } from '@/i18n';
import { percent, whole } from '@/i18n/format';
import classes from '../Ai.module.css';
import { dollars } from '../money';

type Stats = components['schemas']['UsageStats'];
type Balance = components['schemas']['Balance'];

const ms = (value: number | null | undefined) => (value == null ? '–' : t('ai.ms', { ms: whole(value) }));

/** The figures that people ask for first. */
export function Figures({ stats, balance }: { stats: Stats; balance: Balance | undefined }) {
  const { requests, failed, cache_hits, cache_saved_usd, charged_usd, total_tokens, latency_ms, first_token_ms } = stats;
  const share = balance === undefined || balance.granted_usd <= 0 ? null : balance.spent_usd / balance.granted_usd;
  return (
    <div className={classes.cards}>
      <Figure label={t('ai.spent')} value={dollars(charged_usd)} below={balance && t('ai.thisMonth', { amount: dollars(balance.spent_this_month_usd) })} />
      {balance !== undefined && (
        <Figure
          label={t('ai.balance')}
          value={dollars(balance.balance_usd)}
          below={t('ai.ofGranted', { amount: dollars(balance.granted_usd) })}
          share={share}
        />
      )}
      <Figure
        label={t('ai.calls')}
        value={whole(requests)}
        below={[t('ai.tokensInAll', { count: whole(total_tokens) }), failed > 0 && t('ai.failedCalls', { count: failed })].filter(Boolean).join(' · ')}
      />
      <Figure
        label={t('ai.fromCache')}
        value={percent(requests === 0 ? 0 : (cache_hits / requests) * 100)}
        below={t('ai.saved', { amount: dollars(cache_saved_usd) })}
      />
      <Figure
        label={t('ai.typicalTime')}
        value={ms(latency_ms.p50)}
        below={t('ai.slowOnes', { slow: ms(latency_ms.p95), first: ms(first_token_ms.p50) })}
      />
      {balance?.budgets
        .filter(({ monthly_budget_usd }) => monthly_budget_usd !== null)
        .map(({ kind, id, name, monthly_budget_usd, spent_usd }) => (
          <Figure
            key={`${kind} ${id}`}
            label={t(kind === 'key' ? 'ai.budgetOfKey' : 'ai.budgetOfWorkspace', { name })}
            value={dollars(spent_usd)}
            below={t('ai.ofMonthly', { amount: dollars(monthly_budget_usd ?? 0) })}
            share={monthly_budget_usd === 0 ? 1 : spent_usd / (monthly_budget_usd ?? 1)}
          />
        ))}
    </div>
  );
}

interface FigureProps {
  label: string;
  value: string;
  below?: string;
  /** How much of a budget is used up, 0 to 1. */
  share?: number | null;
}

function Figure({ label, value, below, share }: FigureProps) {
  return (
    <section className={classes.card}>
      <h2 className={classes.cardLabel}>{label}</h2>
      <p className={classes.cardValue}>{value}</p>
      {share != null && (
        <div className={classes.meter} data-full={share >= 0.9 || undefined} aria-hidden>
          <span style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
        </div>
      )}
      {below && <span className={classes.below}>{below}</span>}
    </section>
  );
}
