import type { Service, ServiceBroker, ServiceSchema } from 'moleculer';
import ApiGateway from 'moleculer-web';
import type { GatewayResponse, IncomingRequest, Route } from 'moleculer-web';
import { shownDataset } from '../domain/datasets/shown.ts';
import { DomainError } from '../domain/errors.ts';
import { HttpServer, isLoopback } from '../mixins/http/http-server.ts';
import { refuseForeignPages } from '../mixins/http/own-pages.ts';
import type { Office } from '../mixins/office.ts';
import type { Call } from './call.ts';
import type { Params } from './gateway/json-schema.ts';
import { openApi } from './gateway/openapi.ts';
import { queryOf } from './gateway/query.ts';
import { readRequest } from './gateway/request-params.ts';
import type { Rest, RouteTable } from './gateway/rest.ts';
import { routeTable } from './gateway/routes.ts';
import { PAGE_HEADERS } from './page/office-page.ts';
import { problemOf, problemStatus } from './problem.ts';

/** What moleculer-web keeps for a route. */
interface Alias {
  readonly method: string;
  readonly rest: Rest;
  match(url: string): Record<string, string> | false;
}

type Gateway = Service & {
  aliases: Alias[];
  addRoute(route: object): void;
  httpHandler(request: object, response: object): Promise<void>;
  fail(request: IncomingRequest, response: GatewayResponse, error: unknown): void;
};

export interface GatewayOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Told when requests are served. */
  readonly onListening?: (port: number) => void;
}

const QUIET = {
  server: false, // its own would end the whole process when the port is taken
  logRequest: null,
  logResponse: null,
  logRequestParams: null,
  logRouteRegistration: null,
};
/** Without its answer to changes of services: we have no automatic routes, and its delay would outlive the office. */
const API_GATEWAY: Partial<ServiceSchema> = { ...ApiGateway, events: {} };
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const PAGE_TYPE = 'text/html; charset=utf-8';
const RETRY_AFTER_SECONDS = '1';

/** The office over HTTP. Routes are in gateway/routes.ts; everything else is answered with a problem. */
export function gatewayService(office: Office, { host, port, onListening }: GatewayOptions): ServiceSchema {
  let table = routeTable(office.datasets.all);
  let server: HttpServer | null = null;
  return {
    name: 'gateway',
    mixins: [API_GATEWAY],
    dependencies: servicesOf(table),
    settings: { ...QUIET, routes: [routeOf(table, isLoopback(host))] } as object,
    actions: {
      listAliases: false,
      addRoute: false,
      removeRoute: false,
      index: { params: { $$strict: true }, handler: () => indexOf(office, table) },
      openapi: {
        params: { $$strict: true },
        handler: ({ broker }: Call) =>
          openApi({
            title: office.config.name,
            datasets: office.datasets.all.map(shownDataset),
            table,
            paramsOf: paramsIn(broker),
          }),
      },
    },
    methods: {
      parseQueryString({ url }: { url: string }) {
        const at = url.indexOf('?');
        return at < 0 ? { url, query: {} } : { url: url.slice(0, at), query: queryOf(url.slice(at + 1)) };
      },
      resolveAlias(this: Gateway, url: string, method = 'GET') {
        return resolve(this.aliases, url, method === 'HEAD' ? 'GET' : method);
      },
      encodeResponse(_: IncomingRequest, __: GatewayResponse, data: unknown) {
        return `${JSON.stringify(data)}\n`;
      },
      send404(this: Gateway, request: IncomingRequest, response: GatewayResponse) {
        this.fail(request, response, notFound(this.aliases, request));
      },
      errorHandler(this: Gateway, request: IncomingRequest, response: GatewayResponse, error: unknown) {
        this.fail(request, response, error);
      },
      fail(this: Gateway, request: IncomingRequest, response: GatewayResponse, error: unknown) {
        if (problemStatus(error) === 500)
          this.broker.getLogger('http').error(`${request.method} ${request.originalUrl}:`, error);
        sendProblem(request, response, error);
      },
    },
    async started() {
      const gateway = this as unknown as Gateway;
      server = new HttpServer((request, response) => void gateway.httpHandler(request, response));
      const address = await server.listen(host, port);
      office.datasets.onChanged(() => {
        table = routeTable(office.datasets.all);
        gateway.addRoute(routeOf(table, isLoopback(host))); // instead of the one before
      });
      const log = this.broker.getLogger('http');
      log.info(`Listening on http://${host}:${address.port}`);
      if (!isLoopback(host)) {
        log.warn(
          `Whoever reaches ${host}:${address.port} may do everything: there are no users and rights yet.`,
        );
      }
      onListening?.(address.port);
    },
    async stopped() {
      await server?.stop();
    },
  };
}

