import { ServiceBroker } from 'moleculer';
import type { OfficeConfig } from '../mixins/config.ts';
import type { Links, Office, OfficeOptions } from '../mixins/office.ts';
import { loadDatasets } from '../mixins/datasets/load-datasets.ts';
import { createOffice } from '../mixins/running-office.ts';
import { brokerOptions } from '../moleculer.config.ts';
import { conflictsService } from '../services/conflicts.service.ts';
import { datasetService } from '../services/dataset.service.ts';
import { datasetsService } from '../services/datasets.service.ts';
import { digestService } from '../services/digest.service.ts';
import { gatewayService } from '../services/gateway.service.ts';
import { healthService } from '../services/health.service.ts';
import { hubService } from '../services/hub.service.ts';
import { logService } from '../services/log.service.ts';
import { quarantineService } from '../services/quarantine.service.ts';
import { projectionsService } from '../services/projections.service.ts';
import { officesService } from '../services/offices.service.ts';
import { pageService } from '../services/page.service.ts';
import { syncService } from '../services/sync.service.ts';
import { gatewayUrl } from './gateway-url.ts';

export interface ServedOffice {
  readonly office: Office;
  readonly broker: ServiceBroker;
  /** Where its gateway listens; null without one. */
  readonly url: string | null;
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Instead of the one that LINK_URL names; null for none. */
  readonly link?: Links | null;
  readonly prepare?: OfficeOptions['prepare'];
}

/**
 * One office with all its services, in this process; several may live side by side.
 * @throws DomainError `cannot-listen`, `database-of-another-office`, ...: nothing is left running then
 */
export async function serveOffice(
  config: OfficeConfig,
  { link, prepare = 'make' }: ServeOptions = {},
): Promise<ServedOffice> {
  const broker = new ServiceBroker(brokerOptions(config));
  const journal = broker.getLogger('office');
  const datasets = await loadDatasets(config.datasetsDir);
  const given = link === undefined ? {} : { link };
  const office = createOffice(config, { journal, datasets, prepare, ...given });
  const port = addServices(broker, office);
  const stop = async (): Promise<void> => {
    await broker.stop();
    await office.stop();
  };
  try {
    await broker.start();
    await office.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { office, broker, url: port() === null ? null : gatewayUrl(config.host, port()!), stop };
}

/** Also those that the head adds while the office runs. One that is there follows when it changes. */
function addDatasets(broker: ServiceBroker, office: Office): void {
  const added = new Set<string>();
  const addMissing = (): void => {
    for (const { name } of office.datasets.all) {
      if (added.has(name)) continue;
      added.add(name);
      broker.createService(datasetService(office, name));
    }
  };
  addMissing();
  office.datasets.onChanged(addMissing);
}

/** Returns where the gateway listens, once it does. */
function addServices(broker: ServiceBroker, office: Office): () => number | null {
  const { host, port } = office.config;
  addDatasets(broker, office);
  const rest = [
    conflictsService,
    datasetsService,
    digestService,
    healthService,
    hubService,
    logService,
    quarantineService,
    officesService,
    pageService,
    projectionsService,
    syncService,
  ];
  for (const service of rest) broker.createService(service(office));
  let listening: number | null = null;
  const onListening = (bound: number) => (listening = bound);
  if (port !== null) broker.createService(gatewayService(office, { host, port, onListening }));
  return () => listening;
}
