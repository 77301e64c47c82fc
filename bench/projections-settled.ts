import { setTimeout as after } from 'node:timers/promises';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import { PROJECTIONS } from '../domain/projections/registry.ts';
import type { ProjectionView } from '../mixins/projections/projections.ts';
import type { OfficeProcess } from './office-process.ts';

const LOOK_MS = 50;
const DEADLINE_MS = 900_000;
const DECLARED = [...BUILT_IN.all, ...PROJECTIONS].map(({ name }) => name);

type List = () => Promise<readonly ProjectionView[]>;

/** Waits until all projections have followed the log to its end: what they do would be counted to what comes next. */
export async function projectionsSettled(list: List): Promise<void> {
  const latestMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const late = lateOnes(await list());
    if (late === null) return;
    if (performance.now() > latestMs) throw new Error(`Projections are not made in time: ${late}`);
    await after(LOOK_MS);
  }
}

function lateOnes(all: readonly ProjectionView[]): string | null {
  const missing = DECLARED.filter((declared) => !all.some(({ name }) => name === declared));
  if (missing.length > 0) return `not there yet: ${missing.join(', ')}`; // an office makes one after the other
  const late = all.filter(({ state, behind, job }) => state !== 'live' || behind > 0 || isUnderWay(job));
  return late.length === 0
    ? null
    : late.map(({ name, state, behind }) => `${name} ${state} -${behind}`).join(', ');
}

function isUnderWay(job: ProjectionView['job']): boolean {
  return job !== null && job.endedAt === null;
}

export function projectionsOf(office: OfficeProcess): List {
  return async () => (await office.ask<{ items: ProjectionView[] }>('GET', '/api/projections')).items;
}
