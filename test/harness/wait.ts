const POLL_MS = 50;

/** Resolves with the first value of `attempt` that does not throw; after `deadlineMs` with its last error. */
export async function eventually<T>(attempt: () => Promise<T> | T, deadlineMs = 10_000): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
