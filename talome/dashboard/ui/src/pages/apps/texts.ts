import { addTexts } from '@/i18n';
import { apps } from '@/i18n/en/apps';

addTexts(apps);
