import { ADDRESS_REASONS, type AddressEntry } from '@rtcd/rtc';
import { formatEndpoint } from '../endpoint.ts';
import type { Report } from './doctor.ts';
import type { Finding, Level } from './finding.ts';

/** The report for people: plain text that can be pasted into a ticket. */
export function formatReport({ version, platform, time, configPath, addresses, findings }: Report): string {
  const lines = [
    `rtcd doctor: rtcd ${version} on ${platform}, ${time}`,
    `Configuration: ${configPath}, and environment variables`,
    ...(addresses.length > 0 ? ['', 'Addresses', ...table(addresses.map(addressRow))] : []),
    '',
    'Findings',
    ...findings.flatMap(findingLines),
    '',
    summary(findings),
  ];
  return `${lines.join('\n')}\n`;
}

function addressRow({ interfaceName = '-', address, socket, advertised, reason }: AddressEntry): string[] {
  const local = socket ? `${socket.protocol} ${formatEndpoint({ address, port: socket.port })}` : address;
  const told = advertised.length > 0 ? `advertised as ${advertised.map(formatEndpoint).join(', ')}` : 'ignored';
  return [interfaceName, local, told, ADDRESS_REASONS[reason]];
}

/** Rows with columns of equal width. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

function findingLines({ check, level, message, advice }: Finding): string[] {
  const heading = `  ${level.toUpperCase().padEnd(7)}  ${check.padEnd(12)}  `;
  const indent = ' '.repeat(heading.length);
  return [`${heading}${message}`, ...(advice === undefined ? [] : [`${indent}Advice: ${advice}`])];
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const [errors, warnings] = [count('error'), count('warning')];
  if (errors + warnings === 0) return 'Nothing is wrong.';
  return `${plural(errors, 'error')}, ${plural(warnings, 'warning')}.`;
}
