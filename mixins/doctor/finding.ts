/** What was looked at, how it stands, and what to do about it. */
export interface Finding {
  readonly check: string;
  /** `warning`: it works, but not as it should. `problem`: it does not. */
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** null when there is nothing to do. */
  readonly advice: string | null;
}

export function fine(check: string, detail: string): Finding {
  return { check, state: 'ok', detail, advice: null };
}

export function warning(check: string, detail: string, advice: string): Finding {
  return { check, state: 'warning', detail, advice };
}

export function problem(check: string, detail: string, advice: string): Finding {
  return { check, state: 'problem', detail, advice };
}

export function officeShown(office: string, role: string): string {
  return `${office} (${role})`;
}

export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
}
