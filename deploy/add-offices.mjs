// Makes branches known to a running head; those that it knows stay as they are.
//   node deploy/add-offices.mjs HEAD_URL ID=NAME ...
const OFFICE_EXISTS = 'urn:branchline:problem:office-exists';
const WAIT_MS = 10_000;

async function add(head, office) {
  const [id, name = id] = office.split('=');
  const answer = await fetch(new URL('/api/offices', head), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, name }),
    signal: AbortSignal.timeout(WAIT_MS),
  });
  if (answer.ok) return `${id}: added`;
  const problem = await answer.json().catch(() => ({}));
  if (problem.type === OFFICE_EXISTS) return `${id}: known already`;
  throw new Error(`${id} cannot be added: ${problem.detail ?? `the head answered ${answer.status}`}`);
}

try {
  const [head, ...offices] = process.argv.slice(2);
  if (!head || offices.length === 0)
    throw new Error('usage: node deploy/add-offices.mjs HEAD_URL ID=NAME ...');
  for (const office of offices) console.log(await add(head, office));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
