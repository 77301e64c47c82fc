import type { RouteTable } from './rest.ts';

export const CONFLICT_ROUTES: RouteTable = {
  'GET /api/conflicts': {
    action: 'conflicts.list',
    summary: 'Conflicts, open and settled, page by page',
    answer: 'ConflictPage',
    refusals: [404],
  },
  'GET /api/conflicts/:id': {
    action: 'conflicts.get',
    summary: 'Both sides, what they had in common, and what was ruled',
    answer: 'Conflict',
  },
  'POST /api/conflicts/resolve': {
    action: 'conflicts.resolveAll',
    summary:
      'Rule on all open conflicts that fit, at the head, a page at a time: by a policy, or one side of each as it is',
    body: 'required',
    answer: 'BulkOutcomePage',
    refusals: [403, 404],
  },
  'POST /api/conflicts/try': {
    action: 'conflicts.try',
    summary:
      'What other policies would have made of the conflicts there were, a page at a time; changes nothing',
    body: 'required',
    answer: 'TrialPage',
    refusals: [404, 422],
  },
  'POST /api/conflicts/:id/note': {
    action: 'conflicts.note',
    summary: 'Remark on it, at the head, without a ruling; the office that it is about reads it too',
    body: 'required',
    idempotent: true,
    answer: 'Conflict',
    refusals: [403, 409, 422],
  },
  'POST /api/conflicts/:id/resolve': {
    action: 'conflicts.resolve',
    summary: 'Rule by hand, at the head: one side as it is, or a value for every field in dispute',
    body: 'required',
    idempotent: true,
    answer: 'Conflict',
    refusals: [403, 409, 422],
  },
  'POST /api/conflicts/:id/overrule': {
    action: 'conflicts.overrule',
    summary: 'Set the last ruling on a settled conflict aside, at the head; every ruling stays on the case',
    body: 'required',
    idempotent: true,
    answer: 'Conflict',
    refusals: [403, 409, 422],
  },
};
