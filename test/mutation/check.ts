/** One thing that can fail: a unit test, or a simulated history. */
export interface Check {
  readonly id: string;
  readonly file: string;
  readonly run: () => Promise<void>;
}
