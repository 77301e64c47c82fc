import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { createAmqpBranchLink } from '../../mixins/link/amqp-branch.ts';
import { createAmqpHeadLink } from '../../mixins/link/amqp-head.ts';
import type { BranchLink, HeadLink } from '../../mixins/link/link.ts';
import { QUICK } from '../contract/amqp-world.ts';
import { batch, Listener, numbersOf, type BranchEnd, type HeadEnd } from '../contract/link-world.ts';
import { testAmqp, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { CERTIFICATE, PRIVATE_KEY } from './amqp-tls-certificate.ts';

let place: TestPlace;
let gate: Server;
let url: string;
let links: (BranchLink | HeadLink)[];

/** Takes TLS off in front of the broker. */
async function openGate(): Promise<Server> {
  const broker = new URL(place.url);
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (client) => {
    const inner = connect(Number(broker.port), broker.hostname);
    for (const socket of [client, inner]) socket.on('error', () => undefined);
    client.pipe(inner).pipe(client);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

beforeAll(async () => {
  place = await testAmqp();
  gate = await openGate();
  const secured = new URL(place.url);
  url = `amqps://${secured.username}:${secured.password}@localhost:${(gate.address() as AddressInfo).port}${secured.pathname}`;
});

afterAll(async () => {
  await new Promise((done) => gate.close(done));
  await place.drop();
});

beforeEach(() => {
  links = [];
});

afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()));
});

it('carries messages over TLS to a broker whose certificate is known', async () => {
  const options = { ...QUICK, url, tls: { ca: CERTIFICATE } };
  const head: HeadEnd = { link: createAmqpHeadLink(options), heard: new Listener() };
  const branch: BranchEnd = {
    link: createAmqpBranchLink({ ...options, office: 'west' }),
    heard: new Listener(),
  };
  links.push(head.link, branch.link);
  await head.link.start(head.heard.events);
  await branch.link.start(branch.heard.events);
  await Promise.all([head.heard.untilUp(), branch.heard.untilUp()]);
  await branch.link.send(batch(1));
  expect(numbersOf(await head.heard.until(1))).toEqual([1]);
});

it('trusts no broker whose certificate is not', async () => {
  const branch: BranchEnd = {
    link: createAmqpBranchLink({ ...QUICK, url, office: 'west' }),
    heard: new Listener(),
  };
  links.push(branch.link);
  await branch.link.start(branch.heard.events);
  await eventually(() => expect(branch.heard.downs.join()).toContain('certificate'));
  expect(branch.heard.downs.join()).not.toContain(new URL(url).password);
});

it('stops at once in the middle of a handshake', async () => {
  const silent = new URL(url);
  const server = createTcpServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  silent.port = String((server.address() as AddressInfo).port);
  const branch = createAmqpBranchLink({ ...QUICK, url: silent.href, office: 'west' });
  await branch.start(new Listener<never>().events);
  await eventually(async () => {
    const connections = await new Promise((done) => server.getConnections((_, count) => done(count)));
    expect(connections).toBe(2);
  });
  const begun = performance.now();
  await branch.stop();
  expect(performance.now() - begun).toBeLessThan(1_000);
  await new Promise((done) => server.close(done));
});
