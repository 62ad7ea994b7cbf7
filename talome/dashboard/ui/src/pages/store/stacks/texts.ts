import { addTexts } from '@/i18n';
import { stacks } from '@/i18n/en/stacks';
import '../texts';

addTexts(stacks);
