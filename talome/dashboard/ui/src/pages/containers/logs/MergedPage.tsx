import { Button, CloseButton, Skeleton } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Container } from '@/api/types';
import { EmptyState } from '@/components/EmptyState';
import { PageHead } from '@/components/PageHead';
import { addressOf, findContainer, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { listed } from '@/i18n/format';
import { useContainers } from '@/live/streams';
import { LogPanel } from './LogPanel';
import classes from './Logs.module.css';
import { mergedAddress, mergedNames } from './merged';

/** The logs of several containers as one. The address names them. */
export default function MergedPage() {
  const { of } = useSearch({ strict: false }) as { of?: unknown };
  const { data } = useContainers();
  if (data === null) return <Skeleton height={420} radius={14} />;
  const names = mergedNames(of);
  const found = names.map((name) => [name, findContainer(data.containers, name)] as const);
  const containers = found.map(([, container]) => container).filter((container) => container !== undefined);
  const missing = found.filter(([, container]) => container === undefined).map(([name]) => name);
  return (
    <>
      <PageHead title={t('logs.merged')} detail={<Names containers={containers} missing={missing} />} />
      {containers.length === 0 ? (
        <EmptyState
          icon={<IconStack2 size={26} stroke={1.75} />}
          title={t('logs.mergedNone')}
          text={t('logs.mergedNoneText')}
          action={<Button renderRoot={(props) => <Link to="/containers" {...props} />}>{t('container.toList')}</Button>}
        />
      ) : (
        <LogPanel key={containers.map(({ id }) => id).join()} containers={containers} />
      )}
    </>
  );
}

function Names({ containers, missing }: { containers: Container[]; missing: string[] }) {
  const navigate = useNavigate();
  const without = (gone: Container) => containers.filter(({ id }) => id !== gone.id).map(({ name }) => name);
  return (
    <>
      <ul className={classes.sources}>
        {containers.map((container, index) => (
          <li key={container.id} className={classes.chip} data-hue={index % 6}>
            <Link to={addressOf(container)}>{titleOf(container)}</Link>
            {containers.length > 1 && (
              <CloseButton
                size="sm"
                aria-label={t('logs.mergeWithout', { name: titleOf(container) })}
                onClick={() => void navigate({ to: mergedAddress(without(container)) })}
              />
            )}
          </li>
        ))}
      </ul>
      {missing.length > 0 && <p className={classes.missing}>{t('logs.mergedMissing', { names: listed(missing) })}</p>}
    </>
  );
}
