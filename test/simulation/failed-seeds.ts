import type { Tempo } from './plan.ts';

export type FailedSeed = readonly [seed: number, what: string, tempo?: Tempo];

/**
 * Seeds that ever failed, with what was wrong then. A seed is another history after most changes of the program or of
 * the simulator, so this is a list of bad luck to try again, not of proofs. They are dense minutes unless it says otherwise.
 */
export const FAILED_SEEDS: readonly FailedSeed[] = [
  [1, 'a fenced copy read what it hands over before it stopped selling'],
  [7, 'head events returned after the wrong tip; a lost position of the feed'],
  [19, 'the only copy of an office was fenced after greetings that got lost'],
  [20, 'the end of the log went back with a late read; a read ran ahead of what was told of'],
  [21, 'own events that came back were not held against the hash that the head has behind them'],
  [28, 'a repair judged by the status that an event had before it'],
  [45, 'an epoch granted before the head was restored was refused'],
  [
    49,
    'who asked for a sync again and again began again and again; a restored head used the id of a lost event',
  ],
  [39, 'a copy that was free again, and whose disk was full just then, streamed on and never sold again'],
  [59, 'a message was damaged on its way and taken for a good one'],
  [66, 'a slow line was filled with probes and pulls'],
  [76, 'a repair could not begin at the very start of a log'],
  [80, 'the head took nothing from the broker any more after its database was back'],
  [
    208,
    'a greeting that came twice, from a process that had died, had its office taken for alive and the next one fenced',
  ],
  [
    156,
    'a restored head filled the place of a branch’s cursor with another event before anybody noticed the restore',
  ],
  [159, 'a request told a second time by a restored branch was held against what its first telling had seen'],
  [215, 'two lives of a head whose clock was set back had one name'],
  [
    233,
    'a database that failed while a change of a dataset was taken up left what had come too early waiting',
  ],
  [265, 'a restored head refused what waited in its queue because it had forgotten the epoch'],
  [1214, 'a lease was longer than it was when the clock was set back'],
  [1344, 'two lives that reported the same of one command were joined as two reports'],
  [1912, 'what was returned to a head went to one that was restored since, without its causes'],
  [592, 'what a till asked a restored head for again was taken for a sale of another', 'seasons'],
  [3002, 'a fenced copy whose other one was gone stayed fenced for ever'],
  [3128, 'a ruling on a field that an edit had settled meanwhile was taken for senseless'],
  [
    3220,
    'what a copy had written under a known id, and the other one wrote again, was taken for an event of that one',
  ],
  [10516, 'a restored head did not ask for events that lay in a hole of its log'],
  [10861, 'an acknowledgement of the other copy’s event was taken for the own one'],
  [11202, 'head events came back in the order of a later life of the feed'],
  [11420, 'nobody heard of a conflict whose commit was unknown'],
  [20115, 'a restored head answered a pull of a session from before'],
  [20158, 'two lives of the feed had one number'],
  [20244, 'what a copy wrote did not say that it had seen what was written again already'],
  [20435, 'a lost message of returned events was not missed'],
];
