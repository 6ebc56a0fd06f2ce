import { text } from 'node:stream/consumers';
import type { Report } from '../src/doctor/doctor.ts';
import { type ProcessOptions, spawnRtcd } from './rtcd-process.ts';

export interface DoctorRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the doctor as a process, by default for a service on loopback. */
export async function runDoctor({ args = [], environment, ...rest }: ProcessOptions): Promise<DoctorRun> {
  const { child, exit } = await spawnRtcd({
    ...rest,
    args: ['doctor', ...args],
    environment: { RTCD_API_SECURITY_ALLOWSELFREGISTRATION: 'true', ...environment },
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}

/** The report of a run with `--json`, and how to find what it says about one check. */
export async function examine(options: ProcessOptions) {
  const { code, stdout, stderr } = await runDoctor({ ...options, args: ['--json', ...(options.args ?? [])] });
  if (stdout === '') throw new Error(`the doctor printed nothing: ${stderr}`);
  const report = JSON.parse(stdout) as Report;
  const of = (check: string) => report.findings.filter((finding) => finding.check === check);
  return { code, report, of };
}
