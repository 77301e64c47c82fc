import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { DiskRoom, type DiskRoomOptions } from '../../mixins/store/disk-room.ts';
import type { EventRow } from '../../mixins/store/store.ts';
import { caught } from './caught.ts';

const eventsBy = (office: string) => [{ event: { office } }] as unknown as EventRow[];

/** With `share` of what is free kept as the reserve of west. */
function room(share: number, changes: Partial<DiskRoomOptions> = {}) {
  const told: (string | null)[] = [];
  const { bavail, bsize } = statfsSync(tmpdir());
  const reserveBytes = Math.floor(bavail * bsize * share);
  const onChange = (problem: string | null) => told.push(problem);
  const options = { office: 'west', shown: 'west.sqlite', folder: tmpdir(), reserveBytes, onChange };
  return { told, disk: new DiskRoom({ ...options, ...changes }) };
}

describe('the reserve of a disk', () => {
  it('is kept free of own events, and names what is free and what to do', () => {
    const { disk } = room(1.5);
    const error = caught(() => disk.assertFor(eventsBy('west')));
    expect(error).toMatchObject({ type: 'disk-full', data: { database: 'west.sqlite' } });
    expect((error as Error).message).toMatch(/MiB are free.*DISK_RESERVE_MB.*Free some space/);
  });

  it('is open by half to what others have written, and to nothing beyond that', () => {
    expect(() => room(1.5).disk.assertFor(eventsBy('head'))).not.toThrow();
    expect(caught(() => room(2.5).disk.assertFor(eventsBy('head')))).toMatchObject({ type: 'disk-full' });
  });

  it('says so once, for as long as it lasts', () => {
    const { disk, told } = room(1.5);
    expect(disk.problem()).toMatch(/nearly full/);
    expect(disk.problem()).toMatch(/nearly full/);
    expect(told).toEqual([expect.stringMatching(/nearly full/)]); // how full changes meanwhile
  });

  it('stops nobody where there is room, or where nobody can measure it', () => {
    expect(() => room(0.1).disk.assertFor(eventsBy('west'))).not.toThrow();
    expect(() => room(9, { folder: null }).disk.assertFor(eventsBy('west'))).not.toThrow();
    expect(room(0.1).disk.problem()).toBeNull();
  });
});

describe('a refusal by a database that says its disk is full', () => {
  it('is a problem until something is written', () => {
    const { disk, told } = room(0, { folder: null });
    disk.refused('no space left');
    expect(disk.problem()).toBe('no space left');
    disk.served();
    expect(disk.problem()).toBeNull();
    expect(told).toEqual(['no space left', null]);
  });

  it('says nothing of a disk that is seen to have room', () => {
    const { disk } = room(0.1);
    disk.refused('no space left');
    expect(disk.problem()).toBeNull();
  });
});
