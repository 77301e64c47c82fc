export const NODE_FLAGS: readonly string[];
export function compileCache(root: string): { readonly NODE_COMPILE_CACHE: string };
