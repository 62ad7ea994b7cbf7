/**
 * xterm writes the colours of programs, and those of a selection, into `style` attributes, which the page's
 * Content-Security-Policy keeps out. Set as properties they are allowed.
 */
export function styleByProperties(): void {
  const { prototype } = HTMLSpanElement;
  if (Object.hasOwn(prototype, 'setAttribute')) return;
  prototype.setAttribute = function setAttribute(this: HTMLSpanElement, name: string, value: string) {
    if (name === 'style') this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
  };
}
