/** Seconds that a plot shows. */
export const plotSeconds = 60;

/** Values of the last minute, one a second, as the points of an SVG polyline in a box of `width` to `height`. The newest is at the right. */
export function plotPoints(values: readonly number[], max: number, width: number, height: number): string {
  const step = width / (plotSeconds - 1);
  const start = plotSeconds - values.length;
  return values
    .map((value, index) => {
      const y = height * (1 - Math.min(1, value / Math.max(1, max)));
      return `${((start + index) * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
