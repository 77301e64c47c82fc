import { databasesUnderTest } from '../harness/servers.ts';
import { storeContract } from './store.contract.ts';

for (const kind of databasesUnderTest()) storeContract(kind);
