import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useWide } from '@/app/useWide';

/** The one dangerous button of a row; what it does is asked for before it happens. */
export function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  const wide = useWide();
  return (
    <ActionIcon size={wide ? 34 : 44} aria-label={label} title={label} onClick={onClick}>
      <IconTrash size={18} stroke={1.75} />
    </ActionIcon>
  );
}
