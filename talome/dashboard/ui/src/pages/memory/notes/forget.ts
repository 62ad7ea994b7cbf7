import type { QueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { nameOf, type Note } from './names';

/** Everything that shows notes is asked for again. */
export const refreshMemory = (client: QueryClient): Promise<void> => client.invalidateQueries({ queryKey: ['memory'] });

/** Forgets a note at once; the message that says so takes it back. */
export async function forget(client: QueryClient, note: Note): Promise<void> {
  const name = nameOf(note);
  try {
    await unwrap(api.DELETE('/v1/memory/notes/{id}', { params: { path: { id: note.id } } }));
  } catch (error) {
    toastError(t('memory.forgetOf', { name }), error);
    return;
  }
  toast({
    tone: 'ok',
    title: t('memory.forgotten', { name }),
    text: t('memory.forgottenText'),
    action: { label: t('memory.undo'), run: () => void restore(client, note.id, name) },
  });
  await refreshMemory(client);
}

/** Has a forgotten note back. */
export async function restore(client: QueryClient, id: string, name: string): Promise<void> {
  try {
    await unwrap(api.POST('/v1/memory/notes/{id}/restore', { params: { path: { id } } }));
    toast({ tone: 'ok', title: t('memory.restored', { name }) });
  } catch (error) {
    toastError(t('memory.restoreOf', { name }), error);
  }
  await refreshMemory(client);
}
