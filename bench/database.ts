export const DATABASES = ['sqlite', 'postgresql', 'mariadb'] as const;
export type Database = (typeof DATABASES)[number];
