import type { OfficeConfig } from '../config.ts';
import { HttpServer, isLoopback } from '../http/http-server.ts';
import { type Finding, fine, problem, reasonOf, warning } from './finding.ts';

const CHECK = 'gateway';

/**
 * Whether the office can listen where it is set to, and who reaches it there. `answering`: the office that answers
 * there now, null for none; `isRunning`: this office runs, there or elsewhere.
 */
export async function checkGateway(
  { office, host, port }: OfficeConfig,
  answering: string | null,
  isRunning: boolean,
): Promise<Finding[]> {
  if (answering !== null && answering !== office) {
    const detail = `${host}:${port ?? ''} is in use by office ${answering}`;
    return [problem(CHECK, detail, `Set another PORT or HOST, or stop ${answering}.`)];
  }
  const taken = isRunning || port === null ? null : await whyNotFree(host, port);
  if (taken !== null) return [cannotListen(taken)];
  const where = `${host}:${port ?? ''}`;
  if (isLoopback(host)) return [fine(CHECK, `http://${where}, reached from this machine only`)];
  const advice = 'Let only trusted machines reach it, or set HOST=127.0.0.1.';
  return [warning(CHECK, `Whoever reaches ${where} may do everything: there are no users yet`, advice)];
}

/** The reason ends with a sentence that says what to do, except for the rarest ones. */
function cannotListen(reason: string): Finding {
  const [, detail = reason, advice = 'Set another PORT or HOST.'] = /^(.+\.) ([^.]+\.)$/.exec(reason) ?? [];
  return problem(CHECK, detail, advice);
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
