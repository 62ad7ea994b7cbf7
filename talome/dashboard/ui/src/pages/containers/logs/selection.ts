/** The text that is selected in the view, lines as they were written: no times, and no line ends where it was wrapped. */
export function selectedText(viewport: HTMLElement, selection: Selection): string {
  const lines: string[] = [];
  for (const row of viewport.querySelectorAll('[data-text]')) {
    if (!selection.containsNode(row, true)) continue;
    const parts = row.getAttribute('data-text') === 'rows' ? [...row.children] : [row];
    lines.push(parts.map((part) => within(part, selection)).join(''));
  }
  return lines.join('\n');
}

function within(part: Element, selection: Selection): string {
  const whole = document.createRange();
  whole.selectNodeContents(part);
  const chosen = selection.getRangeAt(0);
  if (chosen.compareBoundaryPoints(Range.START_TO_START, whole) > 0) {
    if (chosen.compareBoundaryPoints(Range.END_TO_START, whole) > 0) return '';
    whole.setStart(chosen.startContainer, chosen.startOffset);
  }
  if (chosen.compareBoundaryPoints(Range.END_TO_END, whole) < 0) {
    if (chosen.compareBoundaryPoints(Range.START_TO_END, whole) < 0) return '';
    whole.setEnd(chosen.endContainer, chosen.endOffset);
  }
  return whole.toString();
}
