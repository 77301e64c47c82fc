import type { JobView } from '../../mixins/projections/job.ts';
import type { FailingView, ProjectionView } from '../../mixins/projections/projections.ts';
import type { Difference } from '../../mixins/store/projections/projection-store.ts';
import { orNull, type Schema } from './json-schema.ts';
import { count, flag, list, moment, oneOf, page, ref, text, values, view } from './schemas.ts';

export const PROJECTION_ANSWERS: Readonly<Record<string, Schema>> = {
  Projection: view<ProjectionView>({
    name: text,
    kind: oneOf('projection', 'dataset', 'as-of'),
    base: { ...text, description: 'What it is made of: the declaration behind it.' },
    dataset: text,
    version: count,
    state: {
      ...oneOf('live', 'making', 'damaged', 'dropped', 'outdated'),
      description: '`damaged` and `outdated` ones do not follow the log until they are made anew.',
    },
    position: { ...count, description: 'As far as this office’s log is in it.' },
    behind: { ...count, description: 'Events that are not in it yet.' },
    failures: { ...count, description: 'Entities that cannot be entered; `failing` has the first of them.' },
    failing: list(view<FailingView>({ office: text, id: text, reason: text, detail: text })),
    updatedAt: orNull(moment),
    fields: { ...list(text), description: 'Of a line, in order.' },
    job: { anyOf: [ref('ProjectionJob'), { type: 'null' }] },
  }),
  ProjectionJob: view<JobView>({
    kind: {
      ...oneOf('rebuild', 'verify', 'as-of', 'follow'),
      description: '`follow`: it failed to, and is damaged; `problem` says why.',
    },
    phase: oneOf('filling', 'following', 'swapping', 'clearing', 'done', 'failed', 'cancelled'),
    events: count,
    eventsTotal: count,
    eventsPerSecond: count,
    secondsLeft: orNull(count),
    position: { ...count, description: 'Where the log stood when it began, or as of which it is.' },
    maxLoad: { type: 'number' },
    startedAt: moment,
    endedAt: orNull(moment),
    waitsFor: {
      type: ['string', 'null'],
      enum: ['readers', 'newer-program', null],
      description:
        '`readers`: others have been reading the old table for long. `newer-program`: one has begun it, and goes on.',
    },
    cancelled: { ...flag, description: 'Asked to end, or ended so.' },
    problem: { ...view<{ type: 0; detail: 0 }>({ type: text, detail: text }), type: ['object', 'null'] },
    difference: {
      ...view<Difference>({ key: values, table: orNull(values), expected: orNull(values) }),
      type: ['object', 'null'],
      description: 'Of a verification: the first line that differs; null where there is none on one side.',
    },
  }),
  ProjectionPage: page(ref('Projection'), text),
  Line: values,
  LinePage: page(ref('Line'), text),
  Dropped: view<{ name: 0; dropped: 0 }>({ name: text, dropped: flag }),
};
