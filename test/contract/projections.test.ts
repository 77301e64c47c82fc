import { databasesUnderTest } from '../harness/servers.ts';
import { projectionsContract } from './projections.contract.ts';

for (const kind of databasesUnderTest()) projectionsContract(kind);
