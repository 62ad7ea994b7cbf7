import { ActionIcon, Menu } from '@mantine/core';
import {
  IconAccessible, IconClipboard, IconCopy, IconDots, IconEraser, IconLayoutColumns, IconPencil, IconPlayerRecord, IconPlayerStop,
  IconSearch, IconTextDecrease, IconTextIncrease, IconX,
} from '@tabler/icons-react';
import { copyText } from '@/components/clipboard';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { LARGEST, type Look, SMALLEST, type TerminalSession } from './model';
import type { Handle } from './Screen';

interface Props {
  session: TerminalSession;
  look: Look;
  onLook: (change: Partial<Look>) => void;
  handle: React.RefObject<Handle | null>;
  /** Null where there is no other, or no room. */
  onSplit: (() => void) | null;
  onRecord: () => void;
  onRename: () => void;
  onClose: () => void;
}

/** What can be done with the terminal that is shown. */
export default function ScreenMenu({ session, look, onLook, handle, onSplit, onRecord, onRename, onClose }: Props) {
  const size = (step: number) => onLook({ fontSize: Math.min(LARGEST, Math.max(SMALLEST, look.fontSize + step)) });
  const icon = { size: 18, stroke: 1.75 };
  return (
    <Menu width={240} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon size={38} aria-label={t('terminal.menu', { title: session.title })}>
          <IconDots {...icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copySelection(handle.current)}>
          {t('terminal.copy')}
        </Menu.Item>
        <Menu.Item leftSection={<IconClipboard {...icon} />} onClick={() => void paste(handle.current)}>
          {t('terminal.paste')}
        </Menu.Item>
        <Menu.Item leftSection={<IconEraser {...icon} />} onClick={() => handle.current?.clear()}>
          {t('terminal.clear')}
        </Menu.Item>
        <Menu.Item leftSection={<IconSearch {...icon} />} onClick={() => handle.current?.find()}>
          {t('terminal.find')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconTextIncrease {...icon} />} closeMenuOnClick={false} onClick={() => size(1)}>
          {t('terminal.larger')}
        </Menu.Item>
        <Menu.Item leftSection={<IconTextDecrease {...icon} />} closeMenuOnClick={false} onClick={() => size(-1)}>
          {t('terminal.smaller')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconAccessible {...icon} />}
          onClick={() => onLook({ screenReader: !look.screenReader })}
        >
          {t(look.screenReader ? 'terminal.screenReaderOff' : 'terminal.screenReaderOn')}
        </Menu.Item>
        {onSplit !== null && (
          <Menu.Item leftSection={<IconLayoutColumns {...icon} />} onClick={onSplit}>
            {t('terminal.split')}
          </Menu.Item>
        )}
        <Menu.Divider />
        {session.exitCode === null && (
          <Menu.Item
            leftSection={session.recording === null ? <IconPlayerRecord {...icon} /> : <IconPlayerStop {...icon} />}
            onClick={onRecord}
          >
            {t(session.recording === null ? 'terminal.record' : 'terminal.recordStop')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconPencil {...icon} />} onClick={onRename}>
          {t('terminal.rename')}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconX {...icon} />} onClick={onClose}>
          {t('terminal.close')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

async function copySelection(handle: Handle | null): Promise<void> {
  const text = handle?.selection() ?? '';
  const done = text !== '' && (await copyText(text));
  toast({ tone: 'info', title: t(done ? 'terminal.copied' : 'terminal.nothingSelected') });
}

async function paste(handle: Handle | null): Promise<void> {
  try {
    handle?.type((await navigator.clipboard.readText()).replace(/\r?\n/g, '\r'));
  } catch {
    // Without HTTPS, or where the browser was told so, only its own paste works.
    toast({ tone: 'info', title: t('terminal.pasteByKey') });
  }
}
