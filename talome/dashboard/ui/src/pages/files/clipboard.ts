/** What Ctrl-C or Ctrl-X took, until it is put somewhere. */
export interface Clipboard {
  paths: string[];
  cut: boolean;
}
