import { startProcess } from '../../../bench/office-process.ts';
import { freePort } from '../../harness/ports.ts';

describe('a program that is measured', () => {
  it('is not waited for when it has ended, and its last words are told', async () => {
    const starting = startProcess({ args: ['lunch'], env: {}, port: await freePort() });
    await expect(starting).rejects.toThrow(/branchline lunch does not get ready: .*lunch/s);
    await expect(starting).rejects.toMatchObject({ cause: { message: 'It ended with 64' } });
  }, 30_000);
});
