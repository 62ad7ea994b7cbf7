import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { t } from '@/i18n';
import classes from './Arrange.module.css';
import type { Draft, Problems } from './draft';

const MOST = 20;

interface Props {
  links: Draft['links'];
  problems: Problems;
  onChange: (links: Draft['links']) => void;
}

/** The names and addresses of a card of links. */
export function LinkFields({ links, problems, onChange }: Props) {
  const set = (index: number, part: Partial<Draft['links'][number]>) =>
    onChange(links.map((link, each) => (each === index ? { ...link, ...part } : link)));
  return (
    <>
      {links.map((link, index) => (
        <fieldset key={index} className={classes.link} aria-label={t('home.linkNumber', { number: index + 1 })}>
          <TextInput
            label={t('home.linkTitle')}
            value={link.title}
            maxLength={80}
            dir="auto"
            error={problems[`links.${index}.title`]}
            onChange={(event) => set(index, { title: event.currentTarget.value })}
          />
          <TextInput
            label={t('home.linkUrl')}
            value={link.url}
            maxLength={500}
            type="url"
            inputMode="url"
            placeholder="https://"
            error={problems[`links.${index}.url`]}
            onChange={(event) => set(index, { url: event.currentTarget.value })}
          />
          <ActionIcon
            mt={26}
            size={42}
            disabled={links.length === 1}
            aria-label={t('home.removeLink', { number: index + 1 })}
            onClick={() => onChange(links.filter((_, each) => each !== index))}
          >
            <IconTrash size={18} stroke={1.75} />
          </ActionIcon>
        </fieldset>
      ))}
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} />}
          disabled={links.length >= MOST}
          onClick={() => onChange([...links, { title: '', url: '' }])}
        >
          {t('home.addLink')}
        </Button>
      </div>
    </>
  );
}
