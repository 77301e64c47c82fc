import type { OfficeConfig } from './config.ts';
import { createAmqpBranchLink } from './link/amqp-branch.ts';
import { createAmqpHeadLink } from './link/amqp-head.ts';
import type { Links } from './office.ts';

/** The link that the settings name; null for an office without one. */
export function amqpLinks({ linkUrl, headPartitions }: OfficeConfig): Links | null {
  if (linkUrl === null) return null;
  return {
    branchLink: (office, instance) => createAmqpBranchLink({ url: linkUrl, office, instance }),
    headLink: () => createAmqpHeadLink({ url: linkUrl, partitions: headPartitions }),
  };
}
