import { addTexts } from '@/i18n';
import { en } from '@/i18n/en';

addTexts(en);
