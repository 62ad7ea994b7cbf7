import type { AppPart, AppSettings, ExtraFolder } from '@/domain/apps';

interface Limits {
  memoryBytes?: number | null;
  cpus?: number | null;
}

/** What was typed about the parts of an app. */
export interface Changes {
  limits: Record<string, Limits>;
  folders: Record<string, string>;
  extra: ExtraFolder[] | null;
}

export const NO_CHANGES: Changes = { limits: {}, folders: {}, extra: null };

type Folder = AppPart['folders'][number];

export const limitsOf = ({ service, limits }: AppPart, changes: Changes): Limits => changes.limits[service] ?? limits;

export const folderOf = ({ key, source }: Folder, changes: Changes): string => changes.folders[key] ?? source;

const isNone = ({ memoryBytes, cpus }: Limits): boolean => !memoryBytes && !cpus;

/** What is to be sent: only what differs from what is in force. */
export function partsBody({ parts, extraFolders }: AppSettings, changes: Changes) {
  const differs = ({ service, limits }: AppPart): boolean => {
    const { memoryBytes, cpus } = changes.limits[service] ?? limits;
    return (memoryBytes ?? null) !== (limits.memoryBytes ?? null) || (cpus ?? null) !== (limits.cpus ?? null);
  };
  const limits = parts.filter(differs).map((part): [string, Limits | null] => {
    const wanted = limitsOf(part, changes);
    return [part.service, isNone(wanted) ? null : wanted];
  });
  const folders = parts
    .flatMap((part) => part.folders)
    .filter((folder) => folderOf(folder, changes).trim() !== folder.source)
    .map((folder): [string, string | null] => [folder.key, folderOf(folder, changes).trim() || null]);
  const extra = changes.extra !== null && JSON.stringify(changes.extra) !== JSON.stringify(extraFolders) ? changes.extra : null;
  return {
    ...(limits.length > 0 && { limits: Object.fromEntries(limits) }),
    ...(folders.length > 0 && { folders: Object.fromEntries(folders) }),
    ...(extra !== null && { extraFolders: extra }),
  };
}
