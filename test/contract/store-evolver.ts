// Another process of an office: brings its dataset to a new shape, and is killed after so many changes of the table.
import { subscribe } from 'node:diagnostics_channel';
import { channelOf } from '../../mixins/moments.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import { broughtTo, grown, original } from './store-shapes.ts';

const [url = '', changes = '0'] = process.argv.slice(2);
let left = Number(changes);
const store = createStore({ url, office: 'west', role: 'branch', datasets: [original] });
await store.open();
subscribe(channelOf('table-altered'), () => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
});
await broughtTo(store, grown);
await store.close();
