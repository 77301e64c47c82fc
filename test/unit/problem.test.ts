import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Errors } from 'moleculer';
import { DomainError, invalidValue } from '../../domain/errors.ts';
import { toMoleculerError } from '../../services/moleculer-error.ts';
import { PROBLEM_TYPES, problemOf } from '../../services/problem.ts';

describe('problemOf', () => {
  it('says the same of an error whether or not it travelled through Moleculer', () => {
    const error = new DomainError('not-your-scope', 'Not yours', { expected: 'west', actual: 'east' });
    const problem = {
      type: 'urn:branchline:problem:not-your-scope',
      title: 'Another office’s data',
      status: 403,
      detail: 'Not yours',
      instance: '/api/sales',
      expected: 'west',
      actual: 'east',
    };
    expect(problemOf(error, '/api/sales')).toEqual(problem);
    expect(problemOf(toMoleculerError(error), '/api/sales')).toEqual(problem);
  });

  it('tells nothing of a defect', () => {
    const problem = problemOf(new TypeError('cannot read secrets of undefined'));
    expect(problem).toMatchObject({ status: 500, type: 'urn:branchline:problem:unexpected' });
    expect(JSON.stringify(problem)).not.toContain('secrets');
  });

  it('does not let data overwrite the members of a problem', () => {
    expect(problemOf(new DomainError('busy', 'Wait', { status: 200, type: 'x', detail: 'y' }))).toMatchObject(
      {
        status: 503,
        type: 'urn:branchline:problem:busy',
        detail: 'Wait',
      },
    );
  });

  it('names what a validator found field by field', () => {
    const flaws = [
      { type: 'objectStrict', field: undefined, actual: 'foo, bar', message: '' },
      { type: 'number', field: 'limit', message: "The 'limit' field must be a number.", actual: 'many' },
      { type: 'objectStrict', field: 'take', actual: 'where', message: '' },
    ];
    expect(problemOf(new Errors.ValidationError('wrong', 'VALIDATION_ERROR', flaws))).toMatchObject({
      status: 400,
      type: 'urn:branchline:problem:invalid-parameters',
      problems: [
        { field: 'foo', reason: 'is not known here' },
        { field: 'bar', reason: 'is not known here' },
        { field: 'limit', reason: 'must be a number', actual: 'many' },
        { field: 'take.where', reason: 'is not known here' },
      ],
    });
  });

  it('has one name for input that is not acceptable, and one form', () => {
    expect(problemOf(invalidValue('entityId', 'is empty'))).toMatchObject({
      status: 422,
      type: 'urn:branchline:problem:invalid-input',
      problems: [{ field: 'id', reason: 'is empty' }],
    });
  });

  it('is listed in the documents, each with its status', () => {
    const text = readFileSync(new URL('../../docs/PROBLEMS.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| (\d{3}) +\| `([a-z-]+)` /gm)];
    const listed = rows.map(([, status, type]) => [type, Number(status)]);
    const known = PROBLEM_TYPES.map((urn) => urn.slice(urn.lastIndexOf(':') + 1));
    const expected = known.map((type) => [type, problemOf(new DomainError(type, '')).status]);
    expect(listed.toSorted()).toEqual(expected.toSorted());
  });

  it.each([
    ['database-unavailable', true],
    ['invalid-input', false],
  ])('marks %s as worth another try: %s', (type, retryable) => {
    expect(toMoleculerError(new DomainError(type, ''))).toMatchObject({ type, retryable });
  });
});
