import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { Keys } from './Keys';
import { NewCodes } from './NewCodes';
import { PasswordForm } from './PasswordForm';
import { Sessions } from './Sessions';

/** What belongs to the person who is signed in: the password, the devices, and keys for programs. */
export default function AccountPage() {
  return (
    <div className={classes.page}>
      <PageHead title={t('account.title')} detail={t('account.intro')} />
      <PasswordForm />
      <NewCodes />
      <Sessions />
      <Keys />
    </div>
  );
}
