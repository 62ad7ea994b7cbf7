import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';

/** All particulars of a container; a change of its state or name brings them anew. */
export const useDetail = (container: Container) =>
  useQuery({
    queryKey: ['containers', container.id, container.state, container.startedAt, container.name, container.health],
    queryFn: () => unwrap(api.GET('/api/containers/{id}', { params: { path: { id: container.id } } })),
    placeholderData: (previous) => (previous?.id === container.id ? previous : undefined),
  });
