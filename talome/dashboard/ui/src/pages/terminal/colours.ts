import type { ITheme } from '@xterm/xterm';

/** The sixteen colours, each at least 4.5:1 on its ground except the two that stand for the ground itself. */
export const paper: ITheme = {
  background: '#ffffff', foreground: '#26241f', cursor: '#147a5d', cursorAccent: '#ffffff',
  selectionBackground: '#cfe9de', selectionInactiveBackground: '#e6e2da',
  black: '#26241f', red: '#b23a29', green: '#0f6e53', yellow: '#84550a',
  blue: '#2f5f8f', magenta: '#8a3f86', cyan: '#0b6b74', white: '#655f55',
  brightBlack: '#756f64', brightRed: '#cc4633', brightGreen: '#147a5d', brightYellow: '#8a5a0b',
  brightBlue: '#34699e', brightMagenta: '#9a4795', brightCyan: '#0d747e', brightWhite: '#26241f',
};

export const night: ITheme = {
  background: '#171614', foreground: '#ece9e3', cursor: '#5cc5a3', cursorAccent: '#171614',
  selectionBackground: '#2b5a4a', selectionInactiveBackground: '#35332e',
  black: '#47433c', red: '#f19a8c', green: '#6accac', yellow: '#e8b75c',
  blue: '#94bfe8', magenta: '#dba3d7', cyan: '#7fcbd3', white: '#d3cfc7',
  brightBlack: '#969084', brightRed: '#f6b3a8', brightGreen: '#8adcc0', brightYellow: '#f0ca80',
  brightBlue: '#b3d3f0', brightMagenta: '#e8bfe5', brightCyan: '#a3dce2', brightWhite: '#ffffff',
};
