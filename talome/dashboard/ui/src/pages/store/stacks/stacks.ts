import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import type { FormField } from '@/domain/apps';

type Schemas = components['schemas'];

export type Stack = Schemas['Stack'];
export type StackMember = Schemas['StackMember'];
export type StackLink = Schemas['StackLink'];
export type PlannedMember = Omit<Schemas['PlannedMember'], 'fields'> & { fields: FormField[] };
export type StackPlan = Omit<Schemas['StackPlan'], 'members'> & { members: PlannedMember[] };

export const addressOfStack = (id: string): string => `/store/-/stacks/${id}`;

export const isThere = ({ installed }: StackMember): boolean => installed !== null;
/** Those that an installation would bring. */
export const wanted = (stack: Stack): StackMember[] =>
  stack.members.filter((member) => !isThere(member) && member.problem === null);

export const useStacks = () =>
  useQuery({ queryKey: ['apps', 'stacks'], queryFn: () => unwrap(api.GET('/api/stacks')), staleTime: 60_000 });
