import { lineIds } from '../../mixins/import/line-id.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';

const UUID_8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('ids of the lines of a sheet', () => {
  const idOf = lineIds(machinePorts, ['west', 'a1b2']);
  const lines = [1, 2, 9, 10, 255, 256, 70_000, 9_999_999, 268_435_455];

  it('are in the order of the lines', () => {
    const ids = lines.map(idOf);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(1);
  });

  it('are UUIDs', () => {
    for (const id of [...lines, 268_435_456].map(idOf)) expect(id).toMatch(UUID_8);
  });

  it('are the same when the sheet is read again, and those of no other line or sheet', () => {
    const again = lineIds(machinePorts, ['west', 'a1b2']);
    expect(lines.map(again)).toEqual(lines.map(idOf));
    const others = [lineIds(machinePorts, ['east', 'a1b2']), lineIds(machinePorts, ['west', 'a1b3']), idOf];
    const ends = others.flatMap((one) => lines.map((line) => one(line).slice(19)));
    expect(new Set(ends).size).toBe(others.length * lines.length);
  });
});
