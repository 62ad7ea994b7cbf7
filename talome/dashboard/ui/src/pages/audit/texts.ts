import { addTexts } from '@/i18n';
import { audit } from '@/i18n/en/audit';

addTexts(audit);
