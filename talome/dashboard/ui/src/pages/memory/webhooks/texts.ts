import { addTexts } from '@/i18n';
import { webhooks } from '@/i18n/en/webhooks';

addTexts(webhooks);
