import { addTexts } from '@/i18n';
import { gate } from '@/i18n/en/gate';

addTexts(gate);
