import type { Socket } from 'node:net';
import pg from 'pg';
import type { Hold } from '../sql.ts';
import { SILENCE_S, watchedHold } from '../watched-hold.ts';

const ANSWER_TIMEOUT_MS = 15_000;

/** Whatever of this the server knows: `idle_session_timeout` came with PostgreSQL 14. */
const SESSION = `
  select set_config(s.name, value, false) from pg_settings s join (values
    ('idle_session_timeout', '${SILENCE_S}s'), ('statement_timeout', '${SILENCE_S}s'),
    ('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')
  ) v(name, value) on s.name = v.name`;
const TAKE = `select pg_try_advisory_lock(hashtext('branchline process'), hashtext(current_schema())) as held`;

/** Takes the database for one process: null when another one has it. The lock goes with its connection. */
export async function holdPostgres(url: string): Promise<Hold | null> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'branchline process',
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => {}); // its stream closes as well
  try {
    await client.connect();
    await client.query(SESSION);
    const { rows } = await client.query<{ held: boolean }>(TAKE);
    if (rows[0]?.held === true) {
      const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
      return watchedHold({ stream, ping: () => client.query('select 1'), end: () => client.end() });
    }
    await client.end();
    return null;
  } catch (error) {
    void client.end().catch(() => {});
    throw error;
  }
}
