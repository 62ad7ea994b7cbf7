import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** One accent, a green-teal. Shade 7 carries white text (5.3:1) and stands out from both grounds. */
const leaf: MantineColorsTuple = [
  '#EAF6F1', '#D2EDE2', '#A6DCC7', '#76C9AB', '#4CB692', '#2FA884', '#1F9D7A', '#147A5D', '#0F6249', '#0A4735',
];
/** Warm neutral greys: paper by day, charcoal by night. */
const gray: MantineColorsTuple = [
  '#FAF9F7', '#F4F2EE', '#EAE7E1', '#DEDAD2', '#C9C4BA', '#A59F94', '#7D776C', '#655F55', '#47433C', '#2B2925',
];
const dark: MantineColorsTuple = [
  '#ECE9E3', '#D3CFC7', '#ABA59A', '#858075', '#3B3934', '#312F2B', '#26251F', '#1D1C19', '#171614', '#0E0E0C',
];
const red: MantineColorsTuple = [
  '#FCEFEC', '#F8DDD7', '#F1B9AE', '#EA9384', '#E37463', '#DB5B48', '#CC4633', '#B23A29', '#8F2E21', '#6B2218',
];
const amber: MantineColorsTuple = [
  '#FDF4E3', '#FAE7C3', '#F4CF8B', '#EDB654', '#E6A22C', '#D08D1B', '#B07512', '#8A5A0B', '#6C4608', '#4E3206',
];

export const theme = createTheme({
  primaryColor: 'leaf',
  primaryShade: 7,
  colors: { leaf, gray, dark, red, amber },
  black: '#1F1D1A',
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.25' },
      h2: { fontSize: '1.25rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.45' },
    },
  },
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '14px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '40px' },
  shadows: { md: 'var(--float-shadow)' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 34 } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end', transitionProps: { duration: 120 } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } },
    Modal: {
      styles: { title: { fontSize: '1rem', fontWeight: 620 } },
      defaultProps: {
        centered: true,
        shadow: 'md',
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.4 },
        transitionProps: { duration: 160, transition: 'pop' },
      },
    },
    InputWrapper: {
      styles: { label: { marginBlockEnd: 6 }, description: { marginBlockStart: 6 }, error: { marginBlockStart: 6 } },
    },
    PasswordInput: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
  },
});

/** The few names our own style sheets use; every pair of text and ground below keeps at least 4.5:1. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#FFFFFF',
    '--mantine-color-text': '#26241F',
    '--mantine-color-dimmed': '#655F55',
    '--mantine-color-placeholder': '#756F64',
    '--mantine-color-anchor': '#0F6E53',
    '--mantine-color-error': '#B23A29',
    '--mantine-color-default-border': '#DEDAD2',
    '--mantine-color-gray-text': '#57524A',
    '--mantine-color-red-text': '#A93425',
  },
  dark: {
    '--mantine-color-body': '#1D1C19',
    '--mantine-color-text': '#ECE9E3',
    '--mantine-color-dimmed': '#ABA59A',
    '--mantine-color-placeholder': '#969084',
    '--mantine-color-anchor': '#5CC5A3',
    '--mantine-color-error': '#F08D7E',
    '--mantine-color-default-border': '#35332E',
    '--mantine-color-gray-text': '#C2BDB2',
    '--mantine-color-red-text': '#F19A8C',
  },
});
