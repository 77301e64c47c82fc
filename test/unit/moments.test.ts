import { afterEach, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { channelOf, passed } from '../../mixins/moments.ts';

let told = 0;
const listener = () => {
  told += 1;
};

afterEach(() => {
  unsubscribe(channelOf('batch-read'), listener);
  told = 0;
});

it('tells whoever listens for a moment, before the office goes on', () => {
  subscribe(channelOf('batch-read'), listener);
  passed('batch-read');
  passed('batch-published');
  expect(told).toBe(1);
});

it('tells nobody when nobody listens', () => {
  passed('batch-read');
  expect(told).toBe(0);
});
