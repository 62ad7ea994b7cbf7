import './texts';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './Account.module.css';
import { AppFactor } from './AppFactor';
import { Due } from './Due';
import { Keys } from './Keys';
import { NewCodes } from './NewCodes';
import { Passkeys } from './Passkeys';
import { PasswordForm } from './PasswordForm';
import { Sessions } from './Sessions';

/** What belongs to the person who is signed in: the password, the devices, and keys for programs. */
export default function AccountPage() {
  return (
    <div className={classes.page}>
      <PageHead title={t('account.title')} detail={t('account.intro')} />
      <Due />
      <PasswordForm />
      <AppFactor />
      <Passkeys />
      <NewCodes />
      <Sessions />
      <Keys />
    </div>
  );
}
