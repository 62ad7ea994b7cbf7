import { useMediaQuery } from '@mantine/hooks';

/** True from tablets up; below it the frame and the lists take their phone shape. */
export const useWide = (): boolean => useMediaQuery('(min-width: 48em)', true, { getInitialValueInEffect: false });
