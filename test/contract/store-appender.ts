// Another process at the same database: appends so many events, one transaction each.
import { sales } from '../../domain/datasets/sales.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import { LogWriter, things } from './store-fixtures.ts';

const [url = '', count = '0'] = process.argv.slice(2);
const store = createStore({ url, office: 'west', role: 'branch', datasets: [things, sales] });
await store.open();
for (let done = 0; done < Number(count); done++) {
  await store.transaction(async (tx) => {
    const row = await tx.lockLog();
    const position = row.position + 1;
    const event = new LogWriter().event({ office: 'west', seq: position, id: crypto.randomUUID() }, position);
    await tx.insertEvents([event]);
    await tx.saveLog({ ...row, position });
  });
}
await store.close();
