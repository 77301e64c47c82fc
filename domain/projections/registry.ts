import { officeActivity } from './office-activity.ts';
import type { Projection } from './projection.ts';
import { salesByDay } from './sales-by-day.ts';
import { salesByOffice } from './sales-by-office.ts';
import { salesByProduct } from './sales-by-product.ts';

/** Every projection of this program. A new one is declared in its own file and named here; nothing else. */
export const PROJECTIONS: readonly Projection[] = [salesByDay, salesByProduct, salesByOffice, officeActivity];

const BY_NAME = new Map(PROJECTIONS.map((projection) => [projection.name, projection]));

export function projectionNamed(name: string): Projection | null {
  return BY_NAME.get(name) ?? null;
}
