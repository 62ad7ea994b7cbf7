import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { type ComponentPropsWithRef, lazy, Suspense, useState } from 'react';
import type { Container } from '@/api/types';
import { titleOf } from '@/domain/containers';
import { t } from '@/i18n';

interface Props {
  container: Container;
  size?: number;
  /** Offers to tick the container, where there are no ticks yet. */
  onSelect?: (() => void) | null;
}

const loadMenu = () => import('./OpenMenu');
const OpenMenu = lazy(loadMenu);

/** The actions of one container. The menu itself is made when it is first opened: a list has many rows. */
export function RowMenu({ container, size = 34, onSelect }: Props) {
  const [used, setUsed] = useState(false);
  const label = t('containers.rowMenu', { name: titleOf(container) });
  const button = (
    <MenuButton size={size} aria-label={label} onClick={() => setUsed(true)} onPointerEnter={() => void loadMenu()} />
  );
  if (!used) return button;
  return (
    <Suspense fallback={button}>
      <OpenMenu container={container} size={size} label={label} onSelect={onSelect} />
    </Suspense>
  );
}

export function MenuButton(props: ActionIconProps & ComponentPropsWithRef<'button'>) {
  return (
    <ActionIcon aria-haspopup="menu" {...props}>
      <IconDots size={18} stroke={1.75} />
    </ActionIcon>
  );
}
