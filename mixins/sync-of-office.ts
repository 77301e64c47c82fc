import { randomUUID } from 'node:crypto';
import type { Ports } from '../domain/ports.ts';
import type { OfficeConfig } from './config.ts';
import { createRedisDuty } from './duty/redis-duty.ts';
import type { OfficeLedger } from './ledger/create-ledger.ts';
import type { Journal, Links } from './office.ts';
import { PROGRAM } from './program.ts';
import { createBranchSync } from './sync/branch-sync.ts';
import { createHeadSync } from './sync/head-sync.ts';
import type { Scheduler } from './sync/scheduler.ts';
import type { BranchSync, HeadSync } from './sync/sync.ts';
import { windowsOpen } from './sync/sync-windows.ts';

export interface Alarm {
  readonly type: string;
  readonly detail: string;
}

/** What an office brings into its sync. */
export interface SyncParts {
  readonly config: OfficeConfig;
  readonly ports: Ports;
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  readonly ledger: OfficeLedger;
  readonly onAlarm: (alarm: Alarm) => void;
}

/** Each process of a branch is an instance of its own. */
export function branchSyncOf({ config, ...parts }: SyncParts, links: Links): BranchSync {
  const instance = randomUUID();
  return createBranchSync({
    ...parts,
    link: links.branchLink(config.office, instance),
    instance,
    program: PROGRAM,
    mode: config.syncMode,
    subscribe: config.subscribe,
    isWindowOpen: windowsOpen(config.syncWindows, config.timeZone),
  });
}

export function headSyncOf({ config, ...parts }: SyncParts, links: Links): HeadSync {
  const { redisUrl, office } = config;
  const duty = redisUrl === null ? {} : { duty: createRedisDuty({ url: redisUrl, name: `${office}:feed` }) };
  return createHeadSync({ ...parts, ...duty, link: links.headLink() });
}
