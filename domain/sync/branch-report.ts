import type { BranchStep } from './branch-state.ts';
import { also } from './branch-step.ts';
import type { QuarantinedItem, QuarantineReport } from './messages.ts';

/** What the head says that it holds back of this office is kept, so that people hear of it also while the line is down. */
export function noteReport(step: BranchStep, report: QuarantineReport | undefined): BranchStep {
  if (report === undefined || isSame(report, step.state.quarantined)) return step;
  const noted = { ...step, state: { ...step.state, quarantined: report } };
  return also(noted, { do: 'save-quarantined', report });
}

function isSame(a: QuarantineReport, b: QuarantineReport): boolean {
  if (a.count !== b.count || a.items.length !== b.items.length) return false;
  return a.items.every((item, index) => isSameItem(item, b.items[index]!));
}

function isSameItem(a: QuarantinedItem, b: QuarantinedItem): boolean {
  return a.epoch === b.epoch && a.seq === b.seq && a.reason === b.reason && a.detail === b.detail;
}
