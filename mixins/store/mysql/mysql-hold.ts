import type { Socket } from 'node:net';
import mysql from 'mysql2/promise';
import type { Hold } from '../sql.ts';
import { SILENCE_S, watchedHold } from '../watched-hold.ts';
import { withDeadline } from './deadline.ts';

const CONNECT_TIMEOUT_MS = 15_000;
/** Names of locks are the whole server's, and 64 characters long at most. */
const TAKE = `select get_lock(concat('branchline process ', md5(database())), 0) as held`;

/** Takes the database for one process: null when another one has it. The lock goes with its connection. */
export async function holdMysql(url: string): Promise<Hold | null> {
  const connection = await mysql.createConnection({
    uri: url,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableKeepAlive: true,
  });
  connection.on('error', () => {}); // its stream closes as well
  const ask = (sql: string) => withDeadline(connection.query<mysql.RowDataPacket[]>(sql));
  try {
    await ask(`set session wait_timeout = ${SILENCE_S}`);
    const [[row]] = await ask(TAKE);
    if (Number(row?.['held']) === 1) {
      const { stream } = (connection as unknown as { connection: { stream: Socket } }).connection;
      return watchedHold({ stream, ping: () => ask('select 1'), end: () => connection.end() });
    }
    await connection.end();
    return null;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
