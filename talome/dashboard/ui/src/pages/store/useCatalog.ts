import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { type AppSummary, useFreshAfterJobs } from '@/domain/apps';

const PAGE = 200;
const FRESH_MS = 60_000;

const page = (number: number) => unwrap(api.GET('/api/apps', { params: { query: { page: number, limit: PAGE } } }));

/** All apps of all stores, so that a search needs no request. */
async function fetchAll(): Promise<AppSummary[]> {
  const first = await page(1);
  const more = Array.from({ length: Math.ceil(first.total / PAGE) - 1 }, (_, index) => page(index + 2));
  return [first, ...(await Promise.all(more))].flatMap(({ apps }) => apps);
}

export function useCatalog() {
  useFreshAfterJobs(true);
  return useQuery({ queryKey: ['apps', 'catalog'], queryFn: fetchAll, staleTime: FRESH_MS });
}

/** What the server finds although a word was mistyped; asked only where the browser itself finds nothing. */
export const useSimilar = (search: string, wanted: boolean) =>
  useQuery({
    queryKey: ['apps', 'similar', search],
    queryFn: ({ signal }) => unwrap(api.GET('/api/apps', { params: { query: { search, limit: 24 } }, signal })),
    enabled: wanted && search.trim() !== '',
  });
