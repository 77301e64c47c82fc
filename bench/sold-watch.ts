import { setTimeout as after } from 'node:timers/promises';
import pg from 'pg';

const CHANNEL = 'sold';

/** Hears of every new row of `sales` in two PostgreSQL databases at the moment of its commit, in this process's time. */
export interface SoldWatch {
  /** Forgets what was heard. */
  begin(): void;
  /** Resolves when `count` sales at least were heard of in both, and none in only one of them. */
  settled(count: number, deadlineMs: number): Promise<void>;
  /** From the first to the second, of each sale. */
  delaysMs(): number[];
  close(): Promise<void>;
}

export async function watchSold(firstUrl: string, secondUrl: string): Promise<SoldWatch> {
  const [first, second] = [await listen(firstUrl), await listen(secondUrl)];
  const isSettled = (count: number) => first.heard.size >= count && first.heard.size === second.heard.size;
  return {
    begin: () => {
      first.heard.clear();
      second.heard.clear();
    },
    settled: async (count, deadlineMs) => {
      const latestMs = performance.now() + deadlineMs;
      while (!isSettled(count)) {
        if (performance.now() > latestMs)
          throw new Error(`Of ${first.heard.size} sales only ${second.heard.size} have come to the head`);
        await after(1);
      }
    },
    delaysMs: () => [...first.heard].map(([id, atMs]) => second.heard.get(id)! - atMs),
    close: async () => {
      await first.client.end();
      await second.client.end();
    },
  };
}

interface Ear {
  readonly client: pg.Client;
  /** When, by entity id. */
  readonly heard: Map<string, number>;
}

async function listen(url: string): Promise<Ear> {
  const client = new pg.Client({ connectionString: url });
  const heard = new Map<string, number>();
  await client.connect();
  await client.query(`create function tell_sold() returns trigger language plpgsql as
    $$ begin perform pg_notify('${CHANNEL}', new.entity_id); return null; end $$`);
  await client.query(
    'create trigger tell_sold after insert on sales for each row execute function tell_sold()',
  );
  client.on('notification', ({ payload = '' }) => heard.set(payload, performance.now()));
  await client.query(`listen ${CHANNEL}`);
  return { client, heard };
}
