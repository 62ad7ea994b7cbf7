import './texts';
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useWide } from '@/app/useWide';
import { t } from '@/i18n';
import store from '../Store.module.css';
import { StackCard } from './StackCard';
import { useStacks } from './stacks';
import classes from './Stacks.module.css';

const ON_WIDE = 3;
const ON_PHONE = 2;

/** Some of the stacks, on the first page of the store; nothing where there are none. */
export default function StackShelf() {
  const most = useWide() ? ON_WIDE : ON_PHONE;
  const stacks = useStacks().data ?? [];
  if (stacks.length === 0) return null;
  return (
    <section className={store.shelf} aria-labelledby="store-stacks">
      <div className={store.shelfHead}>
        <h2 id="store-stacks">{t('stacks.title')}</h2>
        <span className={store.shelfText}>{t('stacks.intro')}</span>
        {stacks.length > most && (
          <Link className={`${store.seeAll} ${classes.link}`} to="/store/-/stacks">
            {t('stacks.seeAll', { total: stacks.length })}
            <IconChevronRight size={16} aria-hidden />
          </Link>
        )}
      </div>
      <ul className={classes.grid}>
        {stacks.slice(0, most).map((stack) => (
          <StackCard key={stack.id} stack={stack} />
        ))}
      </ul>
    </section>
  );
}
