import { unfitText } from '../../domain/datasets/definitions.ts';
import type { OfficeConfig } from '../../mixins/config.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { QuarantinedEvent } from '../../mixins/sync/quarantine-status.ts';
import type { OfficeStatus } from '../../mixins/sync/sync.ts';
import type { OpenConflicts } from '../conflicts/overdue.ts';
import { Html, html } from './html.ts';

/** What the page of an office shows. */
export interface OfficePage {
  readonly office: Pick<OfficeConfig, 'office' | 'name' | 'role'>;
  readonly status: OfficeStatus;
  /** The first of those that are kept here and will not be applied by themselves; null while the database is away. */
  readonly held: { readonly items: readonly QuarantinedEvent[]; readonly isAll: boolean } | null;
  /** null while the database is away. */
  readonly conflicts: OpenConflicts | null;
}

/** The page asks for itself again, so that who leaves it open sees what changes. */
const AGAIN_SECONDS = 15;

const STYLE = [
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}',
  'table{border-collapse:collapse;width:100%}',
  'th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ddd}',
  'td{overflow-wrap:anywhere}',
  'tbody th{width:12rem;font-weight:normal;color:#555}',
  '.problem{border-left:.3rem solid #b00;padding:.1rem 1rem;background:#fbeaea}',
  'button{font:inherit;padding:.3rem 1rem}',
].join('');

/** To the letter what its hash in the policy names. */
const STYLED = new Html(`<style>${STYLE}</style>`);

/** Nothing but the page's own style, and a form that only this office gets: no script, no frame, no other site. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${Buffer.from(machinePorts.sha256(Buffer.from(STYLE))).toString('base64')}'`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin', // with none, a form of this page could not be told from another site's
};

/** How the office stands, for people: whether it is in step, what does not move, and what is not applied. */
export function officePage({ office, status, held, conflicts }: OfficePage): string {
  const { name, role } = office;
  const title = `${name}: ${standing(role, status)}`;
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <meta http-equiv="refresh" content="${AGAIN_SECONDS}" />
      <title>${title}</title>
      ${STYLED}
      <h1>${name}</h1>
      <p id="standing">${standing(role, status)}</p>
      ${problemOf(status)} ${unfitOf(status)} ${role === 'head' ? overdueOf(conflicts) : html``}
      <table id="sync">
        <tbody>
          ${factsOf(office, status, conflicts)}
        </tbody>
      </table>
      ${role === 'branch' ? SYNC_BUTTON : html``} ${role === 'branch' ? reportOf(status) : html``}
      ${heldHere(held, status.waiting)}
      <p>
        For programs: <a href="/api/sync">/api/sync</a>, <a href="/api/quarantine">/api/quarantine</a>,
        <a href="/openapi.json">/openapi.json</a>
      </p>
    </html> `.text;
}

const SYNC_BUTTON = html`<form method="post" action="/page/sync">
  <p><button>Sync now</button></p>
</form>`;

const STANDINGS: Readonly<Record<string, string>> = {
  starting: 'Starting',
  offline: 'Offline; it sells on, and connects by itself',
  idle: 'Resting until it is asked to sync, or its hours come',
  paused: 'Paused until it is resumed',
  'waiting-for-head': 'Waiting for the head, which does not answer; it sells on',
  refused: 'Refused by the head; it sells on',
  fenced: 'Fenced: a second copy of this office, which must not sell',
  claiming: 'Claimed: the head finds out whether the other copy is alive; until then it must not sell',
};

function standing(role: OfficeConfig['role'], { state, pending, problem }: OfficeStatus): string {
  if (role === 'head') return problem === null ? 'Branches are heard' : 'Branches are not heard';
  if (state !== 'streaming') return STANDINGS[state] ?? 'Getting in step with the head';
  return pending === 0 ? 'In step with the head' : `In contact with the head: ${pending} events to send`;
}

function problemOf({ problem }: OfficeStatus): Html {
  if (problem === null) return html``;
  return html`<p class="problem" id="problem"><strong>${problem.type}</strong>: ${problem.detail}</p>`;
}

/** What the head has changed of datasets, and this office does not work with. */
function unfitOf({ unfit }: OfficeStatus): Html {
  if (unfit.length === 0) return html``;
  return html`<div class="problem" id="unfit">
    ${unfit.map((one) => html`<p><strong>dataset-unfit</strong>: ${unfitText(one)}</p>`)}
  </div>`;
}

/** At the head, where somebody can decide. */
function overdueOf(conflicts: OfficePage['conflicts']): Html {
  if (conflicts === null || conflicts.overdue === 0) return html``;
  const { overdue, alarmHours } = conflicts;
  return html`<p class="problem" id="overdue">
    <strong>conflicts-overdue</strong>: ${overdue} of the open conflicts have waited longer than ${alarmHours}
    hours for a decision: <code>branchline conflicts list --status open --older-than ${alarmHours}h</code>
  </p>`;
}

function factsOf(
  { office, role }: OfficePage['office'],
  status: OfficeStatus,
  conflicts: OfficePage['conflicts'],
): Html[] {
  const facts: (readonly [string, string | number])[] = [
    ['Office', `${office} (${role})`],
    ['Events written here', status.lastSeq],
    ...(role === 'branch' ? ([['Not yet at the head', status.pending]] as const) : []),
    ['Last contact', status.lastContactAt ?? 'never'],
    ['Open conflicts', conflicts?.open ?? 'not known: the database cannot be asked'],
    ['Events that wait here', status.waiting ?? 'not known: the database cannot be asked'],
  ];
  return facts.map(
    ([what, value]) =>
      html`<tr>
        <th>${what}</th>
        <td>${value}</td>
      </tr>`,
  );
}

/** What the head does not apply of what was written here. */
function reportOf({ quarantined: { count, items } }: OfficeStatus): Html {
  if (count === 0) return html`<p id="report">The head has quarantined nothing that was written here.</p>`;
  const more = count - items.length;
  return html`<h2>The head does not apply ${count} of this office’s events</h2>
    <p>
      They stay in the log, and only their sales wait. At the head:
      <code>branchline quarantine show ${items[0]?.event ?? ''}</code>
    </p>
    <table id="report">
      ${HEADING}
      <tbody>
        ${items.map(rowOf)}
      </tbody>
    </table>
    ${more > 0 ? html`<p>And ${more} more.</p>` : html``}`;
}

function heldHere(held: OfficePage['held'], waiting: OfficeStatus['waiting']): Html {
  if (held === null || waiting === 0 || held.items.length === 0) return html``;
  return html`<h2>Not applied here</h2>
    <p>They are judged again with <code>branchline quarantine retry</code>; the head alone discards.</p>
    <table id="held">
      ${HEADING}
      <tbody>
        ${held.items.map(rowOf)}
      </tbody>
    </table>
    ${held.isAll ? html`` : html`<p>And more.</p>`}`;
}

const HEADING = html`<thead>
  <tr>
    <th>Event</th>
    <th>What it is</th>
    <th>Why it is not applied</th>
  </tr>
</thead>`;

function rowOf({ event, type, dataset, entityId, reason, detail }: QuarantinedEvent): Html {
  return html`<tr>
    <td>${event}</td>
    <td>${type} of ${entityId} (${dataset})</td>
    <td>${reason}: ${detail}</td>
  </tr>`;
}
