/** For a server that does not answer at all: a little more than what it allows itself. */
const ANSWER_TIMEOUT_MS = 75_000;
/** An index over a large log takes as long as it takes. */
export const SCHEMA_TIMEOUT_MS = 6 * 60 * 60 * 1000;

/** The driver's own timer outlives a connection that breaks, and with it the process. */
export async function withDeadline<T>(answer: Promise<T>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noAnswer()), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer(): Error {
  return Object.assign(new Error('The server does not answer'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
}
