const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const LONGEST_MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** A day of the proleptic Gregorian calendar, `0001-01-01` to `9999-12-31`: what every database can keep. */
export function isCalendarDate(text: string): boolean {
  const parts = DATE.exec(text);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (year < 1 || day < 1 || day > (LONGEST_MONTH_DAYS[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || isLeapYear(year);
}

/** `2026-04-01T09:30:00.123Z`, always in UTC and with milliseconds. */
export function isInstant(text: string): boolean {
  return (
    text.length === 24 &&
    text[10] === 'T' &&
    TIME_OF_DAY.test(text.slice(11)) &&
    isCalendarDate(text.slice(0, 10))
  );
}
