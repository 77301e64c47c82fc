/** How a sheet writes dates: 2026-04-01, 4/1/2026 or 1/4/2026. Nobody can tell the last two apart by looking. */
export type DateOrder = 'iso' | 'us' | 'eu';

const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/;

/** The date as YYYY-MM-DD; what is no date stays as it is, for the dataset to refuse with its reason. */
export function isoDate(cell: string, order: DateOrder): string {
  const trimmed = cell.trim();
  const parts = order === 'iso' ? null : SLASHED.exec(trimmed);
  if (parts === null) return trimmed;
  const [first, second, year] = [parts[1]!, parts[2]!, parts[3]!];
  const [month, day] = order === 'us' ? [first, second] : [second, first];
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
