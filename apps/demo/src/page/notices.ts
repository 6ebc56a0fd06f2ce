import { byID } from './dom.ts';

/** A notice's subject. A newer notice on the same subject replaces the older one; other notices stay. */
export type Topic = 'ended' | 'media' | 'microphone' | 'rejoin' | 'service' | 'signaling' | 'video';

export interface NoticeAction {
  readonly label: string;
  run(): void;
}

/** Tells the user what went wrong and what to do about it. Stays until an action is taken or the notice is cleared. */
export function showNotice(topic: Topic, text: string, actions: readonly NoticeAction[] = []): void {
  clearNotice(topic);
  const notice = document.createElement('div');
  notice.className = 'notice';
  notice.dataset.topic = topic;
  const message = document.createElement('p');
  message.textContent = text;
  const buttons = document.createElement('div');
  buttons.className = 'notice-actions';
  buttons.append(...actions.map((action) => actionButton(topic, action)));
  notice.append(message, buttons);
  byID('notices', HTMLDivElement).append(notice);
}

export function clearNotice(topic: Topic): void {
  for (const notice of byID('notices', HTMLDivElement).querySelectorAll(`[data-topic="${topic}"]`)) notice.remove();
}

export function clearNotices(): void {
  byID('notices', HTMLDivElement).replaceChildren();
}

function actionButton(topic: Topic, { label, run }: NoticeAction): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button small';
  button.textContent = label;
  button.onclick = () => {
    clearNotice(topic);
    run();
  };
  return button;
}