/** Of actions in this process and on other nodes. */
function paramsIn({ registry }: ServiceBroker): (action: string) => Params {
  const listed = registry.getActionList({ skipInternal: true }) as {
    name: string;
    action?: { params?: Params };
  }[];
  const params = new Map(listed.map(({ name, action }) => [name, action?.params]));
  return (action) => params.get(action) ?? {};
}

/** Waiting for them, the gateway never answers that a part of the office is missing. */
function servicesOf(table: RouteTable): string[] {
  const names = Object.values(table).map(({ action }) => action.slice(0, action.lastIndexOf('.')));
  return [...new Set(names)].filter((name) => name !== 'gateway');
}

function routeOf(table: RouteTable, listensOnLoopback: boolean): object {
  return {
    path: '/',
    bodyParsers: false,
    mergeParams: false,
    mappingPolicy: 'restrict',
    logging: false,
    aliases: Object.fromEntries(
      Object.entries(table).map(([path, rest]) => [path, { action: rest.action, rest }]),
    ),
    async onBeforeCall(
      this: Gateway,
      ctx: Call,
      _: Route,
      request: IncomingRequest,
      __: unknown,
      { rest }: Alias,
    ) {
      if (request.method === 'OPTIONS') throw notFound(this.aliases, request); // it finds the alias of GET
      refuseForeignPages(request, listensOnLoopback);
      const { params: path, query } = request.$params as {
        params: Record<string, string>;
        query: Record<string, string>;
      };
      const { params, idempotency } = await readRequest(request, rest, { path, query });
      request.$params = params;
      if (idempotency !== undefined) ctx.meta.idempotency = idempotency;
    },
    onAfterCall(ctx: Call, _: Route, request: IncomingRequest, response: GatewayResponse, data: unknown) {
      const { status, location, isPage } = (request.$alias as unknown as Alias).rest;
      response.statusCode = status?.(data) ?? 200;
      if (location !== undefined) (ctx.meta as { $location?: string }).$location = location(data);
      if (isPage === true)
        Object.assign(ctx.meta, { $responseType: PAGE_TYPE, $responseHeaders: PAGE_HEADERS });
      if (ctx.meta.replayed === true) response.setHeader('Idempotency-Replayed', 'true');
      response.setHeader('Cache-Control', 'no-store');
      return data;
    },
  };
}

function resolve(aliases: readonly Alias[], url: string, method: string) {
  for (const alias of aliases) {
    const params = alias.method === method && alias.match(url);
    if (params) return { alias, params };
  }
  return false;
}

function notFound(aliases: readonly Alias[], request: IncomingRequest): DomainError {
  const { method = '', parsedUrl: path } = request;
  const allowed = [...new Set(aliases.filter((alias) => alias.match(path)).map((alias) => alias.method))];
  if (allowed.length === 0) return new DomainError('unknown-route', `There is nothing at ${path}`, {});
  if (allowed.includes('GET')) allowed.push('HEAD');
  return new DomainError('method-not-allowed', `${path} takes ${allowed.join(', ')}, not ${method}`, {
    allowed,
  });
}

function sendProblem(request: IncomingRequest, response: GatewayResponse, error: unknown): void {
  if (response.headersSent) return;
  const problem = problemOf(error, request.originalUrl);
  response.statusCode = problem.status;
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.setHeader('Cache-Control', 'no-store');
  if (problem.status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  if (problem.status === 405) response.setHeader('Allow', String(problem['allowed']).replaceAll(',', ', '));
  response.end(`${JSON.stringify(problem, plain)}\n`);
}

/** An error may carry anything. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function indexOf({ config: { office, role, name } }: Office, table: RouteTable): object {
  return { office, role, name, routes: Object.keys(table) };
}
