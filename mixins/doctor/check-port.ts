import type { OfficeConfig } from '../config.ts';
import { HttpServer, isLoopback } from '../http/http-server.ts';
import { type Finding, fine, problem, reasonOf, warning } from './finding.ts';

const CHECK = 'gateway';

/** Whether the office can listen where it is set to, and who reaches it there. A running one listens already. */
export async function checkGateway({ host, port }: OfficeConfig, isRunning: boolean): Promise<Finding[]> {
  const taken = isRunning || port === null ? null : await whyNotFree(host, port);
  if (taken !== null) return [problem(CHECK, taken, 'Set another PORT or HOST, or stop what listens there.')];
  const where = `${host}:${port ?? ''}`;
  if (isLoopback(host)) return [fine(CHECK, `http://${where}, reached from this machine only`)];
  const advice = 'Let only trusted machines reach it, or set HOST=127.0.0.1.';
  return [warning(CHECK, `Whoever reaches ${where} may do everything: there are no users yet`, advice)];
}

/** Listens there for a moment. */
async function whyNotFree(host: string, port: number): Promise<string | null> {
  const server = new HttpServer(() => {});
  try {
    await server.listen(host, port);
    return null;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await server.stop();
  }
}
