import { DomainError } from '../domain/errors.ts';
import type { OfficeView } from '../services/office-view.ts';
import type { OfficeClient } from './office-client.ts';

/**
 * The head knows all offices, and nobody has anything that another one wrote or owns. What a branch was sent it
 * cannot tell before it looks.
 * @throws DomainError `unknown-office`
 */
export async function assertKnown(client: OfficeClient, office: string | undefined): Promise<void> {
  if (office === undefined) return;
  const live = await client.get<{ office: string; role: string }>('/health/live');
  if (office === live.office || live.role !== 'head') return;
  const { items } = await client.get<{ items: OfficeView[] }>('/api/offices');
  const known = items.map(({ id }) => id);
  if (known.includes(office)) return;
  const message = `There is no office "${office}"; the head knows ${[live.office, ...known].join(', ')}`;
  throw new DomainError('unknown-office', message, { office, expected: [live.office, ...known] });
}
