// A database that answers, and is away again a moment later, while an office starts.
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { DomainError } from '../../../domain/errors.ts';
import type { Command } from '../../../domain/office/commands.ts';
import { readConfig } from '../../../mixins/config.ts';
import { createInProcessHub } from '../../../mixins/link/in-process.ts';
import type { Office } from '../../../mixins/office.ts';
import { createOffice } from '../../../mixins/running-office.ts';
import type { StoreReader } from '../../../mixins/store/store.ts';
import { testSqlite, type TestPlace } from '../../harness/servers.ts';
import { eventually } from '../../harness/wait.ts';

const places: TestPlace[] = [];
const offices: Office[] = [];

afterAll(async () => {
  await Promise.all(offices.map((office) => office.stop()));
  await Promise.all(places.map((place) => place.drop()));
});

const SALE: Command = {
  type: 'record',
  dataset: 'sales',
  scope: 'north',
  entityId: 'first',
  fields: { product: 'Paper', region: 'West', qty: 1, cost: '2', tax: '0', soldOn: '2026-01-02' },
};
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

async function officeOf(id: string, role: 'head' | 'branch'): Promise<Office> {
  const place = await testSqlite();
  places.push(place);
  return officeAt(place, id, role);
}

function officeAt(place: TestPlace, id: string, role: 'head' | 'branch'): Office {
  const config = readConfig({ OFFICE_ID: id, OFFICE_ROLE: role, DATABASE_URL: place.url, PORT: '0' });
  const hub = createInProcessHub();
  const link = {
    headLink: () => hub.headLink(),
    branchLink: (office: string, instance: string) => hub.branchLink(office, instance),
  };
  const office = createOffice(config, { link, journal: quiet });
  offices.push(office);
  return office;
}

describe('an office whose database blinks while its link starts', () => {
  it.each<['head' | 'branch', keyof StoreReader]>([
    ['branch', 'logRow'],
    ['head', 'logRow'],
    ['head', 'offices'],
  ])('starts the link of a %s again (%s)', async (role, read) => {
    const office = await officeOf(role === 'head' ? 'head' : 'west', role);
    const away = new DomainError('database-unavailable', 'the connection broke');
    jest
      .spyOn(office.store.read as { [name in typeof read]: () => Promise<never> }, read)
      .mockRejectedValueOnce(away);
    const opened = jest.fn();
    office.onOpened(opened);
    await office.start();
    expect(await office.ledger().read.logRow()).toMatchObject({ role });
    await eventually(async () => {
      const { state, problem } = await office.syncStatus();
      expect(state).not.toBe('starting');
      if (role === 'head') expect(problem).toBeNull(); // a branch without a head stays alone
    });
    expect(opened).toHaveBeenCalledTimes(1);
  });

  it('says that it is starting meanwhile, and can be stopped', async () => {
    const office = await officeOf('east', 'branch');
    const away = new DomainError('database-unavailable', 'the connection broke');
    const blink = jest.spyOn(office.store.read, 'logRow').mockRejectedValue(away);
    await office.start();
    blink.mockRestore();
    expect(await office.syncStatus()).toMatchObject({ state: 'starting' });
    await office.stop();
  });

  it('says what is not sent yet, and not that nothing is', async () => {
    const first = await officeOf('north', 'branch');
    await first.start();
    await first.ledger().submit({ command: SALE, actor: 'clerk' });
    await first.stop();
    const office = officeAt(places.at(-1)!, 'north', 'branch');
    const away = new DomainError('database-unavailable', 'the connection broke');
    const blink = jest.spyOn(office.store.read, 'logRow').mockRejectedValue(away);
    await office.start();
    blink.mockRestore();
    expect(await office.syncStatus()).toMatchObject({
      state: 'starting',
      pending: 1,
      lastSeq: 1,
      waiting: 0,
    });
    await office.stop();
  });
});

describe('an office that is still reading how it stood', () => {
  it.each([true, false])('hears that it is to be paused (%s)', async (isToPause) => {
    const office = await officeOf('late', 'branch');
    await office.start();
    await office.branchSync()[isToPause ? 'resume' : 'pause']();
    await office.stop();
    const again = officeAt(places.at(-1)!, 'late', 'branch');
    const { read } = again.store;
    const real = read.logRow.bind(read);
    jest.spyOn(read, 'logRow').mockImplementationOnce(async () => {
      const row = await real();
      await again.branchSync()[isToPause ? 'pause' : 'resume']();
      return row;
    });
    await again.start();
    expect(await again.syncStatus()).toMatchObject({ paused: isToPause });
  });
});

describe('an office whose database is away at the start', () => {
  it('ends when what comes back is not its own', async () => {
    const office = await officeOf('south', 'branch');
    const failed = jest.fn();
    office.onFailed(failed);
    const foreign = new DomainError('database-of-another-office', 'DATABASE_URL names that of north');
    jest
      .spyOn(office.store, 'open')
      .mockRejectedValueOnce(new DomainError('database-unavailable', 'nothing listens there'))
      .mockRejectedValueOnce(foreign);
    await office.start();
    expect(failed).not.toHaveBeenCalled();
    await eventually(() => expect(failed).toHaveBeenCalledWith(foreign));
    expect(await office.syncStatus()).toMatchObject({
      state: 'starting',
      problem: { type: 'database-unavailable', detail: expect.stringContaining('north') },
    });
  });
});
