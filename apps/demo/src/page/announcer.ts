import { byID } from './dom.ts';

/** Speaks a sentence to users of screen readers once the reader is idle (ARIA live region). */
export function announce(sentence: string): void {
  const line = document.createElement('p');
  line.textContent = sentence;
  const region = byID('announcements', HTMLDivElement);
  region.append(line);
  while (region.childElementCount > maxLines) region.firstElementChild?.remove();
}

const maxLines = 20;
