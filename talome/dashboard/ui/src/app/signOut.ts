import { api, unwrap } from '@/api/client';
import { endSession, expectSignOut } from '@/api/session';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { leavePush } from './ownPush';

/** Ends this browser's session and shows the sign-in page. */
export async function signOut(): Promise<void> {
  expectSignOut(true);
  await leavePush();
  try {
    await unwrap(api.POST('/api/auth/logout'));
    endSession('signed-out');
  } catch (error) {
    expectSignOut(false);
    toastError(t('person.signOutFailed'), error);
  }
}
