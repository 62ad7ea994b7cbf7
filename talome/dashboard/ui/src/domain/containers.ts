import type { Container, Port } from '@/api/types';
import { t } from '@/i18n';

export type Tone = 'ok' | 'warn' | 'danger' | 'info' | 'idle';

export interface State {
  tone: Tone;
  label: string;
}

/** What `docker stop` and a reboot leave behind; any other code means that the program itself gave up. */
const ORDERLY_EXITS = new Set([0, 130, 137, 143]);

export const endedBadly = ({ state, exitCode }: Container): boolean =>
  state === 'dead' || (state === 'exited' && exitCode !== null && !ORDERLY_EXITS.has(exitCode));

/** The state in one word, with what the health check says where there is one. */
export function stateOf(container: Container): State {
  const { state, health, exitCode } = container;
  if (state === 'running') {
    if (health === 'unhealthy') return { tone: 'danger', label: t('state.unhealthy') };
    if (health === 'starting') return { tone: 'info', label: t('state.starting') };
    return { tone: 'ok', label: t(health === 'healthy' ? 'state.healthy' : 'state.running') };
  }
  if (endedBadly(container)) {
    return { tone: 'danger', label: exitCode === null ? t('state.dead') : t('state.failed', { code: exitCode }) };
  }
  if (state === 'restarting') return { tone: 'warn', label: t('state.restarting') };
  if (state === 'paused') return { tone: 'info', label: t('state.paused') };
  return { tone: 'idle', label: t(`state.${state}`) };
}

export const inTrouble = (container: Container): boolean =>
  endedBadly(container) ||
  container.state === 'restarting' ||
  (container.state === 'running' && container.health === 'unhealthy');

export const isRunning = ({ state }: Container): boolean => state === 'running' || state === 'paused' || state === 'restarting';

/** The container's name as a household word: "immich-server-1" of service "server" in "immich" -> "immich-server". */
export function titleOf({ name, project, service }: Container): string {
  if (project === null || service === null) return name;
  const composed = new RegExp(`^${escapeRegex(project)}[-_]${escapeRegex(service)}[-_]\\d+$`);
  if (!composed.test(name)) return name;
  return service === project || service.startsWith(`${project}-`) || service.startsWith(`${project}_`)
    ? service
    : `${project}-${service}`;
}

/** What an icon takes its colour from: all of a project look related, here and on Home. */
export const iconSeed = (container: Container): string => container.project ?? titleOf(container);

export const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The address of the detail page. The short id is enough to find it and readable in a link. */
export const addressOf = ({ id }: Container): string => `/containers/${id.slice(0, 12)}`;

/** The container that an address means: by id, by the beginning of the id, or by name. */
export const findContainer = (containers: Container[], wanted: string): Container | undefined =>
  containers.find(({ id, name }) => id === wanted || name === wanted) ??
  (wanted.length >= 6 ? containers.find(({ id }) => id.startsWith(wanted)) : undefined);

const SECURE = new Set([443, 8443, 9443]);
/** Ports that are hardly ever a web page. */
const NOT_WEB = new Set([21, 22, 25, 53, 67, 68, 123, 139, 445, 853, 1883, 3306, 5432, 6379, 27017, 51820]);

/** One entry for each published port; the same port on IPv4 and IPv6 is one. */
export function publishedPorts({ ports }: Container): (Port & { host: number })[] {
  const seen = new Set<string>();
  return ports
    .filter((port): port is Port & { host: number } => port.host !== null)
    .filter(({ host, protocol }) => {
      const key = `${host}/${protocol}`;
      return seen.has(key) ? false : seen.add(key);
    })
    .sort((a, b) => a.host - b.host);
}

/** Ports that only other containers can reach. */
export const internalPorts = ({ ports }: Container): Port[] => ports.filter((port) => port.host === null);

/** Where a browser finds what a port serves; null for one that is not for browsers. */
export function urlOf(port: Port, hostname: string = window.location.hostname): string | null {
  const local = port.address !== null && /^(127\.|::1$)/.test(port.address);
  if (port.host === null || port.protocol !== 'tcp' || NOT_WEB.has(port.container)) return null;
  if (local && !/^(localhost|127\.|\[::1\])/.test(hostname)) return null;
  const scheme = SECURE.has(port.container) ? 'https' : 'http';
  return `${scheme}://${hostname}:${port.host}`;
}

/** The page that the tile of a running container opens. */
export function webPage(container: Container): string | null {
  if (container.state !== 'running') return null;
  const urls = publishedPorts(container).map((port) => urlOf(port));
  return urls.find((url) => url !== null) ?? null;
}

/** The sentence parts that Home needs: how many there are and how many run. */
export function countStates(containers: Container[]): { total: number; running: number; trouble: number } {
  return {
    total: containers.length,
    running: containers.filter(({ state }) => state === 'running').length,
    trouble: containers.filter(inTrouble).length,
  };
}

export interface App {
  name: string;
  container: Container;
  /** The page it opens; null while it does not run or has none. */
  url: string | null;
}

/**
 * What a person calls an app: a container with a page of its own. The only one of a project goes by the project's name:
 * "immich-server" of "immich" is "Immich".
 */
export function appsOf(containers: Container[]): App[] {
  const faces = containers.filter(hasPage);
  return faces
    .map((container) => {
      const { project } = container;
      const alone = project !== null && faces.filter((other) => other.project === project).length === 1;
      return { name: household(alone ? project : titleOf(container)), container, url: webPage(container) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

const hasPage = (container: Container): boolean => publishedPorts(container).some((port) => urlOf(port) !== null);

const household = (name: string): string =>
  name.replace(/[-_]+/g, ' ').replace(/(^|\s)\p{Ll}/gu, (letter) => letter.toUpperCase());
