import type { AppPort, FormField } from '@/domain/apps';

export type Answers = Record<string, string>;
export type Ports = Record<string, number>;

/** What a field shows: the answer, else what the store takes by itself. */
export const shownAnswer = (field: FormField, answers: Answers): string => answers[field.name] ?? field.default ?? '';

/** The fields that stand empty although they are needed. */
export const missing = (fields: FormField[], answers: Answers): string[] =>
  fields.filter((field) => field.required && shownAnswer(field, answers).trim() === '').map(({ name }) => name);

export type PortComplaint = 'ports.bad' | 'ports.twice';

/** What is wrong with the typed ports, by their keys. */
export function portComplaints(ports: AppPort[], typed: Record<string, string>): Record<string, PortComplaint> {
  const chosen = ports.map(({ key, port, protocol }) => ({ key, protocol, text: (typed[key] ?? String(port)).trim() }));
  const complaints: Record<string, PortComplaint> = {};
  for (const { key, protocol, text } of chosen) {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65535) complaints[key] = 'ports.bad';
    else if (chosen.some((other) => other.key !== key && other.protocol === protocol && other.text === text)) {
      complaints[key] = 'ports.twice';
    }
  }
  return complaints;
}

/** The typed ports that differ from those the server proposed. */
export const wishedPorts = (typed: Record<string, string>): Ports =>
  Object.fromEntries(
    Object.entries(typed)
      .filter(([, text]) => /^\d+$/.test(text.trim()))
      .map(([key, text]) => [key, Number(text)]),
  );
