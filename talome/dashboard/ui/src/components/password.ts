export const SHORTEST = 8;

export type Score = 0 | 1 | 2 | 3 | 4;

const COMMON = /^(password|passwort|qwert[yz]|letmein|welcome|iloveyou|admin|talome|1234567890|0123456789|abcdefgh)/i;

/**
 * A hint about how hard a password is to guess: 0 too short to be accepted, 4 strong. Length counts most; repeats and
 * runs (aaaa, 1234) count as one step, and the usual suspects never score above 1.
 */
export function passwordScore(password: string, username = ''): Score {
  if ([...password].length < SHORTEST) return 0;
  const plain = password.toLowerCase();
  if (COMMON.test(password) || (username.length > 2 && plain.includes(username.toLowerCase()))) return 1;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const bits = surprisingLetters(plain) * (2.2 + kinds * 0.6);
  if (bits < 28) return 1;
  if (bits < 42) return 2;
  return bits < 58 ? 3 : 4;
}

function surprisingLetters(text: string): number {
  let count = 0;
  let previous = Number.NaN;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (Math.abs(code - previous) > 1) count += 1;
    previous = code;
  }
  return count;
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP = 5;

/** A password that can be read out over the phone: 20 letters and digits in groups, about 99 bits. */
export function generatePassword(): string {
  const letter = (): string => {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // The last bytes would make some letters likelier than others.
    return byte < 256 - (256 % LETTERS.length) ? (LETTERS[byte % LETTERS.length] ?? '') : letter();
  };
  return Array.from({ length: GROUPS }, () => Array.from({ length: GROUP }, letter).join('')).join('-');
}
