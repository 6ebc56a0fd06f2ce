/** The names of all time series that a text of Prometheus announces, those of histograms with their endings. */
export function announcedSeries(metrics: string): ReadonlySet<string> {
  const names = [...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', kind]) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

/** Contents of a PromQL expression: our time series, and the labels it selects or groups by. */
export interface Query {
  readonly series: readonly string[];
  readonly labels: readonly string[];
}

/** Reads as much of PromQL as the dashboard and the rules have. */
export function readQuery(expression: string): Query {
  const selectors = [...expression.matchAll(/\{([^}]*)\}/g)].map(([, inside = '']) => inside);
  const matched = selectors.flatMap((inside) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label),
  );
  const groupings = [...expression.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g)].map(([, inside = '']) => inside);
  const grouped = groupings.flatMap((inside) => inside.split(',').map((label) => label.trim()));
  const [, asked] = /^label_values\(.*,\s*(\w+)\)$/.exec(expression) ?? [];
  return {
    series: [...expression.matchAll(/\brtcd_\w+/g)].map(([name]) => name),
    labels: [...matched, ...grouped, asked].filter((label) => label !== undefined),
  };
}
