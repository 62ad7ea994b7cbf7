import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { AppPicture } from '@/components/AppPicture';
import { t } from '@/i18n';
import { StackIcon } from './StackIcon';
import { addressOfStack, type Stack } from './stacks';
import classes from './Stacks.module.css';

const MOST = 6;

/** A stack with the pictures of its apps; it leads to the stack's page. */
export function StackCard({ stack }: { stack: Stack }) {
  const { installed: there, total } = stack;
  return (
    <li>
      <Link to={addressOfStack(stack.id)} className={classes.card}>
        <span className={classes.cardHead}>
          <StackIcon icon={stack.icon} seed={stack.id} size={48} />
          <span className={classes.cardWords}>
            <span className={classes.cardName}>
              <bdi>{stack.name}</bdi>
            </span>
            <span className={classes.tagline}>{stack.tagline}</span>
          </span>
        </span>
        <span className={classes.cardFoot}>
          <span className={classes.pictures}>
            {stack.members.slice(0, MOST).map((member) => (
              <AppPicture key={member.appId} name={member.name} seed={member.appId} src={member.app?.icon ?? null} size={32} />
            ))}
          </span>
          <span className={`${classes.state} num`} data-tone={there === total ? 'ok' : undefined}>
            {there === total && <IconCheck size={14} stroke={2.4} aria-hidden />}
            {stack.job !== null
              ? t('stacks.busy')
              : there === total
                ? t('stacks.allThere')
                : there > 0
                  ? t('stacks.there', { done: there, total })
                  : t('stacks.apps', { count: total })}
          </span>
        </span>
      </Link>
    </li>
  );
}
