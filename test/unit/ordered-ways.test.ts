import { DomainError, errorType } from '../../domain/errors.ts';
import { OrderedWays } from '../../mixins/link/ordered-ways.ts';

interface Published {
  readonly text: string;
  route(): void;
  refuse(type?: string): void;
}

/** A broker that answers when told to. */
class SlowBroker {
  readonly published: Published[] = [];
  made = 0;
  readonly #making: PromiseWithResolvers<void>[] = [];
  readonly #ways = new OrderedWays();

  send(...texts: string[]): Promise<string>[] {
    return texts.map((text) =>
      this.#ways
        .send('west', Buffer.from(text), { publish: (body) => this.#publish(body), make: () => this.#make() })
        .then(
          () => 'sent',
          (error: unknown) => errorType(error),
        ),
    );
  }

  async finishMaking(error?: DomainError): Promise<void> {
    const { resolve, reject } = this.#making.shift()!;
    if (error) reject(error);
    else resolve();
    await settled();
  }

  get texts(): string[] {
    return this.published.map(({ text }) => text);
  }

  #publish(body: Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refuse = (type = 'link-unroutable'): void => reject(new DomainError(type, type));
    this.published.push({ text: body.toString(), route: resolve, refuse });
    return promise;
  }

  #make(): Promise<void> {
    this.made++;
    return this.#making[this.#making.push(Promise.withResolvers<void>()) - 1]!.promise;
  }
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

let broker: SlowBroker;
beforeEach(() => {
  broker = new SlowBroker();
});

it('publishes at once what finds its way', async () => {
  const sent = broker.send('a', 'b');
  expect(broker.texts).toEqual(['a', 'b']);
  broker.published.forEach(({ route }) => route());
  expect(await Promise.all(sent)).toEqual(['sent', 'sent']);
  expect(broker.made).toBe(0);
});

it('keeps the order when a refusal comes while a later message waits already', async () => {
  void Promise.all(broker.send('a', 'b'));
  broker.published[0]!.refuse();
  await settled();
  void Promise.all(broker.send('c'));
  broker.published[1]!.refuse();
  await settled();
  await broker.finishMaking();
  expect(broker.texts.slice(2)).toEqual(['a', 'b', 'c']);
});

it('keeps the order when a refusal comes after the queue was made', async () => {
  const sent = broker.send('a', 'b');
  broker.published[0]!.refuse();
  await settled();
  await broker.finishMaking();
  sent.push(...broker.send('c'));
  expect(broker.texts).toEqual(['a', 'b']);
  broker.published[1]!.refuse();
  await settled();
  expect(broker.texts.slice(2)).toEqual(['a', 'b', 'c']);
  broker.published.slice(2).forEach(({ route }) => route());
  expect(await Promise.all(sent)).toEqual(['sent', 'sent', 'sent']);
  expect(broker.made).toBe(1);
});

it('gives a message up that finds no queue twice', async () => {
  const [sent] = broker.send('a');
  broker.published[0]!.refuse();
  await settled();
  await broker.finishMaking();
  broker.published[1]!.refuse();
  expect(await sent).toBe('link-unroutable');
});

it('passes on what else went wrong, and holds nothing against the next', async () => {
  const [lost] = broker.send('a');
  broker.published[0]!.refuse('link-unavailable');
  expect(await lost).toBe('link-unavailable');
  const waiting = broker.send('b', 'c');
  broker.published[1]!.refuse();
  broker.published[2]!.refuse();
  await settled();
  await broker.finishMaking(new DomainError('link-unavailable', 'away'));
  expect(await Promise.all(waiting)).toEqual(['link-unavailable', 'link-unavailable']);
  const [next] = broker.send('d');
  broker.published.at(-1)!.route();
  expect(await next).toBe('sent');
});
