import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { directionOf, locale } from '@/i18n';
import { theme, variables } from '@/theme';

const scheme = localStorageColorSchemeManager({ key: 'talome.scheme' });
const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';

document.documentElement.lang = locale;
document.documentElement.dir = directionOf(locale);

/** Theme and colour scheme around every page, signed in or not. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={scheme}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  );
}
