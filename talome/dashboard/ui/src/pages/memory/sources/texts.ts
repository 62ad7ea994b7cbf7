import { addTexts } from '@/i18n';
import { material } from '@/i18n/en/material';

addTexts(material);
