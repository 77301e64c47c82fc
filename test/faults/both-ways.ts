// Whether the link carries what the head changes, too.
import { expect } from '@jest/globals';
import { agree, amend, paper, record, type Sale } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import type { Company } from './company.ts';

/** A sale of the branch that the head changes comes back changed. */
export async function expectBothWays(company: Company, id: string, deadlineMs = 60_000): Promise<void> {
  const { head } = company;
  const branch = company.office(id);
  const { id: sale } = await record(branch, paper(3));
  await agree(head, branch, id, deadlineMs);
  await amend(head, sale, { qty: 30 });
  await eventually(async () => {
    expect((await branch.get<Sale>(`/api/sales/${sale}`)).body).toMatchObject({ qty: 30 });
  }, deadlineMs);
}
