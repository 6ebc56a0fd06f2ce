import { byID } from './dom.ts';
import { Picture } from './picture.ts';
import type { VideoChoice } from './quality-panel.ts';
import type { VideoFigures } from './video-figures.ts';

/** A screen, and what the stage calls it. */
export interface StagedScreen {
  readonly track: MediaStreamTrack;
  readonly title: string;
}

/** The place of the screen that is shared, in the middle of the call. */
export class Stage {
  readonly #section = byID('stage', HTMLElement);
  readonly #title = byID('stage-title', HTMLHeadingElement);
  #picture: Picture | undefined;

  constructor() {
    const pictureInPicture = byID('picture-in-picture', HTMLButtonElement);
    // Firefox has a button of its own on each video instead.
    pictureInPicture.hidden = !document.pictureInPictureEnabled;
    pictureInPicture.onclick = () => void this.#picture?.video.requestPictureInPicture().catch(() => undefined);
    byID('full-screen', HTMLButtonElement).onclick = () => void this.#picture?.video.requestFullscreen();
  }

  get track(): MediaStreamTrack | undefined {
    return this.#picture?.track;
  }

  show(track: MediaStreamTrack, title: string): void {
    this.hide();
    this.#title.textContent = title;
    this.#picture = new Picture(byID('stage-picture', HTMLElement), track, title);
    this.#section.hidden = false;
  }

  showFigures(figures: VideoFigures): void {
    this.#picture?.showFigures(figures);
  }

  showChoice(choice: VideoChoice): void {
    this.#picture?.showChoice(choice);
  }

  hide(): void {
    this.#picture?.remove();
    this.#picture = undefined;
    this.#section.hidden = true;
  }
}
