import fc from 'fast-check';
import { idempotencyName, isKeyed, keyedEventId } from '../../domain/office/event-id.ts';
import { newId } from './sync-log.ts';
import { testHasher } from './test-hasher.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const id = (office: string, key: string, request: string) => keyedEventId(testHasher, office, key, request);

describe('the id that an idempotency key gives', () => {
  it('is a UUID of version 8, whatever the key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, request) => {
        expect(id('west', key, request)).toMatch(UUID);
        expect(isKeyed(id('west', key, request))).toBe(true);
      }),
    );
  });

  it('is the same for the same request', () => {
    expect(id('west', 'k', 'r')).toBe(id('west', 'k', 'r'));
  });

  it('shows another request under the same key', () => {
    const [one, other] = [id('west', 'k', 'r1'), id('west', 'k', 'r2')];
    expect(one).not.toBe(other);
    expect(idempotencyName(one)).toBe(idempotencyName(other));
  });

  it.each([
    ['another key', 'west', 'k2', 'r'],
    ['another office', 'east', 'k', 'r'],
    ['a key and request cut elsewhere', 'west', 'k\nr', ''],
    ['an office and key cut elsewhere', 'west\nk', '', 'r'],
  ])('has nothing to do with %s', (_, office, key, request) => {
    expect(idempotencyName(id(office, key, request))).not.toBe(idempotencyName(id('west', 'k', 'r')));
  });

  it('is told from the ids of everybody else, which stand for themselves', () => {
    const other = newId();
    expect(isKeyed(other)).toBe(false);
    expect(idempotencyName(other)).toBe(other);
  });
});
