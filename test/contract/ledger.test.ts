import { databasesUnderTest } from '../harness/servers.ts';
import { ledgerContract } from './ledger.contract.ts';

for (const kind of databasesUnderTest()) ledgerContract(kind);
