import { addTexts } from '@/i18n';
import { adopt } from '@/i18n/en/adopt';

addTexts(adopt);
