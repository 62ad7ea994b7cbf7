import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { CopyButton } from '@/components/CopyButton';
import { t } from '@/i18n';
import classes from '../Ai.module.css';
import { Section } from '@/components/Section';

const KEY = 'tok_…';

/** How the usual programs are told where the models are. Their words stay as those programs have them. */
const PROGRAMS: Record<string, (origin: string) => string> = {
  'OpenAI SDK': (origin) => `export OPENAI_BASE_URL=${origin}/v1\nexport OPENAI_API_KEY=${KEY}`,
  'Claude Code': (origin) => `export ANTHROPIC_BASE_URL=${origin}\nexport ANTHROPIC_AUTH_TOKEN=${KEY}`,
  curl: (origin) =>
    `curl ${origin}/v1/chat/completions \\\n  -H "Authorization: Bearer ${KEY}" \\\n  -H "Content-Type: application/json" \\\n  -d '{"model": "auto", "messages": [{"role": "user", "content": "Hello"}]}'`,
  'Open WebUI': (origin) => `OPENAI_API_BASE_URL=${origin}/v1\nOPENAI_API_KEY=${KEY}`,
  Continue: (origin) => `models:\n  - name: Talome\n    provider: openai\n    model: auto\n    apiBase: ${origin}/v1\n    apiKey: ${KEY}`,
  n8n: (origin) => `OpenAI credential\n  Base URL  ${origin}/v1\n  API Key   ${KEY}`,
};

/** What to write into which program. */
export function Programs() {
  const [name, setName] = useState('OpenAI SDK');
  const words = PROGRAMS[name]?.(window.location.origin) ?? '';
  return (
    <Section title={t('ai.programs')} text={t('ai.programsText')}>
      <div className={classes.row}>
        <NativeSelect aria-label={t('ai.program')} value={name} onChange={(event) => setName(event.currentTarget.value)} data={Object.keys(PROGRAMS)} />
        <CopyButton size="sm" text={words} />
      </div>
      <pre className={classes.block} tabIndex={0} aria-label={name}>
        {words}
      </pre>
    </Section>
  );
}
