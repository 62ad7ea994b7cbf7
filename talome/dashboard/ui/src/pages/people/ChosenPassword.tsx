import { Button } from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';
import { useState } from 'react';
import { CopyButton } from '@/components/CopyButton';
import { NewPassword } from '@/components/NewPassword';
import { generatePassword } from '@/components/password';
import { t } from '@/i18n';
import classes from './People.module.css';

interface Props {
  value: string;
  username: string;
  error: string | null;
  onChange: (password: string) => void;
}

/** A password for somebody else: typed, or generated and then shown to hand over. */
export function ChosenPassword({ value, username, error, onChange }: Props) {
  const [generated, setGenerated] = useState<string | null>(null);
  const generate = () => {
    const made = generatePassword();
    setGenerated(made);
    onChange(made);
  };
  return (
    <div>
      <NewPassword label={t('people.password')} value={value} username={username} error={error} onChange={onChange} />
      {generated !== null && generated === value ? (
        <>
          <div className={classes.given}>
            <code>{generated}</code>
            <CopyButton size="sm" text={generated} />
          </div>
          <p className={classes.note}>{t('people.generated')}</p>
        </>
      ) : (
        <Button className={classes.generate} variant="default" leftSection={<IconDice5 size={16} stroke={1.75} />} onClick={generate}>
          {t('people.generate')}
        </Button>
      )}
    </div>
  );
}
