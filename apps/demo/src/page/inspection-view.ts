import type { Inspection } from '../inspection.ts';
import { within } from './dom.ts';
import { formatBitrate, formatLoss, formatRoundTrip } from './figures.ts';

/** The details of the own session, as rtcd sees them. Folded up until the user asks. */
export class InspectionView {
  readonly #root: HTMLDetailsElement;
  #browserWay: string | undefined;

  constructor(root: HTMLDetailsElement) {
    this.#root = root;
  }

  close(): void {
    this.#root.open = false;
  }

  /** Takes the way that media goes as the browser sees it. It is shown with the next inspection. */
  setBrowserWay(way: string | undefined): void {
    this.#browserWay = way;
  }

  show(inspection: Inspection | undefined): void {
    this.#part('nothing').hidden = inspection !== undefined;
    if (inspection === undefined) return;
    this.#part('facts').replaceChildren(
      ...factsOf(inspection, this.#browserWay).map(([term, value]) => fact(term, value)),
    );
    this.#part('tracks').replaceChildren(...tracksOf(inspection).map(row));
    this.#part('events').replaceChildren(
      ...inspection.events.map(({ atMs, event, detail }) =>
        element('li', `${(atMs / 1000).toFixed(2)} s: ${event}${detail === '' ? '' : ` (${detail})`}`),
      ),
    );
  }

  #part(name: string): HTMLElement {
    return within(this.#root, `[data-part="${name}"]`);
  }
}

function factsOf(
  { path, way, ice, dtls, sctp, estimateBps, drops }: Inspection,
  browserWay: string | undefined,
): readonly (readonly [term: string, value: string])[] {
  const { accepted, refused } = ice.checks;
  const consent = ice.paths.find(({ isSelected }) => isSelected)?.lastConsentAgoMs;
  const dropped = Object.entries(drops).map(([reason, count]) => `${reason} ${count}`);
  return [
    ['Path', path ?? 'none'],
    ['Way from rtcd', way ? `${way.local} over ${way.protocol.toUpperCase()} to ${way.remote}` : 'none'],
    ['Way from this browser', browserWay ?? 'none'],
    ['ICE', ice.state],
    ['Checks', `${accepted} accepted, ${refused} refused`],
    ['Last consent', consent === undefined ? '–' : `${(consent / 1000).toFixed(1)} s ago`],
    ['DTLS', dtls?.phase ?? '–'],
    ['SCTP', sctp?.state ?? '–'],
    ['Estimated bandwidth', formatBitrate(estimateBps)],
    ['Drops', dropped.length === 0 ? 'none' : dropped.join(', ')],
  ];
}

/** Cells of each track, what the page sends first. */
function tracksOf({ incoming, outgoing }: Inspection): readonly (readonly string[])[] {
  const cells = (name: string, packets: number, lossRatio: number | undefined, jitterMs: number) => [
    name,
    packets.toLocaleString('en'),
    formatLoss(lossRatio),
    formatRoundTrip(jitterMs),
  ];
  return [
    ...incoming.map(({ type, packets, lost, jitterMs }) => {
      const expected = packets + lost;
      return cells(`Yours: ${type ?? 'not announced'}`, packets, expected > 0 ? lost / expected : undefined, jitterMs);
    }),
    ...outgoing.map(({ trackId, isFlowing, packets, lossRatio, jitterMs }) =>
      cells(`To you: ${trackId}${isFlowing ? '' : ' (paused)'}`, packets, lossRatio, jitterMs),
    ),
  ];
}

function fact(term: string, value: string): HTMLElement {
  const pair = document.createElement('div');
  pair.append(element('dt', term), element('dd', value));
  return pair;
}

function row([name = '', ...values]: readonly string[]): HTMLElement {
  const line = document.createElement('tr');
  const header = element('th', name);
  header.setAttribute('scope', 'row');
  line.append(header, ...values.map((value) => element('td', value)));
  return line;
}

function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
