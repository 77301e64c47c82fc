import type { Scene } from '../scene.ts';
import { checkAgreement } from './agreement.ts';
import { checkCarriedOut } from './carried-out.ts';
import { checkCases } from './cases.ts';
import { checkCausality } from './causality.ts';
import { checkCauses } from './causes.ts';
import { checkChains } from './chains.ts';
import { checkContenders } from './contenders.ts';
import { checkCounts } from './counts.ts';
import { checkDefaults } from './defaults.ts';
import { checkFolds } from './folds.ts';
import { Histories } from './histories.ts';
import { checkNothingDoubled } from './nothing-doubled.ts';
import { checkNothingLost } from './nothing-lost.ts';
import { checkRefused } from './refused.ts';
import { checkRights } from './rights.ts';
import { checkRulings } from './rulings.ts';
import { checkShown } from './shown.ts';
import { checkQuiet } from './quiet.ts';

const CHECKERS = [
  checkNothingLost,
  checkNothingDoubled,
  checkChains,
  checkFolds,
  checkCauses,
  checkCausality,
  checkAgreement,
  checkCarriedOut,
  checkCases,
  checkShown,
  checkCounts,
  checkDefaults,
  checkRulings,
  checkRefused,
  checkContenders,
  checkQuiet,
  checkRights,
] as const;

/** What is wrong with the world after it has healed. */
export function checkFinal(scene: Scene): string[] {
  const histories = new Histories();
  return CHECKERS.flatMap((check) => check(scene, histories));
}
