import { byID } from './dom.ts';

export interface NoticeAction {
  readonly label: string;
  run(): void;
}

/** Tells the person what went wrong and what can be done about it. Stays until done or cleared. */
export function showNotice(text: string, actions: readonly NoticeAction[] = []): void {
  byID('notice-text', HTMLParagraphElement).textContent = text;
  byID('notice-actions', HTMLDivElement).replaceChildren(...actions.map(actionButton));
  byID('notice', HTMLDivElement).hidden = false;
}

export function clearNotice(): void {
  byID('notice', HTMLDivElement).hidden = true;
}

function actionButton({ label, run }: NoticeAction): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button small';
  button.textContent = label;
  button.onclick = () => {
    clearNotice();
    run();
  };
  return button;
}
