import { linksUnderTest, testAmqp, type TestPlace } from '../harness/servers.ts';
import { AmqpWorld } from './amqp-world.ts';
import { linkContract } from './link.contract.ts';

let place: TestPlace;

const OFFICES = ['west', 'east', 'auditor', 'stranger'];

if (linksUnderTest().includes('amqp')) {
  beforeAll(async () => {
    place = await testAmqp();
  });
  afterAll(() => place.drop());
  linkContract('AMQP', () => AmqpWorld.open(place.url, OFFICES));
} else it.skip('the AMQP link is not among BRANCHLINE_TEST_LINKS', () => {});
