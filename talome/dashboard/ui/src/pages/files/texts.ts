import { addTexts } from '@/i18n';
import { files } from '@/i18n/en/files';

addTexts(files);
