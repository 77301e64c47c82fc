/** Times and sizes of the protocol. Milliseconds, bytes, counts. */
export const LIMITS = {
  /** An answer to a greeting, a fetch or a pull is waited for this long before it is asked again. */
  answerMs: 5_000,
  /** Pause before greeting again, doubled each time up to the longest. */
  backoffMs: 1_000,
  backoffMaxMs: 60_000,
  /** After a refusal (unknown office, other version): somebody has to act first. */
  refusedRetryMs: 30_000,
  /** After a refusal as a second copy: the lease of an earlier process ends by itself. */
  copyRetryMs: 7_000,
  /** How long whoever holds the lease has to answer when another process of its office greets. */
  challengeMs: 5_000,
  /** Quiet after which sent but unacknowledged batches are followed by a probe; doubled while unanswered. */
  probeMs: 2_000,
  probeMaxMs: 30_000,
  /** A branch with nothing to say says so: keeps its lease, and hears of a head that was restored. */
  idleProbeMs: 20_000,
  /** A branch whose datasets have changed greets again so much later; while it sends, up to so much later still. */
  tellDatasetsMs: 4_000,
  tellDatasetsBusyMs: 30_000,
  /** How long a session counts as alive after its last message. */
  leaseMs: 60_000,
  beaconMs: 15_000,
  /** Batches sent and not yet acknowledged. */
  windowBatches: 8,
  windowBytes: 2 * 1024 * 1024,
  fetchEvents: 500,
  pullEvents: 500,
  /** Of a restored head's own, that a branch returns in one message. */
  returnEvents: 500,
  messageBytes: 256 * 1024,
  headTips: 32,
  /** How many quarantined events the head names to their office, and characters that are said of each. */
  refusalDetail: 1_000,
  reportItems: 3,
  reportDetail: 300,
  /** How many epochs in a row one grant is good for: a repair uses one for every epoch of the events it moves. */
  grantedEpochs: 1_000,
  wireVersion: 1,
} as const;

/** Full jitter (Brooker, "Exponential Backoff and Jitter", 2015), but never under half: `random` in [0, 1). */
export function jittered(delayMs: number, random: number): number {
  return Math.round(delayMs * (0.5 + random / 2));
}

export function backoffMs(attempt: number, random: number): number {
  return jittered(Math.min(LIMITS.backoffMs * 2 ** Math.min(attempt, 16), LIMITS.backoffMaxMs), random);
}
