import { z } from 'zod';
import type { JsonObject, JsonValue } from '../event.ts';
import { DECLARATION, FIELD } from './declaration.ts';
import { flawOfPart, problemOf } from './flaw.ts';

const field = z.string();
const value: z.ZodType<JsonValue> = z.union([z.string(), z.int(), z.boolean(), z.null()]);

const LIMITS = z.strictObject({
  maxLength: z.int().optional(),
  min: z.int().optional(),
  max: z.int().optional(),
  precision: z.int().optional(),
});

const KINDS = {
  'add-field': z.strictObject({
    kind: z.literal('add-field'),
    field,
    type: FIELD,
    default: value.default(null),
  }),
  'rename-field': z.strictObject({ kind: z.literal('rename-field'), field, to: z.string() }),
  'widen-field': z.strictObject({ kind: z.literal('widen-field'), field, to: LIMITS }),
  'make-optional': z.strictObject({ kind: z.literal('make-optional'), field }),
  'retire-field': z.strictObject({ kind: z.literal('retire-field'), field }),
  'add-values': z.strictObject({ kind: z.literal('add-values'), field, values: z.array(z.string()).min(1) }),
  'add-dataset': z.strictObject({ kind: z.literal('add-dataset'), declaration: DECLARATION }),
};

const CHANGE = z.discriminatedUnion(
  'kind',
  [
    KINDS['add-field'],
    KINDS['rename-field'],
    KINDS['widen-field'],
    KINDS['make-optional'],
    KINDS['retire-field'],
    KINDS['add-values'],
    KINDS['add-dataset'],
  ],
  { error: `must be one of ${Object.keys(KINDS).join(', ')}` },
);
const CHANGES = z.array(CHANGE).min(1).max(100);

/** One change of a dataset's schema. Fields go by their key, or by the name that clients know. */
export type SchemaChange = z.output<typeof CHANGE>;
/** As a person writes it down, or an event carries it. */
export type SchemaChangeInput = z.input<typeof CHANGE>;

/** The changes, or everything that is wrong with how they are written. */
export function readChanges(given: unknown): { changes: SchemaChange[] } | { problems: string[] } {
  const parsed = CHANGES.safeParse(given, { error: flawOfPart });
  if (parsed.success) return { changes: parsed.data };
  return { problems: parsed.error.issues.map(problemOf) };
}

/** What an event of the head says of a dataset: version `to` of it comes of these changes. */
export interface Evolution {
  readonly dataset: string;
  readonly to: number;
  readonly changes: readonly SchemaChange[];
}

const EVOLUTION = z.strictObject({ dataset: z.string().max(32), to: z.int().min(1), changes: CHANGES });

/** Reads the data of such an event, or says why it is none. */
export function readEvolution(data: JsonObject): Evolution | { readonly reason: string } {
  const parsed = EVOLUTION.safeParse(data, { error: flawOfPart });
  return parsed.success ? parsed.data : { reason: problemOf(parsed.error.issues[0]!) };
}
