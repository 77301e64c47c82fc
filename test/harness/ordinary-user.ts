import { readFileSync } from 'node:fs';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user a server runs as: undefined (ourselves) for an ordinary user; for root the first of `names` that the
 * machine has, since PostgreSQL refuses to run as root and the others had better not.
 */
export function ordinaryUser(...names: string[]): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of [...names, 'nobody']) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`root starts no servers itself and finds none of the users ${names.join(', ')}, nobody`);
}
