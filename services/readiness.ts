import type { OpenConflicts } from './conflicts/overdue.ts';
import type { OfficeStatus } from '../mixins/sync/sync.ts';

/** What `GET /health/ready` answers. */
export interface Readiness {
  readonly ready: boolean;
  readonly office: string;
  readonly role: string;
  readonly program: string;
  readonly database: { readonly ok: boolean; readonly problem: string | null };
  /** null while the database cannot be asked. */
  readonly conflicts: OpenConflicts | null;
  /** A link that is down does not make an office unready: it sells. */
  readonly sync: OfficeStatus | null;
}
