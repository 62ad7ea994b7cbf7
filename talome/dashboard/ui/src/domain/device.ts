import { t } from '@/i18n';

const BROWSERS: [pattern: RegExp, name: string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS: [pattern: RegExp, name: string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
];

const firstMatch = (text: string, candidates: [RegExp, string][]) =>
  candidates.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox on Windows" from what a browser says about itself; a program goes by its own name. */
export function deviceOf(userAgent: string): string {
  const browser = firstMatch(userAgent, BROWSERS);
  const system = firstMatch(userAgent, SYSTEMS);
  if (browser !== undefined && system !== undefined) return t('account.device', { browser, system });
  return browser ?? system ?? (userAgent.split(/[\s/]/)[0] || t('account.unknownDevice'));
}
