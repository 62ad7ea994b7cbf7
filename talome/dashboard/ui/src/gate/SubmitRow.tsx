import { Button } from '@mantine/core';
import { t } from '@/i18n';
import { FormError, FormNotice } from './FormNotice';
import type { Submission } from './useSubmit';

interface Props {
  submission: Submission;
  label: string;
  /** What a wrong credential means in this form. */
  refused: string;
}

/** What the server refused, and the button that sends the form. */
export function SubmitRow({ submission: { busy, error, waitS }, label, refused }: Props) {
  return (
    <>
      {waitS > 0 && <FormNotice tone="danger">{t('gate.throttled', { count: waitS })}</FormNotice>}
      {waitS === 0 && error !== null && <FormError error={error} refused={refused} />}
      <Button type="submit" size="md" fullWidth loading={busy} disabled={waitS > 0}>
        {waitS > 0 ? t('gate.throttledShort', { count: waitS }) : label}
      </Button>
    </>
  );
}
