import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { WidgetSource } from '@/api/types';

/** The operations that a widget may ask are known only while the page runs, so the types end here. */
type AnyGet = (path: string, options: { params: { path: object; query: object } }) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/** Asks an operation that reads, with the rights of the person who looks. */
export function ask(route: string, args: WidgetSource['arguments']): Promise<unknown> {
  const entries = Object.entries(args ?? {});
  const inPath = entries.filter(([name]) => route.includes(`{${name}}`));
  const inQuery = entries.filter(([name]) => !route.includes(`{${name}}`));
  const params = { path: Object.fromEntries(inPath), query: Object.fromEntries(inQuery) };
  return unwrap((api.GET as unknown as AnyGet)(route, { params }));
}

/** The answer of a widget's operation, asked again every so often while the page is looked at. */
export const useSource = (route: string | null, source: WidgetSource, refreshS: number) =>
  useQuery({
    queryKey: ['widget', route, source.arguments],
    queryFn: () => ask(route ?? '', source.arguments),
    refetchInterval: refreshS * 1000,
    enabled: route !== null,
  });
