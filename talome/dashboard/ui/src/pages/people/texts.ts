import { addTexts } from '@/i18n';
import { account } from '@/i18n/en/account';
import { people } from '@/i18n/en/people';

addTexts(account);
addTexts(people);
