import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { brokerCommands } from '../../cli/broker-commands.ts';
import { branchRights, headRights } from '../../mixins/link/amqp-rights.ts';

it('gives a branch its name, its answers and its feed, topics before the rest', () => {
  expect(brokerCommands('west', 'branchline', branchRights('west'))).toEqual([
    'rabbitmqctl add_user west',
    "rabbitmqctl set_topic_permissions --vhost branchline west branchline.up '^west$' '^$'",
    String.raw`rabbitmqctl set_permissions --vhost branchline west '^$' '^branchline\.up$' '^(branchline\.feed\.west|branchline\.control\.west(\.[\w-]+)?)$'`,
  ]);
});

it('quotes a virtual host that a shell would take apart', () => {
  const [, topics] = brokerCommands('west', "the $HOME; it's", branchRights('west'));
  expect(topics).toContain(String.raw`--vhost 'the $HOME; it'\''s' west`);
});

it('says in the README what the head needs', () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
  for (const command of brokerCommands('head', 'branchline', headRights()))
    expect(readme).toContain(`\n${command}\n`);
});
