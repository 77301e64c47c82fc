import { Catalogue } from './catalogue.ts';
import { products } from './products.ts';
import { sales } from './sales.ts';
import { stock } from './stock.ts';

/** The datasets that come with the program. A new one is declared in its own file and named here; nothing else. */
export const BUILT_IN = new Catalogue([sales, products, stock]);
