import { byID, within } from './dom.ts';
import { QualityPanel, type VideoChoice } from './quality-panel.ts';
import type { VideoFigures } from './video-figures.ts';

/** A video that is played, with its quality panel. */
export class Picture {
  readonly track: MediaStreamTrack;
  readonly video: HTMLVideoElement;
  readonly #root: HTMLElement;
  readonly #quality: QualityPanel;

  /** Plays `track` inside of `parent`, in front of all that is there. `label` names it for screen readers. */
  constructor(parent: HTMLElement, track: MediaStreamTrack, label: string) {
    this.track = track;
    this.#root = within(byID('picture', HTMLTemplateElement).content, '.picture').cloneNode(true) as HTMLElement;
    this.video = within<HTMLVideoElement>(this.#root, 'video');
    this.video.setAttribute('aria-label', label);
    this.video.srcObject = new MediaStream([track]);
    this.#quality = new QualityPanel(within(this.#root, '.quality'));
    parent.prepend(this.#root);
  }

  showFigures(figures: VideoFigures): void {
    this.#quality.show(figures);
  }

  showChoice(choice: VideoChoice): void {
    this.#quality.showChoice(choice);
  }

  remove(): void {
    this.video.srcObject = null;
    this.#root.remove();
  }
}
