import { addTexts } from '@/i18n';
import { transfer } from '@/i18n/en/transfer';

addTexts(transfer);
