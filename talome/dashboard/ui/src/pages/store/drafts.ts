import type { Answers } from '../apps/parts/answers';

/** What was entered for an installation; ports as they were typed. */
export interface Draft {
  answers: Answers;
  ports: Record<string, string>;
}

const drafts = new Map<string, Draft>();

/**
 * What was entered stays as long as this tab, so that closing the dialog or a failure loses nothing. It may hold
 * passwords, so it is written nowhere.
 */
export const keptDraft = (app: string): Draft => drafts.get(app) ?? { answers: {}, ports: {} };

export const keepDraft = (app: string, draft: Draft): void => void drafts.set(app, draft);
