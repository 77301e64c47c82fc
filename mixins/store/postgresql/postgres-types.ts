import pg from 'pg';

const asText = (value: string): string => value;

/** By type: counts are safe integers; dates, times and decimals stay as the server wrote them. */
const PARSERS = new Map<number, (value: string) => unknown>([
  [20, Number], // int8
  [1082, asText], // date
  [1114, asText], // timestamp
  [1184, asText], // timestamptz
  [1700, asText], // numeric
]);

export const parsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};
