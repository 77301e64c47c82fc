/** A task that one of an office's nodes should do at a time. Two doing it costs work, never correctness. */
export interface Duty {
  /** Takes the duty or keeps it for a few seconds more. True as well when there is nobody to ask. */
  isMine(): Promise<boolean>;
  /** Tells the other nodes that there is something to do. */
  announce(): void;
  onAnnounced(listener: () => void): void;
  /** Gives the duty back. */
  stop(): Promise<void>;
}

/** For an office on one node. */
export const soleDuty: Duty = {
  isMine: () => Promise.resolve(true),
  announce: () => undefined,
  onAnnounced: () => undefined,
  stop: () => Promise.resolve(),
};
