import { errorType } from '../../domain/errors.ts';
import { type OfficeConfig, readConfig, type SettingProblem, SETTINGS } from '../config.ts';
import { PROGRAM } from '../program.ts';
import { type Finding, fine, officeShown, problem, warning } from './finding.ts';

const OLDEST_NODE = 24;
const OURS = /^(OFFICE|SYNC|LINK|DATABASE|HEAD|RETENTION|SUBSCRIBE|TRANSPORTER|REDIS)_?/;

export function checkVersions(): Finding {
  const detail = `program ${PROGRAM}, Node ${process.versions.node} on ${process.platform}-${process.arch}`;
  const isOld = Number(process.versions.node.split('.')[0]) < OLDEST_NODE;
  return isOld ? problem('versions', detail, `Use Node ${OLDEST_NODE} or later.`) : fine('versions', detail);
}

export function checkSettings(environment: Readonly<Record<string, string | undefined>>): {
  readonly config: OfficeConfig | null;
  readonly findings: readonly Finding[];
} {
  const misspelled = misspelledSettings(environment);
  try {
    const config = readConfig(environment);
    return { config, findings: [...aboutConfig(config), ...misspelled] };
  } catch (error) {
    if (errorType(error) !== 'invalid-configuration') throw error;
    const { problems } = (error as unknown as { data: { problems: SettingProblem[] } }).data;
    const wrong = problems.map(({ setting, reason }) =>
      problem('configuration', `${setting} ${reason}`, `Correct ${setting}.`),
    );
    return { config: null, findings: [...wrong, ...misspelled] };
  }
}

function aboutConfig({ office, role, linkUrl, redisUrl }: OfficeConfig): Finding[] {
  const findings = [fine('configuration', `office ${officeShown(office, role)}`)];
  if (linkUrl === null) {
    findings.push(
      warning('configuration', 'LINK_URL is not set: this office stays alone', 'Set LINK_URL to the broker.'),
    );
  }
  if (redisUrl !== null && role === 'branch') {
    findings.push(
      warning('configuration', 'REDIS_URL is set, and only a head uses Redis', 'Leave REDIS_URL out.'),
    );
  }
  return findings;
}

function misspelledSettings(environment: Readonly<Record<string, string | undefined>>): Finding[] {
  return Object.keys(environment)
    .filter((name) => OURS.test(name) && !SETTINGS.includes(name))
    .map((name) =>
      warning('configuration', `${name} is set, and no setting of an office`, `Is ${name} misspelled?`),
    );
}
