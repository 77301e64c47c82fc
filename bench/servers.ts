import { join } from 'node:path';
import { makeFolder, removeFolder } from '../test/harness/folder.ts';
import { startMariaDb } from '../test/harness/mariadb.ts';
import { startPostgres } from '../test/harness/postgres.ts';
import { startRabbitMq } from '../test/harness/rabbitmq.ts';
import type { Server } from '../test/harness/server.ts';
import type { BenchServers } from './figure.ts';

/** Starts each server when it is first asked for: what is not measured does not run. */
export function benchServers(): BenchServers {
  const started: Promise<Server>[] = [];
  const folders: string[] = [];
  const once = <S extends Server>(start: () => Promise<S>): (() => Promise<S>) => {
    let server: Promise<S> | null = null;
    return () => {
      if (server === null) started.push((server = start()));
      return server;
    };
  };
  const postgres = once(startPostgres);
  const mariadb = once(startMariaDb);
  const rabbitmq = once(startRabbitMq);
  let count = 0;
  const uniqueName = (): string => `bench_${++count}`;
  const folder = async (): Promise<string> => {
    const made = await makeFolder('bench');
    folders.push(made);
    return made;
  };
  return {
    folder,
    broker: async () => (await rabbitmq()).createVhost(uniqueName()),
    database: async (kind) => {
      if (kind === 'sqlite') return `sqlite:${join(await folder(), 'bench.sqlite')}`;
      return (await (kind === 'postgresql' ? postgres() : mariadb())).createDatabase(uniqueName());
    },
    remove: async () => {
      const servers = await Promise.allSettled(started);
      const running = servers.flatMap((server) => (server.status === 'fulfilled' ? [server.value] : []));
      await Promise.all(running.map((server) => server.remove()));
      await Promise.all(folders.map(removeFolder));
    },
  };
}
