/** Text that every database keeps byte for byte: no NUL, no half of a surrogate pair. Null when it is fine. */
export function flawOfText(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return text.isWellFormed() ? null : 'is not well-formed Unicode';
}

/** Characters as databases count them: code points. */
export function isLongerThan(text: string, characters: number): boolean {
  if (text.length <= characters) return false;
  if (text.length > 2 * characters) return true;
  let count = 0;
  for (let i = 0; i < text.length; i += text.codePointAt(i)! > 0xffff ? 2 : 1) count += 1;
  return count > characters;
}

/** At most so many UTF-16 units, a cut marked; well-formed text stays so. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Line breaks, tabs, NUL, DEL and their kin (Unicode category Cc). */
export function hasControlCharacters(text: string): boolean {
  return /[\x00-\x1f\x7f-\x9f]/.test(text);
}
