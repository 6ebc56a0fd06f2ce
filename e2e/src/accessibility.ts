import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * Lists the faults that axe-core finds on the page as it is now, one entry per element, against WCAG 2.2 A and AA and axe's best practices.
 * The script is run by the browser's debugger, past the page's content security policy.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8'));
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    // axe does not judge contrast on gradients; those of this page only tint the plain page behind them.
    for (const tinted of document.querySelectorAll<HTMLElement>('body, .controls'))
      tinted.style.backgroundImage = 'none';
    return axe.run();
  });
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} (${target.join(' ')})\n${failureSummary ?? ''}`),
  );
}
