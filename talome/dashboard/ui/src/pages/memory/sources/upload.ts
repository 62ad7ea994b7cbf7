import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';

type AddedSource = components['schemas']['AddedSource'];

/** Sends a file as a new source. */
export async function uploadSource(file: File, title: string, place: string): Promise<AddedSource> {
  const form = new FormData();
  if (title !== '') form.set('title', title);
  if (place !== '') form.set('workspace_id', place);
  form.set('file', file);
  // The document does not describe the form, so neither it nor the answer has a type.
  const added = await unwrap(api.POST('/v1/memory/sources/upload', { body: form as never, bodySerializer: () => form }));
  return added as AddedSource;
}
