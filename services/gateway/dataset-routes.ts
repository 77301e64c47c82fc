import type { RouteTable } from './rest.ts';

/** Of what datasets are, and how they change. */
export const DATASET_ROUTES: RouteTable = {
  'GET /api/datasets': {
    action: 'datasets.list',
    summary: 'What is kept here: fields and policies',
    answer: 'DatasetPage',
  },
  'GET /api/datasets/:name': { action: 'datasets.get', summary: 'One of them', answer: 'Dataset' },
  'GET /api/datasets/:name/policies': {
    action: 'datasets.policies',
    summary: 'How its disputes are settled, and were before: every version, oldest first',
    answer: 'PoliciesPage',
  },
  'PUT /api/datasets/:name/policies': {
    action: 'datasets.setPolicies',
    summary: 'Settle its disputes otherwise from now on, at the head; what is left out stays as it is',
    body: 'required',
    idempotent: true,
    answer: 'Dataset',
    refusals: [409, 422],
  },
  'POST /api/datasets/plan': {
    action: 'datasets.plan',
    summary: 'What a change of a dataset would come to, at the head: nothing is changed',
    body: 'required',
    answer: 'DatasetPlan',
    refusals: [404, 409, 422],
  },
  'POST /api/datasets/apply': {
    action: 'datasets.apply',
    summary: 'Change a dataset, or add one, at the head, for all offices',
    body: 'required',
    idempotent: true,
    answer: 'DatasetPlan',
    refusals: [404, 409, 422],
  },
};
