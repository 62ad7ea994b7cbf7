import { addTexts } from '@/i18n';
import { ai } from '@/i18n/en/ai';

addTexts(ai);
