import { addTexts } from '@/i18n';
import { storage } from '@/i18n/en/storage';

addTexts(storage);
