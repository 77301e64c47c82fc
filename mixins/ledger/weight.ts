/** What every value costs beside its text. */
const VALUE_BYTES = 16;
const CHARACTER_BYTES = 2;

/** About how many bytes of memory plain JSON data takes. However deep it is: nobody has looked at it yet. */
export function weightOf(data: unknown): number {
  const pending = [data];
  let bytes = 0;
  while (pending.length > 0) {
    const value = pending.pop();
    bytes += VALUE_BYTES;
    if (typeof value === 'string') bytes += CHARACTER_BYTES * value.length;
    else if (Array.isArray(value)) for (const item of value) pending.push(item);
    else if (typeof value === 'object' && value !== null) bytes += weightOfNames(value, pending);
  }
  return bytes;
}

function weightOfNames(object: object, pending: unknown[]): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(object)) {
    bytes += CHARACTER_BYTES * name.length;
    pending.push(value);
  }
  return bytes;
}
