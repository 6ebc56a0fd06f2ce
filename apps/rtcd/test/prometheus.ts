import { ask } from './support.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of a metric, as Prometheus reads them. */
export function samples(text: string, name: string): Sample[] {
  return [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))].map(([, labels = '', value]) => ({
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, label]) => [key!, label!])),
    value: Number(value),
  }));
}

/** Reads a service's `/metrics`: the value of the sample with just these labels, 0 where there is none. */
export async function scrape({ url }: { readonly url: string }) {
  const { body } = await ask(`${url}/metrics`);
  const key = (labels: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(labels).sort());
  return (name: string, labels: Readonly<Record<string, string>>): number =>
    samples(body, name).find((sample) => key(sample.labels) === key(labels))?.value ?? 0;
}
