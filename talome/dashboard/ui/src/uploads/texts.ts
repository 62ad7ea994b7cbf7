import { addTexts } from '@/i18n';
import { uploads } from '@/i18n/en/uploads';

addTexts(uploads);
