import { M0001OfficeTables } from './m0001-office-tables.ts';
import { M0002Process } from './m0002-process.ts';
import { M0003CasesOfScope } from './m0003-cases-of-scope.ts';
import { M0004Quarantine } from './m0004-quarantine.ts';
import { M0005Projections } from './m0005-projections.ts';
import { M0006KeyedEvents } from './m0006-keyed-events.ts';
import { M0007Definitions } from './m0007-definitions.ts';
import { M0008StakeOfCases } from './m0008-stake-of-cases.ts';

/** In order. */
export const MIGRATIONS = [
  { name: 'm0001-office-tables', class: M0001OfficeTables },
  { name: 'm0002-process', class: M0002Process },
  { name: 'm0003-cases-of-scope', class: M0003CasesOfScope },
  { name: 'm0004-quarantine', class: M0004Quarantine },
  { name: 'm0005-projections', class: M0005Projections },
  { name: 'm0006-keyed-events', class: M0006KeyedEvents },
  { name: 'm0007-definitions', class: M0007Definitions },
  { name: 'm0008-stake-of-cases', class: M0008StakeOfCases },
];
