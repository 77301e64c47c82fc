import type { ServiceSchema } from 'moleculer';
import { DomainError } from '../domain/errors.ts';
import { isOfficeId, OFFICE_ID_RULE } from '../domain/event.ts';
import { flawOfText } from '../domain/text.ts';
import type { Office } from '../mixins/office.ts';
import type { OfficeRow } from '../mixins/store/store.ts';
import type { Call, Page } from './call.ts';
import { type Contacts, type OfficeView, viewOffice } from './office-view.ts';

type AddParams = Pick<OfficeRow, 'subscribe'> & { id: string; name?: string };

const MAX_NAME_LENGTH = 200;
const OFFICE_ID = {
  type: 'string',
  custom: (id: string, errors: object[]) => {
    if (typeof id === 'string' && !isOfficeId(id)) errors.push({ type: 'officeId' });
    return id;
  },
  messages: {
    officeId: OFFICE_ID_RULE,
  },
};

const OFFICE_NAME = {
  type: 'string',
  min: 1,
  max: MAX_NAME_LENGTH,
  optional: true,
  custom: (name: unknown, errors: object[]) => {
    const flaw = typeof name === 'string' ? flawOfText(name) : null;
    if (flaw !== null) errors.push({ type: 'officeName', message: flaw });
    return name;
  },
};

/** The offices that the head works with: those that were added, and no others. */
export function officesService(office: Office): ServiceSchema {
  const ledger = () => {
    if (office.config.role === 'head') return office.ledger();
    throw new DomainError('only-at-the-head', 'Only the head knows the offices; ask there');
  };
  return {
    name: 'offices',
    actions: {
      list: {
        params: { $$strict: true },
        async handler(ctx: Call): Promise<Page<OfficeView, string>> {
          const rows = await ledger().read.offices();
          const contacts = await ctx.call<Contacts>('hub.contacts');
          return { items: rows.map((row) => viewOffice(row, contacts, office.datasets)), next: null };
        },
      },
      get: {
        params: { $$strict: true, id: 'string' },
        async handler(ctx: Call<{ id: string }>): Promise<OfficeView> {
          const { id } = ctx.params;
          const row = await ledger().read.office(id);
          if (row === null)
            throw new DomainError('unknown-office', `There is no office "${id}"`, { office: id });
          return viewOffice(row, await ctx.call<Contacts>('hub.contacts'), office.datasets);
        },
      },
      add: {
        params: {
          $$strict: true,
          id: OFFICE_ID,
          name: OFFICE_NAME,
          subscribe: { type: 'enum', values: ['own', 'all'], default: 'own' },
        },
        async handler(ctx: Call<AddParams>): Promise<OfficeView> {
          const { id, name = id, subscribe } = ctx.params;
          const row = await ledger().addOffice({ office: id, name, subscribe });
          await ctx.broadcast('offices.changed');
          return viewOffice(row, {}, office.datasets);
        },
      },
      retire: {
        params: { $$strict: true, id: 'string' },
        async handler(ctx: Call<{ id: string }>): Promise<OfficeView> {
          const row = await ledger().retireOffice(ctx.params.id);
          await ctx.broadcast('offices.changed');
          return viewOffice(row, {}, office.datasets);
        },
      },
    },
  };
}
