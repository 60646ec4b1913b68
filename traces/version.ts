import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
// The package file is one level further up from the compiled form in dist/.
const path = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';

/** The version of this package, as results and files carry it. */
export const VERSION: string = require(path).version;
