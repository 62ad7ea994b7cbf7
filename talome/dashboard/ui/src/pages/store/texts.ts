import { addTexts } from '@/i18n';
import { store } from '@/i18n/en/store';

addTexts(store);
