/** One line of a plot: points of seconds and values. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [seconds: number, value: number])[];
  readonly isDashed?: boolean;
}

/** One of the panels of a plot, which share the axis of time. */
export interface Panel {
  readonly unit: string;
  readonly series: readonly Series[];
}

const WIDTH = 800;
const PANEL_HEIGHT = 170;
const LEFT = 60;
const RIGHT = 12;
const TOP = 34;
const GAP = 26;
const TICKS = 4;

/** Draws panels below each other, as an SVG image. */
export function plotSvg(title: string, durationSeconds: number, panels: readonly Panel[]): string {
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP) + 14;
  const x = (seconds: number) => LEFT + ((WIDTH - LEFT - RIGHT) * seconds) / durationSeconds;
  const parts = panels.map((panel, index) => drawPanel(panel, TOP + index * (PANEL_HEIGHT + GAP), x, durationSeconds));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="14" font-size="13" font-weight="bold">${title}</text>
${parts.join('\n')}
<text x="${WIDTH - RIGHT}" y="${height - 4}" text-anchor="end" fill="#555">seconds</text>
</svg>
`;
}

function drawPanel({ unit, series }: Panel, top: number, x: (seconds: number) => number, seconds: number): string {
  const most = roundUp(Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value))));
  const y = (value: number) => top + PANEL_HEIGHT * (1 - value / most);
  const bottom = top + PANEL_HEIGHT;
  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const value = (most * tick) / TICKS;
    const at = x((seconds * tick) / TICKS);
    return `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end" fill="#555">${Number(value.toPrecision(3))}</text><text x="${at}" y="${bottom + 13}" text-anchor="middle" fill="#555">${Math.round((seconds * tick) / TICKS)}</text>`;
  });
  const legend = series.map(
    ({ name, color }, index) =>
      `<text x="${WIDTH - RIGHT - 150 * index}" y="${top - 5}" text-anchor="end" fill="${color}">${name}</text>`,
  );
  const lines = series.map(({ points, color, isDashed }) => {
    const path = points.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
    return `<path d="M${path}" fill="none" stroke="${color}" stroke-width="1.2"${isDashed ? ' stroke-dasharray="5 3"' : ''}/>`;
  });
  const label = `<text x="${LEFT}" y="${top - 5}" fill="#555">${unit}</text>`;
  return [...grid, ...legend, ...lines, label].join('\n');
}

/** Returns 1, 2 or 5 times a power of ten that is no less. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= value) ?? 10);
}
