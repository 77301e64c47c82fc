// What a branch keeps for a broker that takes nothing: bounded, and out of the socket.
import { EventEmitter } from 'node:events';
import type { ConfirmChannel } from 'amqplib';
import { describe, expect, it } from '@jest/globals';
import { Publisher } from '../../mixins/link/amqp-publisher.ts';

const BODY = Buffer.alloc(1024 * 1024);
/** As many of these as may wait, and the one that fills the measure. */
const MOST = 65;

/** A channel of a broker that answers when it is told to. */
class Channel extends EventEmitter {
  readonly confirms: (() => void)[] = [];

  publish(_exchange: string, _key: string, _body: Buffer, _properties: object, confirm: () => void): boolean {
    this.confirms.push(() => confirm.call(null));
    return true;
  }
}

const outgoing = { exchange: 'branchline.up', routingKey: 'west', body: BODY, mandatory: true };

describe('a publisher to a blocked broker', () => {
  it('keeps a bounded number of bytes, sends none of them, and all when the broker takes them again', async () => {
    const channel = new Channel();
    const publisher = new Publisher(channel as unknown as ConfirmChannel, {
      confirmMs: 60_000,
      onStuck: (reason) => {
        throw reason;
      },
    });
    publisher.block(true);
    const kept = Array.from({ length: MOST }, () => publisher.publish(outgoing));
    await expect(publisher.publish(outgoing)).rejects.toMatchObject({
      type: 'link-unavailable',
      message: 'Too much is waiting already',
    });
    expect(channel.confirms).toHaveLength(0);
    publisher.block(false);
    expect(channel.confirms).toHaveLength(MOST);
    for (const confirm of channel.confirms) confirm();
    await Promise.all(kept);
    await publisher.idle();
  });
});
