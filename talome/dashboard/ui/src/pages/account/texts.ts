import { addTexts } from '@/i18n';
import { account } from '@/i18n/en/account';

addTexts(account);
