import { Button } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';

/** Opens a terminal in the container and goes there. */
export function OpenTerminal({ container }: { container: Container }) {
  const navigate = useNavigate();
  const opening = useMutation({
    mutationFn: () =>
      unwrap(api.POST('/api/terminal/sessions', { body: { kind: 'container', container: container.id } })),
    onSuccess: ({ id }) => void navigate({ to: `/terminal/${id}` }),
    onError: (error) => toastError(t('terminal.openFailed'), error),
  });
  return (
    <Button variant="default" size="sm" leftSection={<IconTerminal2 size={16} />} loading={opening.isPending} onClick={() => opening.mutate()}>
      {t('console.terminal')}
    </Button>
  );
}
