import type { Projection } from './projection.ts';

/** Of the sales that each office recorded on each day (UTC): how many, and what became of them since. */
export const officeActivity: Projection = {
  name: 'office_activity',
  label: 'Activity of offices',
  version: 1,
  dataset: 'sales',
  key: {
    office: { kind: 'text', maxLength: 32, label: 'Office' },
    recordedOn: { kind: 'date', label: 'Recorded on' },
  },
  counter: { name: 'recorded', label: 'Recorded' },
  measures: {
    amended: { kind: 'integer', label: 'Changed since' },
    voided: { kind: 'integer', label: 'Voided' },
    conflicted: { kind: 'integer', label: 'In conflict' },
  },
  entryOf: ({ scope, createdAt, updatedAt, deletedAt, conflicted }) => ({
    key: [scope, createdAt.slice(0, 10)],
    adds: [Number(updatedAt > createdAt), Number(deletedAt !== null), Number(conflicted)],
  }),
};
