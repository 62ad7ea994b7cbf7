export type Level = 'error' | 'warn' | 'info' | 'debug' | null;

const LOOKED_AT = 160;
const WORDS =
  /\b(?:(error|err|fatal|panic|critical|crit|emerg|alert|severe|exception|traceback)(?!\s*[=:]\s*(?:nil|null|none|0|false)\b)|(warn|warning)|(info|information|notice)|(debug|trace|verbose))\b/i;
/** What libraries write in place of a word: "E1122 10:00:00", "[W]", "<3>". */
const LETTER = /^(?:\[([EWID])\]|([EWIF])\d{4} |<([0-7])>)/;
const LETTERS: Record<string, Level> = { E: 'error', F: 'error', W: 'warn', I: 'info', D: 'debug' };
const SYSLOG: Level[] = ['error', 'error', 'error', 'error', 'warn', 'info', 'info', 'debug'];
const BY_GROUP: Level[] = [null, 'error', 'warn', 'info', 'debug'];

/** How serious a line says it is. The word that stands first decides: "INFO no error so far" is not an error. */
export function levelOf(plain: string): Level {
  const head = plain.length > LOOKED_AT ? plain.slice(0, LOOKED_AT) : plain;
  const letter = LETTER.exec(head);
  if (letter !== null) {
    const [, bracketed, glog, syslog] = letter;
    return syslog !== undefined ? (SYSLOG[Number(syslog)] ?? null) : (LETTERS[bracketed ?? glog ?? ''] ?? null);
  }
  const word = WORDS.exec(head);
  return word === null ? null : (BY_GROUP[word.findIndex((group, index) => index > 0 && group !== undefined)] ?? null);
}

/** The letter in front of a line, so that its colour is not the only sign. */
export const LEVEL_LETTERS: Record<Exclude<Level, null>, string> = { error: 'E', warn: 'W', info: 'I', debug: 'D' };

export type LeastLevel = 'all' | 'warn' | 'error';

/** Whether a line is serious enough to be shown. */
export const isAtLeast = (level: Level, least: LeastLevel): boolean =>
  least === 'all' || level === 'error' || (least === 'warn' && level === 'warn');
