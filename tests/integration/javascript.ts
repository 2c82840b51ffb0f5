// What a user of the types writes, under --strict.
import { open, parseAddress, PosternError, Rules, STATUS } from 'postern';
import type { Decision, Origin, Query, TraceEvent } from 'postern';

export function ask(file: Uint8Array, query: Query): string {
  const rules: Rules = open(file, { verify: false });
  const decision: Decision = rules.decide(query);
  const verdict: 'allow' | 'deny' = decision.verdict;
  const origin: Origin | null = decision.rule === null ? null : rules.origin(decision.rule);
  const { events }: { events: TraceEvent[] } = rules.trace({ address: new Uint8Array(4), host: null });
  const value: string = decision.env['NAME'] ?? '';
  const first: string | null = decision.assignments[0]?.value ?? null;
  const bits: number = decision.limit?.per.v6 ?? 0;
  rules.close();
  return [verdict, origin?.target, origin?.line?.toFixed(), events.length, value, first, bits].join();
}

export function using(file: ArrayBuffer): boolean {
  using rules = open(file);
  return rules.needs('192.0.2.1').host && parseAddress('192.0.2.1') !== null;
}

export function refused(problem: unknown): boolean {
  return problem instanceof PosternError && problem.status === STATUS.POSTERN_E_FORMAT && problem.code === 'POSTERN_E_FORMAT';
}

// @ts-expect-error: a number is no address
open(new Uint8Array(0)).decide({ address: 7 });
// @ts-expect-error: nothing to set
open(new Uint8Array(0)).decide({ address: '::1' }).env.NAME = 'x';
// @ts-expect-error: no such step
export const step: Decision['step'] = 'elsewhere';
