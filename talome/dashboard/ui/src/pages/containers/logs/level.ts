export type Level = 'error' | 'warn' | 'debug' | null;

const LOOKED_AT = 160;
const ERROR = /\b(?:error|err|fatal|panic|critical|crit|exception|traceback)\b(?!\s*[=:]\s*(?:nil|null|none|0|false)\b)/i;
const WARN = /\b(?:warn|warning)\b/i;
const DEBUG = /\b(?:debug|trace|verbose)\b/i;
const INFO = /\b(?:info|notice)\b/i;

/** How serious a line says it is. The word that stands first decides: "INFO no error so far" is not an error. */
export function levelOf(plain: string): Level {
  const head = plain.slice(0, LOOKED_AT);
  const places: [Level | 'info', number][] = [
    ['error', head.search(ERROR)],
    ['warn', head.search(WARN)],
    ['debug', head.search(DEBUG)],
    ['info', head.search(INFO)],
  ];
  const [first] = places.filter(([, at]) => at >= 0).sort((a, b) => a[1] - b[1]);
  return first === undefined || first[0] === 'info' ? null : first[0];
}
