import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { leftovers } from './leftovers.ts';
import type { User } from './ordinary-user.ts';
import { program } from './programs.ts';

/**
 * Erlang's port mapper on a port of its own. RabbitMQ would start one itself if it found none, as a daemon that
 * outlives it.
 */
export function startEpmd(port: number, user: User | undefined): { stop(): Promise<void> } {
  const child = spawn(program('epmd'), ['-port', String(port), '-address', '127.0.0.1'], {
    detached: true,
    stdio: 'ignore',
    ...user,
  });
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]);
  ended.catch(() => undefined);
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw new Error('epmd does not start');
  leftovers.add({ pid });
  return {
    async stop() {
      child.ref();
      child.kill('SIGTERM');
      await ended;
      leftovers.drop({ pid });
    },
  };
}
