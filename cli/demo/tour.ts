import { addDecimals, showDecimal } from '../../domain/decimal.ts';
import type { RunningDemo, TourSale } from './run-demo.ts';

const JSON_HEADER = `-H 'Content-Type: application/json'`;
const NEW_SALE =
  '{"soldOn":"2026-04-04","product":"Pens","region":"West","qty":12,"cost":"2.19","tax":"1.84"}';

/** What to try next: every indented line is a command to paste. */
export function tourOf({ offices, paused, sale }: RunningDemo): string {
  const urlOf = (name: string) => offices.find(({ office }) => office.config.office === name)!.url!;
  const list = offices.map(
    ({ office, url }) => `  ${office.config.office.padEnd(8)} ${url!}   ${office.database}`,
  );
  return [
    '',
    `${offices.length} offices are open, each with a database and a log of its own; Ctrl-C closes them:`,
    '',
    ...list,
    ...paused.map(
      (name) => `\n${name} is still paused since last time: curl -sS -X POST ${urlOf(name)}/api/sync/resume`,
    ),
    '',
    'Try this in another terminal.',
    '',
    ...offlineTour(urlOf('head'), urlOf('west')),
    '',
    ...conflictTour(urlOf('head'), urlOf('west'), sale),
    '',
  ].join('\n');
}

function offlineTour(head: string, west: string): string[] {
  return [
    '1. West loses its link, and sells on. The head does not have the new sale (see "total") until the link is back:',
    `  curl -sS -X POST ${west}/api/sync/pause`,
    `  curl -sS -X POST ${west}/api/sales ${JSON_HEADER} -d '${NEW_SALE}'`,
    `  curl -sS '${head}/api/sales?office=west&count=true&limit=1'`,
    `  curl -sS -X POST ${west}/api/sync/resume`,
    `  curl -sS -X POST ${west}/api/sync`,
    `  curl -sS '${head}/api/sales?office=west&count=true&limit=1'`,
  ];
}

/** Costs that differ from the present one, so that the tour shows a conflict also after a restart. */
function conflictTour(head: string, west: string, sale: TourSale | null): string[] {
  const { id, cost } = sale ?? { id: `tour-${Date.now()}`, cost: '2.19' };
  const change = (url: string, to: string) =>
    `  curl -sS -X PATCH ${url}/api/sales/${id} ${JSON_HEADER} -d '{"cost":"${showDecimal(to)}"}'`;
  return [
    '2. Both sides change the cost of one sale without knowing of each other; that is for a person to judge:',
    ...(sale === null ? recordAndSync(west, id) : []),
    `  curl -sS -X POST ${west}/api/sync/pause`,
    change(west, addDecimals(cost, '0.55')),
    change(head, addDecimals(cost, '0.25')),
    `  curl -sS -X POST ${west}/api/sync/resume`,
    `  curl -sS -X POST ${west}/api/sync`,
    `  curl -sS '${head}/api/conflicts?status=open'`,
    `  npm run -s branchline -- conflicts resolve ${id} --take west --url ${head}`,
    `  curl -sS ${west}/api/sales/${id}`,
  ];
}

/** Where west has no sale that both sides could change. */
function recordAndSync(west: string, id: string): string[] {
  const sale = NEW_SALE.replace('{', `{"id":"${id}",`);
  return [
    `  curl -sS -X POST ${west}/api/sales ${JSON_HEADER} -d '${sale}'`,
    `  curl -sS -X POST ${west}/api/sync/resume`,
    `  curl -sS -X POST ${west}/api/sync`,
  ];
}
